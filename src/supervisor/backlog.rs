//! Outcomes that the listener has not done with: their bytes are counted, and new sessions wait while there are too many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::model::outcome::Outcome;
use crate::supervisor::{Progress, Run, Stop};

/// Bytes of outcomes that nobody has been told of, with which the listener is woken at once.
const NEWS: usize = 1 << 20;
/// Bytes of outcomes that the listener has not done with, at which the next session waits for it, and how long.
const AHEAD: usize = 64 << 20;
const PAUSE: Duration = Duration::from_millis(10);

/// The weight of an outcome, until the listener has done with it.
#[derive(Debug, Default)]
pub(crate) struct Load {
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Run {
    /// The same for an outcome. A large one does not wait.
    pub(super) fn tell_outcome(&self, (job, work): (usize, usize), outcome: Outcome) {
        let bytes = outcome.weight();
        self.load.fetch_add(bytes, Ordering::Relaxed);
        let load = Load { all: Arc::clone(&self.load), bytes };
        self.tell(Progress::Done { job, work, outcome: Box::new(outcome), load });
        self.untold_bytes.set(self.untold_bytes.get() + bytes);
        if self.untold_bytes.get() > NEWS {
            self.wake();
        }
    }

    /// Whether sessions make more than the listener takes.
    fn is_ahead(&self) -> bool {
        self.load.load(Ordering::Relaxed) > AHEAD && self.stop.get() == Stop::No
    }

    /// Before a session, not within it: one goes on by itself, and whoever is blocked for long seems to be stuck.
    pub(super) async fn wait_for_listener(&self) {
        while self.is_ahead() {
            self.wake();
            tokio::time::sleep(PAUSE).await;
        }
    }
}
