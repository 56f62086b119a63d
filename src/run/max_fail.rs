//! How many failures a run bears before no further session starts.

use crate::summary::Summary;
use crate::supervisor::Enough;

#[derive(Clone, Debug)]
pub(super) struct MaxFail {
    most: usize,
    enough: Enough,
}

impl MaxFail {
    pub(super) fn new(most: usize) -> Self {
        Self { most, enough: Enough::default() }
    }

    /// What a supervisor asks before it starts a session.
    pub(super) fn enough(&self) -> Enough {
        self.enough.clone()
    }

    /// Snippets that did not run are no failures of their own.
    pub(super) fn look(&self, summary: &Summary) {
        if summary.failed.saturating_sub(summary.not_run) >= self.most {
            self.enough.say();
        }
    }
}
