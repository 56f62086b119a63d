//! Outcomes that the listener has not done with: their bytes are counted, so that new sessions can wait while there are
//! too many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of outcomes that are too many.
const FULL: usize = 64 << 20;

/// All of them together.
#[derive(Clone, Debug, Default)]
pub(super) struct Backlog(Arc<AtomicUsize>);

/// The weight of an outcome, until the listener has done with it.
#[derive(Debug, Default)]
pub(crate) struct Load {
    backlog: Backlog,
    bytes: usize,
}

impl Backlog {
    pub(super) fn add(&self, bytes: usize) -> Load {
        self.0.fetch_add(bytes, Ordering::Relaxed);
        Load { backlog: self.clone(), bytes }
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.load(Ordering::Relaxed) > FULL
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.backlog.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
