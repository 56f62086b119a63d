//! Comments that announce the exception their statement raises: `d.x = 1  # AttributeError`.
//!
//! A statement that keeps such a promise does not end its snippet. The exception's own name must stand in the
//! comment, or the words of a type checker, whose findings are errors at run time as well.

use crate::model::outcome::Exception;
use crate::model::type_checkers::TYPE_CHECKERS;

/// Base classes that announce nothing in particular.
const VAGUE: [&str; 3] = ["Exception", "BaseException", "object"];
/// Whether the comment behind a statement names the exception. `end` is the statement's last line, from 1, and the
/// offset of its end in it, in bytes, as the compiler counts them.
pub(in crate::worker) fn is_expected(code: &str, end: (usize, usize), exception: &Exception) -> bool {
    let (line, offset) = end;
    let Some(rest) = code.lines().nth(line.saturating_sub(1)).and_then(|line| line.get(offset..)) else {
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
        };
        let end = line.find("  #").unwrap_or(line.len());
        assert_eq!(is_expected(line, (1, end), &exception), expected, "{line}");
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
