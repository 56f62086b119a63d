//! What type checkers and linters say of a file: no output of its code.

use std::sync::LazyLock;

use regex::Regex;

/// `example.py:3: error: …`, `a.py:1:5 - error: …`, `a.py:1:1: F401 …`, `Found 1 error in 1 file`
static DIAGNOSIS: LazyLock<Regex> = LazyLock::new(|| {
    let place = r"\S+\.pyi?:[0-9]+(?::[0-9]+)?(?:: | - |:)";
    let verdict = r"(?:error|warning|note|information)(?:: |$)|[A-Z]{1,4}[0-9]{3,4} ";
    let sum = r"Found [0-9]+ errors? in [0-9]+ files?|Success: no issues found in [0-9]+ source files?|[0-9]+ errors?, [0-9]+ warnings?";
    Regex::new(&format!("^ *(?:{place} *(?:{verdict})|{sum})")).expect("the pattern is tested")
});

/// Whether a text begins with such a line.
pub(super) fn is_shown(text: &str) -> bool {
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| DIAGNOSIS.is_match(line))
}

/// Whether code writes such lines, or starts a checker.
pub(super) fn is_printed(code: &str) -> bool {
    let words = ["error", "warning", "note", "subprocess", "mypy", "pyright", "ruff"];
    let without_comment = |line: &str| line.split('#').next().unwrap_or_default().to_owned();
    code.lines().map(without_comment).any(|line| words.iter().any(|word| line.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::{is_printed, is_shown};

    #[test]
    fn diagnoses() {
        for text in [
            "example.py:3: error: \"bool\" is invalid\n",
            "\nsrc/a.py:3:5: note: Revealed type\n",
            "  /home/ann/a.py:3:5 - error: no such name\n",
            "a.py:1:1: F401 `os` imported but unused\n",
            "Found 1 error in 1 file (checked 1 source file)\n",
            "Success: no issues found in 1 source file\n",
            "0 errors, 1 warning, 0 informations\n",
        ] {
            assert!(is_shown(text), "{text}");
        }
        for text in
            ["a.py: 3 lines\n", "error: no such file\n", "a.py:3: done\n", "3 errors\n", "a.py:3:5\n", ""]
        {
            assert!(!is_shown(text), "{text}");
        }
        assert!(is_printed("print('a.py:3: error: no')") && !is_printed("f('a')  # error: no bool\n"));
    }
}
