//! Examples that are one statement, with a prompt before each of its lines (xdoctest, "Google style doctests").
//! `doctest` would refuse each of them.

use crate::expect::doctest::parse::PromptedExample;
use crate::model::snippet::Line;
use crate::syntax::Tree;

/// Lines that a statement can have in this form.
const MOST_LINES: usize = 200;
/// How often the examples of one text are parsed to see whether they go on; a text with more is read as it stands.
const MOST_PARSES: usize = 10_000;

/// First words that continue a statement.
const BRANCHES: &[&str] = &["elif", "else", "except", "finally"];

/// An example, and how many further examples of the text it is made of.
pub(super) struct Joined {
    pub(super) example: PromptedExample,
    pub(super) further: usize,
}

/// The examples, with those in one that only together are a statement.
pub(super) fn joined(examples: &[PromptedExample]) -> Vec<Joined> {
    let mut whole = Vec::with_capacity(examples.len());
    let (mut rest, mut parses) = (examples, MOST_PARSES);
    while let Some((first, below)) = rest.split_first() {
        let (example, further) = statement(first, below, &mut parses).unwrap_or_else(|| (first.clone(), 0));
        whole.push(Joined { example, further });
        rest = &below[further..];
    }
    whole
}

/// A statement that begins with an example, and how many further examples it takes.
fn statement(
    first: &PromptedExample,
    below: &[PromptedExample],
    parses: &mut usize,
) -> Option<(PromptedExample, usize)> {
    let mut joined = first.clone();
    let mut count = 0;
    for next in below.iter().take(MOST_LINES) {
        let lines = u32::try_from(joined.code.split('\n').count()).ok()?;
        let is_adjacent = joined.want.is_empty() && next.line == Line(joined.line.0.saturating_add(lines));
        if !is_adjacent || !(continues(&next.code) || is_open(&joined.code)) {
            break;
        }

        *parses = parses.checked_sub(1)?;
        joined.code.extend(["\n", &next.code]);
        joined.want.clone_from(&next.want);
        joined.below = next.below;
        count += 1;
    }
    (count > 0 && is_one_statement(&joined.code)).then_some((joined, count))
}

/// Whether code continues a statement above it.
fn continues(code: &str) -> bool {
    let word = code.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
    code.starts_with([' ', '\t']) || BRANCHES.contains(&word)
}

/// Whether code lacks what stands below it.
fn is_open(code: &str) -> bool {
    let last = code.lines().next_back().unwrap_or_default().trim_end();
    let may_be_open = last.ends_with([':', ',', '\\'])
        || last.starts_with('@')
        || code.contains(['(', '[', '{'])
        || ["\"\"\"", "'''"].iter().any(|quotes| code.contains(quotes));
    may_be_open && Tree::parse(code).fault().is_some()
}

fn is_one_statement(code: &str) -> bool {
    let tree = Tree::parse(code);
    tree.fault().is_none() && tree.module().body.len() == 1
}

/// The line of an example that `doctest` takes for code and that cannot be it: dots with which an output begins.
pub(super) fn dots_of_output(example: &PromptedExample) -> Option<(Line, &str)> {
    let (first, rest) = example.code.split_once('\n')?;
    let second = rest.lines().next().filter(|line| !line.trim().is_empty())?;
    let is_complete = !first.trim().is_empty() && Tree::parse(first).fault().is_none();
    let is_wrong =
        is_complete && !is_one_statement(&example.code) && !example.wanted().contains("SyntaxError");
    is_wrong.then(|| (Line(example.line.0.saturating_add(1)), second))
}

#[cfg(test)]
mod tests {
    use super::{dots_of_output, joined};
    use crate::expect::doctest::parse::parse;
    use crate::model::snippet::Line;

    /// Code and want of each example.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let examples = joined(&parse(text, Line(1)).0);
        let found: Vec<_> =
            examples.iter().map(|joined| (joined.example.code.as_str(), joined.example.wanted())).collect();
        let expected: Vec<_> = expected.iter().map(|(code, want)| (*code, (*want).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn lines_of_a_statement_are_joined() {
        check(
            ">>> def f(a):\n>>>     if a:\n>>>         return 1\n>>>     return 2\n>>> f(0)\n2\n",
            &[("def f(a):\n    if a:\n        return 1\n    return 2", ""), ("f(0)", "2\n")],
        );
        check(">>> for x in y:\n>>>     x\n1\n>>> 2\n", &[("for x in y:\n    x", "1\n"), ("2", "")]);
        check(">>> f(1,\n>>>   2)\n3\n", &[("f(1,\n  2)", "3\n")]);
        check(">>> if x:\n>>>     1\n>>> else:\n>>>     2\n", &[("if x:\n    1\nelse:\n    2", "")]);
        check(">>> @a\n>>> def f():\n>>>     pass\n", &[("@a\ndef f():\n    pass", "")]);
        check(">>> s = '''\n>>> a\n>>> '''\n", &[("s = '''\na\n'''", "")]);
        check(">>> class A:\n>>>     x = 1\n...     y = 2\n", &[("class A:\n    x = 1\n    y = 2", "")]);
    }

    #[test]
    fn other_examples_stay() {
        check(">>> x = 1\n>>> x\n1\n", &[("x = 1", ""), ("x", "1\n")]);
        check(">>> for x in y:\n...     x\n>>> 1\n", &[("for x in y:\n    x", ""), ("1", "")]);
        check(">>> f(\n>>> x\n", &[("f(", ""), ("x", "")]);
        check(">>> if x:\n\n>>>     1\n", &[("if x:", ""), ("    1", "")]);
        check(">>> x = 1\n>>>   y\n", &[("x = 1", ""), ("  y", "")]);
    }

    #[test]
    fn dots_begin_no_output() {
        let dots = |text: &str| {
            let example = parse(text, Line(1)).0.remove(0);
            dots_of_output(&example).map(|(line, text)| (line.0, text.to_owned()))
        };
        assert_eq!(dots(">>> print('a 1')\n... 1\n"), Some((2, "1".to_owned())));
        assert_eq!(dots(">>> f()\n... and so on\n"), Some((2, "and so on".to_owned())));
        assert_eq!(dots(">>> x = 3\n...\n"), None);
        for text in [
            ">>> for x in y:\n...     x\n",
            ">>> f(1,\n... 2)\n",
            ">>> if x: pass\n... else: pass\n",
            ">>> x = 1\n... # so\n",
            ">>> x = 1\n... y = 2\nTraceback (most recent call last):\nSyntaxError: multiple statements\n",
        ] {
            assert_eq!(dots(text), None, "{text}");
        }
    }
}
