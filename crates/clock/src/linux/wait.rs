//! How a task waits for a deadline: registered in the page, and blocked without a timeout.

use std::fs::File;
use std::io::Read;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use crate::linux::page::{Page, SECOND, Slot, Speed, Wake, owner};
use crate::linux::{cpu_time, handled, real};

/// Between two looks of a wait that nobody can wake, in real nanoseconds.
pub const SLICE: u64 = SECOND / 1000;
/// A snippet that has waited longer than `.0` in more than `.1` jumps will never have enough.
pub(super) const BUDGET: (u64, u64) = (3600 * SECOND, 1000);

/// What a wait is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Say whether it is over.
    Glance,
    /// Block until it is over, or a signal comes.
    Block,
}

/// What a wait has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    Done(T),
    /// Glanced, and it is not over.
    NotYet,
    Interrupted,
}

/// Waits for the deadline or for what `attempt` waits for. [`Answer::NotYet`] is a timeout.
pub fn wait<T>(
    page: &Page,
    deadline: u64,
    delivery: impl FnOnce() -> Delivery,
    mut attempt: impl FnMut(Patience) -> Answer<T>,
) -> Answer<T> {
    page.uses.fetch_add(1, SeqCst);
    let handled = handled::count();
    let over = |answer| match answer {
        Answer::Done(value) => Answer::Done(value),
        Answer::NotYet | Answer::Interrupted => Answer::NotYet,
    };
    if page.reached(deadline) {
        return over(attempt(Patience::Glance));
    }
    if may_jump(page, delivery) {
        if let Answer::Done(value) = attempt(Patience::Glance) {
            return Answer::Done(value);
        }
        page.jump(deadline);
        cpu_time::forgive();
        return Answer::NotYet;
    }
    let Some(slot) = page.register(owner(), deadline, Wake::Signal) else {
        return look_until(page, deadline, attempt);
    };
    page.tell_keeper();
    let answer = if handled::count() == handled { attempt(Patience::Block) } else { Answer::Interrupted };
    let reached = page.reached(deadline);
    slot.free();
    if reached {
        cpu_time::forgive();
    }
    match answer {
        Answer::Interrupted if reached => over(attempt(Patience::Glance)),
        answer => answer,
    }
}

/// Waits for the deadline alone. `false` if a signal came first.
pub fn sleep(page: &Page, deadline: u64) -> bool {
    page.uses.fetch_add(1, SeqCst);
    let handled = handled::count();
    if page.reached(deadline) {
        return true;
    }
    if may_jump(page, || Delivery::Immediate) {
        page.jump(deadline);
        cpu_time::forgive();
        return true;
    }
    let Some(slot) = page.register(owner(), deadline, Wake::Word) else {
        return look_until(page, deadline, |_| Answer::<()>::NotYet) == Answer::NotYet;
    };
    page.tell_keeper();
    let mut interrupted = handled::count() != handled;
    while !interrupted && slot.word.load(SeqCst) == 0 && !page.reached(deadline) {
        interrupted = real::wait(&slot.word, 0, Some(real::FAR));
    }
    let reached = page.reached(deadline);
    slot.free();
    if reached {
        cpu_time::forgive();
    }
    reached
}

/// Waits by looking: `attempt` blocks for a [`SLICE`] where it can. For waits that end neither by a signal nor by a word.
pub fn look_on<T>(page: &Page, deadline: u64, mut attempt: impl FnMut() -> Answer<T>) -> Answer<T> {
    page.uses.fetch_add(1, SeqCst);
    let slot = page.register(owner(), deadline, Wake::Itself);
    page.tell_keeper();
    let answer = loop {
        match attempt() {
            Answer::NotYet if !page.reached(deadline) => {}
            answer => break answer,
        }
    };
    if let Some(slot) = slot {
        slot.free();
    }
    answer
}

/// Without a place in the page.
fn look_until<T>(page: &Page, deadline: u64, mut attempt: impl FnMut(Patience) -> Answer<T>) -> Answer<T> {
    look_on(page, deadline, || match attempt(Patience::Glance) {
        Answer::NotYet => {
            // Nobody wakes this word.
            let interrupted = real::wait(&AtomicU32::new(0), 0, Some(SLICE));
            if interrupted { Answer::Interrupted } else { Answer::NotYet }
        }
        answer => answer,
    })
}

/// Whether what a task waits for may be under way while nobody runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Immediate,
    /// As packets are.
    ByInterrupts,
    /// The wait is for room, which a pipe out of the session has when the supervisor has read it.
    Outside,
}

/// The only task of the session needs no keeper to know that nothing else can happen.
fn may_jump(page: &Page, delivery: impl FnOnce() -> Delivery) -> bool {
    let alone = page.alone.load(SeqCst);
    alone & u64::from(u32::MAX) == u64::from(real::thread())
        && page.speed() == Speed::Jumping
        && page.kernel_timers.load(SeqCst) == 0
        && page.pending().next().is_none()
        && !spent(page)
        && last_task() == Some((alone >> 32) as u32)
        && match delivery() {
            Delivery::Immediate => true,
            Delivery::ByInterrupts => page.sockets.load(SeqCst) == 0,
            Delivery::Outside => false,
        }
}

/// Whether the running step has had more virtual time than any example needs.
pub(super) fn spent(page: &Page) -> bool {
    let (time, jumps) = page.of_step();
    jumps > BUDGET.1 && time > BUDGET.0
}

/// The last id that was given to a task of this pid namespace (`proc_loadavg(5)`).
pub fn last_task() -> Option<u32> {
    let mut text = [0; 128];
    let length = File::open("/proc/loadavg").ok()?.read(&mut text).ok()?;
    std::str::from_utf8(&text[..length]).ok()?.split_ascii_whitespace().next_back()?.parse().ok()
}

/// Frees what tasks that are gone have left behind.
pub(super) fn clear(slot: &Slot, mut lives: impl FnMut(i32, i32) -> bool) -> bool {
    let order = slot.order.load(SeqCst);
    let stale = !lives(slot.process(), slot.thread());
    if stale {
        slot.free_of(order);
    }
    stale
}
