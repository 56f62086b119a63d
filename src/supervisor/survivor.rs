//! Snippets that a session repeats which starts again: what came of each the first time.

use std::time::Duration;

use crate::model::outcome::{Ending, Outcome};

/// A snippet that waited longer than this is not repeated: it was there to show a delay, not to leave names behind.
const LONGEST_WAIT: Duration = Duration::from_millis(700);

/// A snippet that ran and left the process alive.
pub(super) struct Survivor {
    pub(super) work: usize,
    pub(super) compared: ComparedEnd,
    pub(super) repeated: Repeated,
}

/// Whether a snippet is part of replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeated {
    Yes,
    /// It waited too long, or did not come to an end the second time.
    No,
}

/// What two runs of a snippet must agree in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ComparedEnd {
    pub(super) ending: Ending,
    pub(super) exception: Option<String>,
}

pub(super) fn repeated(outcome: &Outcome) -> Repeated {
    let waited = outcome.usage.wall.saturating_sub(outcome.usage.cpu);
    if waited > LONGEST_WAIT { Repeated::No } else { Repeated::Yes }
}

pub(super) fn compared(outcome: &Outcome) -> ComparedEnd {
    ComparedEnd {
        ending: outcome.ending,
        exception: outcome.exception.as_ref().map(|exception| exception.kind.clone()),
    }
}
