//! What a comment that quotes a type checker begins with.

/// In lower case. A comment that begins so announces an error, whose name need not follow.
pub(crate) const TYPE_CHECKERS: [&str; 4] = ["error:", "mypy error", "mypy:", "pyright:"];
