//! Which `assert` statements need nothing done to them ahead: their operands can be read once they have failed.
//!
//! Keeping operands takes a tree of the code as Python objects, which costs a session more than all of a short snippet.

/// Words that take part in expressions without being values.
const NO_VALUES: [&str; 7] = ["and", "or", "if", "else", "for", "lambda", "await"];

/// Words of code that looks at code, or takes it elsewhere, and has to find its own. Compilers are called like `jit`.
const LOOKS_AT_CODE: [&str; 10] = [
    "dis",
    "__code__",
    "marshal",
    "cloudpickle",
    "dill",
    "numba",
    "settrace",
    "setprofile",
    "cProfile",
    "profile",
];

/// Whether `asserts.py` is to change assertions of the code. The answer errs on one side: there may be none to change.
pub(super) fn are_to_be_kept(code: &str) -> bool {
    code.contains("assert")
        && code.lines().any(|line| has_assert(line) && !is_readable_later(line))
        && !words(code).any(|word| LOOKS_AT_CODE.contains(&word) || word.ends_with("jit"))
}

fn has_assert(line: &str) -> bool {
    !line.trim_start().starts_with('#') && words(line).any(|word| word == "assert")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric() && character != '_')
}

/// Whether the line is an assertion at the top level that compares names, constants and collections of them, once at most.
/// None of its parts has an effect, and nothing of the snippet runs between its failure and its description.
/// `is_passive` in `asserts.py` asks the same of the tree.
fn is_readable_later(line: &str) -> bool {
    line.strip_prefix("assert").is_some_and(|test| Reader::new(test).reads_all())
}

/// Reads what follows the word `assert`.
struct Reader<'a> {
    rest: &'a str,
    /// Open brackets.
    depth: usize,
    comparisons: usize,
    in_message: bool,
    /// Whether a value ends here, so that a bracket would call it or take a part of it.
    after_value: bool,
}

impl<'a> Reader<'a> {
    fn new(rest: &'a str) -> Self {
        Self { rest, depth: 0, comparisons: 0, in_message: false, after_value: false }
    }

    fn reads_all(mut self) -> bool {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
            let Some(first) = self.rest.chars().next().filter(|first| *first != '#') else { break };
            if self.token(first).is_none() {
                return false;
            }
        }
        self.depth == 0 && self.comparisons <= 1 && self.after_value
    }

    /// `None` for what may have an effect, or is unknown.
    fn token(&mut self, first: char) -> Option<()> {
        match first {
            '"' | '\'' => self.string(""),
            '0'..='9' => {
                self.word();
                self.value()
            }
            '-' if !self.after_value && self.rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                self.skip(1)
            }
            '(' | '[' | '{' if !self.after_value => {
                self.depth += 1;
                self.skip(1)
            }
            ')' | ']' | '}' => {
                self.depth = self.depth.checked_sub(1)?;
                self.after_value = true;
                self.skip(1)
            }
            ',' => {
                if self.depth == 0 && std::mem::replace(&mut self.in_message, true) {
                    return None;
                }
                self.after_value = false;
                self.skip(1)
            }
            ':' if self.depth > 0 => {
                self.after_value = false;
                self.skip(1)
            }
            '=' | '!' | '<' | '>' => self.comparison(),
            _ if first.is_alphabetic() || first == '_' => self.name(),
            _ => None,
        }
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }

    fn value(&mut self) -> Option<()> {
        (!std::mem::replace(&mut self.after_value, true)).then_some(())
    }

    /// Letters, digits and, for numbers, points.
    fn word(&mut self) -> &'a str {
        let starts_number = self.rest.starts_with(|first: char| first.is_ascii_digit());
        let is_part = |character: char| {
            character.is_alphanumeric() || character == '_' || starts_number && character == '.'
        };
        let end = self.rest.find(|character| !is_part(character)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn comparison(&mut self) -> Option<()> {
        let sign = ["==", "!=", "<=", ">=", "<", ">"].into_iter().find(|sign| self.rest.starts_with(sign))?;
        self.skip(sign.len())?;
        self.compares()
    }

    fn compares(&mut self) -> Option<()> {
        self.comparisons += 1;
        let is_one = self.depth == 0 && !self.in_message && self.after_value;
        self.after_value = false;
        is_one.then_some(())
    }

    fn name(&mut self) -> Option<()> {
        match self.word() {
            // Of `not in` and `is not`, or before a value.
            "not" => Some(()),
            "in" | "is" => self.compares(),
            word if NO_VALUES.contains(&word) => None,
            prefix if self.rest.starts_with(['"', '\'']) => self.string(prefix),
            _ => self.value(),
        }
    }

    /// A string in one line. What one with a prefix `f` computes has an effect only by a call.
    fn string(&mut self, prefix: &str) -> Option<()> {
        let quote = self.rest.chars().next()?;
        let inner = self.rest.get(1..)?;
        let mut is_escaped = false;
        let end = inner.find(|character| {
            let ends = character == quote && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            ends
        })?;

        let (text, rest) = inner.split_at(end);
        let is_harmless = match prefix.to_ascii_lowercase().as_str() {
            "" | "r" | "b" | "u" | "br" | "rb" => true,
            "f" | "fr" | "rf" => self.in_message && !text.contains('('),
            _ => false,
        };
        self.rest = &rest[1..];
        // Two strings side by side are one, which three quotes begin as well.
        if !is_harmless || self.rest.starts_with(['"', '\'']) {
            return None;
        }
        self.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, expected: bool) {
        assert_eq!(are_to_be_kept(code), expected, "{code}");
    }

    #[test]
    fn operands_that_can_be_read_later() {
        for test in [
            "x == 3",
            "x",
            "not x",
            "x is not None  # set",
            "x not in (1, 'two', y)",
            "-1.5e3 < größe, 'too small'",
            "x == {'a': [1, -2], 'b': ()}, f'got {x!r:>8}'",
            "'it\\'s' == x, x",
            "rb'\\x00' != x",
            "(x, y) == (1, 2)",
        ] {
            check(&format!("x = 1\nassert {test}\nprint(x)\n"), false);
        }
        check("x = 1\nassert(x)\n", false);
    }

    #[test]
    fn operands_that_are_to_be_kept() {
        for test in [
            "len(x) == 3",
            "x.y == 3",
            "x[0] == 3",
            "x + 1 == 3",
            "-x == 3",
            "x == 3 and y",
            "x == 3 or y",
            "0 < x < 3",
            "x << 1",
            "x == 3, f(x)",
            "x == 3, f'{f(x)}'",
            "f'{x}' == 'a'",
            "x == 'a' 'b'",
            "x == '''a'''",
            "x == 3; y = 4",
            "(y := 3)",
            "[y for y in x]",
            "x if y else z",
            "await x",
            "x == \\",
            "x == (",
            "'a'.upper() == x",
            "{1}[0]",
            "(f)(x)",
            "@x",
            "(x == 3)",
            "",
        ] {
            check(&format!("assert {test}\n"), true);
        }
        check("if x:\n    assert x == 3\n", true);
        check("assert f(x)  # judged by profiles\n", true);
        check("x = 1; assert x == 3\n", true);
    }

    #[test]
    fn code_that_looks_at_code_finds_its_own() {
        check("import dis\nassert f(x)\n", false);
        check("@njit\ndef f(x):\n    assert g(x)\n", false);
    }

    #[test]
    fn code_without_assertions() {
        check("print(1)\n", false);
        check("# we assert that\nself.assertEqual(1, f())\nmy_assert(f())\n", false);
    }
}
