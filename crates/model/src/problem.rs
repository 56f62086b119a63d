//! Located complaints about documents, settings and snapshots. The run goes on; the exit code is 1.

use crate::snippet::Line;

/// A complaint, and where its reason is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Relative to the project root, as a document's path is.
    pub path: String,
    /// Absent where the whole file is meant.
    pub line: Option<Line>,
    /// Lower case, no final period.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}
