//! What the reader of one format of metadata finds.

use crate::directive::Value;
use crate::model::snippet::Line;

/// The mapping that is ours.
pub(super) const OURS: &str = "snipcheck";

/// What a reader of one format found. Lines count from the one after the opening line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Metadata {
    /// Nothing that could be metadata: a paragraph between thematic breaks is written alike.
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
    /// The key belongs to another tool's mapping, whose own key and a dot precede it.
    pub(super) theirs: bool,
}
