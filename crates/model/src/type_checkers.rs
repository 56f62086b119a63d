//! What a comment that quotes a type checker begins with.

/// First words in lower case. A comment that begins with one announces an error, even without the name of an exception.
pub const TYPE_CHECKERS: [&str; 4] = ["error:", "mypy error", "mypy:", "pyright:"];
