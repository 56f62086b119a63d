//! What is known of a session when one of its steps has ended, or all of it has.

use std::time::Duration;

use crate::supervisor::ending::{Death, Traces};
use crate::supervisor::run::StopReason;
use crate::wire::FinishedStep;

/// What was seen of one step.
#[derive(Debug)]
pub(super) struct EndedStep {
    pub(super) finished: FinishedStep,
    pub(super) traces: Traces,
}

/// How a session ended.
#[derive(Debug)]
pub(super) enum SessionEnd {
    /// All steps did. What was written afterwards, and the threads that had to be killed.
    Closed { traces: Traces, left_behind: Vec<String>, teardown: Teardown },
    /// Within a step.
    Died { death: Death, wall: Duration, traces: Traces, teardown: Teardown },
    /// Between two steps, because the run ends.
    Stopped(StopReason),
}

/// Whether a session's tree ended or was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Teardown {
    ByItself,
    Killed,
}

impl SessionEnd {
    pub(super) fn teardown(&self) -> Teardown {
        match self {
            Self::Closed { teardown, .. } | Self::Died { teardown, .. } => *teardown,
            Self::Stopped(_) => Teardown::Killed,
        }
    }
}
