//! Patterns for the text of examples.

use regex::Regex;

/// A pattern of this room; all of them are tested.
pub(super) fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns of this room are well formed")
}
