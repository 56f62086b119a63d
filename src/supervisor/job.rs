//! What a supervisor is asked to do: jobs, and how their sessions run.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::model::policy::{Chance, Launch, Tier};
use crate::model::snippet::TitledFile;
use crate::wire::{Import, LaneSetup, Step};

/// Snippets that share one process.
#[derive(Debug)]
pub(crate) struct Job {
    /// Given back with everything that is told about this job.
    pub(crate) number: usize,
    /// The document, as tracebacks spell it.
    pub(crate) document: String,
    /// The document's folder.
    pub(crate) neighbours: Option<PathBuf>,
    /// The files that the document shows under their names, in its order.
    pub(crate) files: Arc<[TitledFile]>,
    pub(crate) chance: Chance,
    /// What its session loads first, and others of the run do, too: an image of that is made.
    pub(crate) imports: Option<Arc<[Import]>>,
    /// Those who run it again share them.
    pub(crate) works: Arc<[Work]>,
}

/// A snippet of a job.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// Run first, in order; their output is nobody's.
    pub(crate) setup: Vec<Step>,
    pub(crate) step: Step,
    /// Wall time it may take.
    pub(crate) wall: Duration,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Processes that run jobs side by side.
    pub(crate) lanes: usize,
    pub(crate) setup: LaneSetup,
    /// The sandboxes that will do, the one that is wanted most first.
    pub(crate) tiers: Vec<Tier>,
    /// How lanes start before they know of a job: in turn. There is at least one.
    pub(crate) launches: Vec<Launch>,
    /// Whether so many sessions follow that it pays to learn first what all of them load.
    pub(crate) rehearse: bool,
    /// Wall time of all jobs together.
    pub(crate) run_timeout: Option<Duration>,
    /// Where the listener may say that no further session is to start.
    pub(crate) enough: Option<Enough>,
}

/// The listener's word that no further session is to start. Those that run go on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Enough(Arc<AtomicBool>);

impl Enough {
    pub(crate) fn say(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(super) fn is_said(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
