//! Outcomes that the listener has not done with: their bytes are counted, so that new sessions can wait while there are
//! too many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of outcomes that are too many.
const FULL: usize = 64 << 20;

/// All of them together.
#[derive(Clone, Debug, Default)]
pub(super) struct Backlog(Arc<Totals>);

#[derive(Debug, Default)]
struct Totals {
    bytes: AtomicUsize,
    /// Some outcomes have no bytes.
    outcomes: AtomicUsize,
}

/// The weight of an outcome, until the listener has done with it.
#[derive(Debug, Default)]
pub(crate) struct Load {
    backlog: Backlog,
    bytes: usize,
}

impl Backlog {
    pub(super) fn add(&self, bytes: usize) -> Load {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.0.outcomes.fetch_add(1, Ordering::Relaxed);
        Load { backlog: self.clone(), bytes }
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.bytes.load(Ordering::Relaxed) > FULL
    }

    /// Whether the listener has done with all of them. What it has decided by then can be seen, too.
    pub(super) fn is_empty(&self) -> bool {
        self.0.outcomes.load(Ordering::Acquire) == 0
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let totals = &self.backlog.0;
        totals.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        // The default has no backlog that counts it.
        let _ =
            totals.outcomes.fetch_update(Ordering::Release, Ordering::Relaxed, |count| count.checked_sub(1));
    }
}
