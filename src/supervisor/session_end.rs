//! What is known of a session when one of its steps has ended, or all of it has.

use std::time::Duration;

use crate::supervisor::StopReason;
use crate::supervisor::ending::{Death, Traces};
use crate::wire::FinishedStep;

/// What was seen of one step.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) finished: FinishedStep,
    pub(super) traces: Traces,
}

/// How a session ended.
#[derive(Debug)]
pub(super) enum SessionEnd {
    /// All steps did. What was written afterwards, and the threads that had to be killed.
    Closed { traces: Traces, left_behind: Vec<String>, burial: Burial },
    /// Within a step.
    Died { death: Death, wall: Duration, traces: Traces, burial: Burial },
    /// Between two steps, because the run ends.
    Stopped(StopReason),
}

/// Whether a session's tree ended or was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Burial {
    ByItself,
    Killed,
}

impl SessionEnd {
    pub(super) fn burial(&self) -> Burial {
        match self {
            Self::Closed { burial, .. } | Self::Died { burial, .. } => *burial,
            Self::Stopped(_) => Burial::Killed,
        }
    }
}
