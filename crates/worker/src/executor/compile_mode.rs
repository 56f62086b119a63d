//! How the text of a snippet is to be compiled: as a whole, or one statement after the other.
//!
//! Compiling statements one by one costs three times as much as compiling them together, and is needed only where the
//! last one has a value. The answer errs on one side: a snippet that may have a value is compiled one by one.

/// Words that begin a statement which is no expression.
const WORDS: [&str; 14] = [
    "assert", "async", "class", "def", "del", "for", "from", "global", "import", "pass", "raise", "try",
    "while", "with",
];

/// Whether the last statement is surely no expression, or one whose value is `None`.
pub(crate) fn has_no_value(code: &str) -> bool {
    // Quotes, brackets and backslashes join lines, so that the last line may be a part of something else.
    if code.contains("\"\"\"") || code.contains("'''") || code.contains("\\\n") {
        return false;
    }

    let Some(start) = last_statement(code) else { return false };
    let (before, last) = code.split_at(start);
    brackets(before) == 0 && brackets(last) == 0 && (is_no_expression(last) || is_print(last))
}

/// Whether statements need a loop that runs around them, as `python -m asyncio` has it, and start none of their own.
pub(crate) fn wants_loop(code: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
    has(&["create_task(", "ensure_future(", "get_running_loop(", "current_task("])
        && !has(&["asyncio.run(", "run_until_complete(", "Runner("])
}

/// Where the last line begins that is neither indented nor blank nor a comment.
fn last_statement(code: &str) -> Option<usize> {
    let mut start = None;
    let mut offset = 0;
    for line in code.split_inclusive('\n') {
        if !line.starts_with([' ', '\t', '\n', '\r', '#', ')', ']', '}']) {
            start = Some(offset);
        }
        offset += line.len();
    }
    start
}

/// Whether the first word begins a statement of another kind, or the statement assigns. A second statement on the line
/// could be an expression.
fn is_no_expression(statement: &str) -> bool {
    if statement.contains(';') {
        return false;
    }

    let end =
        statement.find(|character: char| !character.is_alphanumeric() && !matches!(character, '_' | '.'));
    let (first, rest) = statement.split_at(end.unwrap_or(statement.len()));
    statement.starts_with('@') || WORDS.contains(&first) || !first.is_empty() && rest.starts_with(" = ")
}

/// Whether the statement is a call of `print` and nothing else, whose value is `None`.
fn is_print(statement: &str) -> bool {
    let Some(arguments) = statement.strip_prefix("print(") else { return false };
    let mut depth = 1;
    for (offset, byte) in arguments.bytes().enumerate() {
        depth += bracket(byte);
        if depth == 0 {
            let rest = arguments[offset + 1..].trim_start();
            return rest.is_empty() || rest.starts_with('#');
        }
    }
    false
}

/// Opening brackets minus closing ones. Brackets in strings may spoil the count; then the snippet is compiled one by one.
fn brackets(text: &str) -> i32 {
    text.bytes().map(bracket).sum()
}

fn bracket(byte: u8) -> i32 {
    match byte {
        b'(' | b'[' | b'{' => 1,
        b')' | b']' | b'}' => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, expected: bool) {
        assert_eq!(has_no_value(code), expected, "{code}");
    }

    #[test]
    fn codes() {
        check("x = 1\nprint(x)\n", true);
        check("print(1)  # 1\n", true);
        check("def f():\n    return 1\n", true);
        check("import os\n\n# done\n", true);
        check("print(\n    1,\n)\n", true);
        check("x\n", false);
        check("x = 1\nx\n", false);
        check("f(x)\n", false);
        check("x == 1\n", false);
        check("x = 1; x\n", false);
        check("foo(\nprint(1)\n)\n", false);
        check("\"\"\"\nprint(1)\n\"\"\"\n", false);
        check("y + \\\nprint(1)\n", false);
        check("print(1) or 2\n", false);
        check("print(')')\n", false);
        check("for x in y:\n    x\n", true);
        check("if x:\n    x\nelse:\n    y\n", false);
        check("", false);
    }
}
