//! What a supervisor reports while it runs jobs. Knows no judgment.

use crate::model::outcome::Outcome;
use crate::model::policy::{Layer, Tier};
use crate::supervisor::backlog::Load;
use crate::supervisor::error::SupervisorError;

/// Raw news. First `Ready`. For each job: snippets in order, each `Started` at most once and `Done` exactly once.
#[derive(Debug)]
pub(crate) enum Progress {
    /// A lane has started; all others will have the same sandbox.
    Ready {
        tier: Tier,
        layers: Vec<Layer>,
        /// Why a stronger one could not be had.
        missing: Option<String>,
    },
    /// A session has begun with packages loaded.
    Warm {
        job: usize,
    },
    Started {
        job: usize,
        work: usize,
    },
    Done {
        job: usize,
        work: usize,
        outcome: Box<Outcome>,
        /// To be kept for as long as the outcome is.
        load: Load,
    },
    /// What was left on the machine.
    Note(String),
    /// Ctrl-C, once: snippets that run may finish.
    Interrupted,
    /// Nothing more will come.
    Finished {
        interrupted: bool,
        result: Result<(), SupervisorError>,
    },
}
