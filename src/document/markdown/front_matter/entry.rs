//! What the reader of one format of metadata finds.

use crate::directive::Value;
use crate::snippet::Line;

/// The mapping that is ours.
pub(super) const OURS: &str = "snipcheck";

/// What a reader of one format found. Its lines begin behind the opening one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing that could be metadata: thematic breaks around a paragraph look alike.
    NoMapping,
    Entries(Vec<Entry>),
    Broken {
        line: Line,
        message: String,
    },
}

/// A key of our mapping; without a value where the format's value is none that a directive takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) line: Line,
    pub(super) key: String,
    pub(super) value: Option<Value>,
    /// Of another tool's mapping, whose key stands in front of a dot.
    pub(super) theirs: bool,
}
