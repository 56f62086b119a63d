//! How many signals each thread has handled: a wait that has begun for its caller and not yet for the kernel has to end
//! where that number grows.

use std::cell::Cell;

thread_local! {
    static HANDLED: Cell<u64> = const { Cell::new(0) };
}

/// How many signals this thread has handled.
pub(super) fn count() -> u64 {
    HANDLED.get()
}

/// Counts one more. For handlers of signals.
pub fn add_one() {
    HANDLED.set(HANDLED.get().wrapping_add(1));
}
