//! What differs between two runs of a snippet: where, why, and what its document can say about it.
//!
//! Knows outcomes and their text, not how they came about.

mod cause;
mod difference;
mod remedy;
mod verdict;

use std::ops::Range;

use serde::Serialize;

pub(crate) use self::difference::{Difference, differences};
pub(crate) use self::verdict::{Seen, moved};
use crate::model::snippet::Line;

/// A place that is not the same in every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) aspect: Aspect,
    /// Of the document, where it is known which one wrote it.
    pub(crate) line: Option<Line>,
    /// Bytes of what the first run wrote.
    pub(crate) range: Range<usize>,
    /// What the first run has there, and what the other one has.
    pub(crate) before: String,
    pub(crate) after: String,
    /// The first run that differs there, counted from 1.
    pub(crate) run: usize,
    pub(crate) cause: Cause,
    /// Both with what stands around them in the first run.
    pub(crate) around: [String; 2],
    /// For the settings; absent where none would fit, and where none is needed.
    pub(crate) redaction: Option<Redaction>,
    /// Whether snapshots have it at all.
    pub(crate) seen: Snapshots,
    /// For the document, behind what it says.
    pub(crate) marker: &'static str,
}

/// What the redactions that there are make of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snapshots {
    /// Snapshots show it as it is.
    Show,
    /// It is the same in all snapshots.
    Redact,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Aspect {
    Ending,
    Stdout,
    Stderr,
    Value,
    Exception,
}

impl Aspect {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ending => "ending",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Value => "value",
            Self::Exception => "exception",
        }
    }
}

/// Why something moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// Of the elements of sets, by the hashes of texts.
    Order,
    Random,
    Time,
    /// Where objects are in memory.
    Address,
    Pid,
    /// A temporary file or folder.
    Path,
    Unknown,
}

impl Cause {
    /// What a run can change on purpose.
    pub(crate) const CONDITIONS: [Self; 4] = [Self::Order, Self::Random, Self::Time, Self::Address];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Random => "random",
            Self::Time => "time",
            Self::Address => "address",
            Self::Pid => "pid",
            Self::Path => "path",
            Self::Unknown => "unknown",
        }
    }
}

/// As `redactions` of the settings have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Redaction {
    pub(crate) pattern: String,
    pub(crate) replacement: String,
}
