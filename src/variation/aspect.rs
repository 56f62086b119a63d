//! The parts of an outcome that are compared between runs.

use serde::Serialize;

/// A part of an outcome that can differ from run to run.
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
