//! Comments that say which exception their statement raises: `d.x = 1  # AttributeError`.
//!
//! A statement that raises what its comment says does not end its snippet. The exception's own name must stand in the
//! comment, or the words of a type checker, whose findings are errors at run time as well.

use crate::model::outcome::Exception;
use crate::model::type_checkers::TYPE_CHECKERS;
use crate::worker::statement::StatementEnd;

/// Base classes that say nothing in particular.
const VAGUE: [&str; 3] = ["Exception", "BaseException", "object"];

/// Whether the comment after a statement names the exception. The first line of the code is line 1 of `end`.
pub(in crate::worker) fn is_expected(code: &str, end: StatementEnd, exception: &Exception) -> bool {
    let line = code.lines().nth(end.line.saturating_sub(1) as usize);
    let Some(rest) = line.and_then(|line| line.get(end.offset..)) else {
        return false;
    };
    let Some(comment) = rest.trim_start().strip_prefix('#').map(str::trim) else { return false };

    let lower = comment.to_lowercase();
    if TYPE_CHECKERS.iter().any(|checker| lower.starts_with(checker)) {
        return true;
    }

    let joined: String = lower.chars().filter(|character| !character.is_whitespace()).collect();
    exception
        .bases
        .iter()
        .map(|base| base.rsplit('.').next().unwrap_or(base))
        .filter(|name| !VAGUE.contains(name))
        .any(|name| has_word(comment, name) || joined.starts_with(&name.to_lowercase()))
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric() && character != '_').any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: bool) {
        let bases = ["KeyError", "LookupError", "Exception", "BaseException"].map(str::to_owned).to_vec();
        let exception = Exception {
            kind: "KeyError".to_owned(),
            bases,
            message: String::new(),
            line: None,
            frames: Vec::new(),
            traceback: String::new(),
            operands: Vec::new(),
        };
        let end = StatementEnd { line: 1, offset: line.find("  #").unwrap_or(line.len()) };
        assert_eq!(is_expected(line, end, &exception), expected, "{line}");
    }

    #[test]
    fn comments() {
        check("d['x']  # KeyError", true);
        check("d['x']  # raises KeyError: 'x'", true);
        check("d['x']  # Key error!", true);
        check("d['x']  # LookupError", true);
        check("d['x']  # Error: no such key", true);
        check("d['x']  # mypy error: no such key", true);
        check("d['x']  # Exception", false);
        check("d['x']  # NoKeyErrorHere", false);
        check("d['x']  # the key", false);
        check("d['x']", false);
    }
}
