//! Looks at a session's clock, which moves by the CPU time that was used before, where a program would notice.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use crate::linux::page::{Page, SECOND};
use crate::linux::real;

/// CPU time between two looks that a program would notice: it measures something.
pub(super) const NOTICED: u64 = SECOND / 10;
/// What is noticed is told this coarsely, so that it is told alike in two runs.
pub(super) const COARSE: u64 = SECOND / 100;

/// When a thread looked: real time, and CPU time of its process.
type Moment = (u64, u64);

thread_local! {
    static LAST: Cell<Option<Moment>> = const { Cell::new(None) };
    /// What `LAST` was before, and what the clock showed then.
    static BEFORE: Cell<(Option<Moment>, u64)> = const { Cell::new((None, 0)) };
}

/// CPU time of this process that has been told, by whichever thread, or that is no stretch of computing.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// The clock has jumped for this process: all slept, and what was used before that was in bits.
pub(super) fn forgive() {
    TOLD.store(real::cpu_nanoseconds(), SeqCst);
}

/// A copy of a process has used no CPU time.
pub(super) fn forget_last() {
    LAST.set(Some((real::nanoseconds(), real::cpu_nanoseconds())));
    TOLD.store(0, SeqCst);
}

/// Takes the last look of this thread back: CPython looks before it waits for its lock, and tells nobody.
pub fn unsee(page: &Page) {
    let (last, shown) = BEFORE.get();
    LAST.set(last);
    page.unsee(shown);
}

/// Looks at the clock, which moves by the CPU time that was used since the last look or jump, if that was much.
pub fn look(page: &Page) -> u64 {
    let now = real::nanoseconds();
    let last = LAST.get();
    match last {
        // The system call for CPU time is left out where there cannot have been that much.
        Some((time, used)) if now.saturating_sub(time) <= NOTICED => LAST.set(Some((now, used))),
        Some((time, used)) => {
            let cpu = real::cpu_nanoseconds();
            let used = cpu.saturating_sub(used.max(TOLD.load(SeqCst))).min(now - time);
            if used > NOTICED {
                let counted = used / COARSE * COARSE;
                TOLD.store(cpu, SeqCst);
                page.counted.fetch_add(counted, SeqCst);
                page.advance(counted);
            }
            LAST.set(Some((now, cpu)));
        }
        None => LAST.set(Some((now, real::cpu_nanoseconds()))),
    }
    let shown = page.look();
    BEFORE.set((last, shown));
    shown
}
