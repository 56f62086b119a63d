//! The clock of a session: shared memory that all its processes and its keeper read and write.
//!
//! Hostile code writes to it too. Nothing in it is trusted beyond the session: indices are bounded by the arrays, a
//! wrong number makes a wrong time.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};

use crate::linux::real;

/// As many processes may take part.
const PROCESSES: usize = 1024;
/// Waits and timers that may be pending at once; a task waits for one deadline at a time.
const WAITS: usize = 1024;

/// Nanoseconds that each look at the clock takes: loops that spin on it end.
const LOOK: u64 = 1_000;

/// What monotonic clocks show at the start: a machine that runs for a while.
const UPTIME: u64 = 1_000 * SECOND;
pub const SECOND: u64 = 1_000_000_000;
/// The deadline of those who wait in the kernel for a time, and for none of the clock.
pub const NEVER: u64 = u64::MAX;

/// Times are nanoseconds since the session started. All zero bytes are a page to start with.
#[repr(C)]
pub struct Page {
    now: AtomicU64,
    /// Since the epoch, at the session's start.
    pub start: AtomicU64,
    /// One of [`Speed`], and where it holds the pair of times that it runs from.
    speed: AtomicU32,
    anchor_now: AtomicU64,
    anchor_real: AtomicU64,
    /// Numbers waits in the order in which they began.
    order: AtomicU64,
    /// Looks at the clock and waits with a deadline.
    pub uses: AtomicU64,
    jumps: AtomicU64,
    /// `now` and `jumps` when the running step began.
    step_now: AtomicU64,
    step_jumps: AtomicU64,
    /// CPU time that looks at the clock have counted.
    pub(super) counted: AtomicU64,
    /// 1 while the keeper sleeps: the futex that wakes it.
    pub(super) keeper_sleeps: AtomicU32,
    /// The only task of the session: its id, and in the upper half the last id that was given away by then.
    pub(super) alone: AtomicU64,
    /// Sockets that deliver by interrupts were made.
    pub sockets: AtomicU32,
    /// The running step wants real time.
    real_step: AtomicU32,
    /// Timers of the kernel that nobody can move.
    pub kernel_timers: AtomicU32,
    processes: [AtomicU32; PROCESSES],
    /// No slot from here on is in use.
    top: AtomicU32,
    slots: [Slot; WAITS],
}

/// How far a session is, as [`Page`] has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Position {
    now: u64,
    order: u64,
    uses: u64,
    pub jumps: u64,
}

/// A wait with a deadline, or an alarm.
#[repr(C)]
pub struct Slot {
    /// Process in the upper half, thread in the lower; 0 is free.
    pub owner: AtomicU64,
    pub deadline: AtomicU64,
    /// Of an alarm that repeats.
    pub interval: AtomicU64,
    /// 0 until the others are set.
    pub order: AtomicU64,
    pub wake: AtomicU32,
    /// The futex of a [`Wake::Word`]: 1 when the deadline is reached.
    pub(super) word: AtomicU32,
}

/// How a waiter learns that its deadline is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Wake {
    Word = 1,
    Signal = 2,
    /// It looks by itself, all the time. CPython's lock is waited for like this, and [`NEVER`] comes.
    Itself = 3,
    /// Nobody waits: the process gets SIGALRM.
    Alarm = 4,
    /// As an alarm, but of `timer_create(2)`: the signal says so, and it ends when another program
    /// takes the process over.
    Timer = 5,
}

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Speed {
    /// Not at all while something runs, then to the next deadline.
    Jumping = 0,
    Real = 1,
}

impl Page {
    pub(super) fn speed(&self) -> Speed {
        if self.speed.load(SeqCst) == Speed::Real as u32 { Speed::Real } else { Speed::Jumping }
    }

    pub(super) fn change_speed(&self, speed: Speed) {
        let now = self.now();
        self.now.fetch_max(now, SeqCst);
        self.anchor_now.store(now, SeqCst);
        self.anchor_real.store(real::nanoseconds(), SeqCst);
        self.speed.store(speed as u32, SeqCst);
    }

    /// Without looking at the clock.
    pub fn now(&self) -> u64 {
        let now = self.now.load(SeqCst);
        match self.speed() {
            Speed::Jumping => now,
            Speed::Real => {
                let passed = real::nanoseconds().saturating_sub(self.anchor_real.load(SeqCst));
                now.max(self.anchor_now.load(SeqCst).saturating_add(passed))
            }
        }
    }

    pub(super) fn look(&self) -> u64 {
        self.uses.fetch_add(1, SeqCst);
        match self.speed() {
            Speed::Jumping => self.now.fetch_add(LOOK, SeqCst).saturating_add(LOOK),
            Speed::Real => {
                let now = self.now();
                self.now.fetch_max(now, SeqCst).max(now)
            }
        }
    }

    /// How far the session is, but for the CPU time that it has used: how much that is depends on what else runs.
    pub fn position(&self) -> Position {
        Position {
            now: self.now().saturating_sub(self.counted.load(SeqCst)),
            order: self.order.load(SeqCst),
            uses: self.uses.load(SeqCst),
            jumps: self.jumps.load(SeqCst),
        }
    }

    /// Goes on where another session was, of which this one has the memory.
    pub fn go_on(&self, from: Position) {
        self.now.store(from.now, SeqCst);
        self.order.store(from.order, SeqCst);
        self.uses.store(from.uses, SeqCst);
        self.jumps.store(from.jumps, SeqCst);
        self.counted.store(0, SeqCst);
    }

    /// Takes a look back that showed this, if nobody has looked since.
    pub(super) fn unsee(&self, shown: u64) {
        self.uses.fetch_sub(1, SeqCst);
        if self.speed() == Speed::Jumping {
            let _ = self.now.compare_exchange(shown, shown.saturating_sub(LOOK), SeqCst, SeqCst);
        }
    }

    pub(super) fn begin_step(&self) {
        self.step_now.store(self.now(), SeqCst);
        self.step_jumps.store(self.jumps.load(SeqCst), SeqCst);
    }

    /// Time and jumps since the step began.
    pub(super) fn of_step(&self) -> (u64, u64) {
        (
            self.now().saturating_sub(self.step_now.load(SeqCst)),
            self.jumps.load(SeqCst).saturating_sub(self.step_jumps.load(SeqCst)),
        )
    }

    pub(super) fn real_step(&self) -> bool {
        self.real_step.load(SeqCst) != 0
    }

    /// Time is real from here on, or as it was.
    pub(super) fn set_real_step(&self, real: bool) {
        let was_real = self.real_step.swap(u32::from(real), SeqCst) != 0;
        if real && self.speed() == Speed::Jumping {
            self.change_speed(Speed::Real);
        }
        // A keeper that is woken looks at every task. Where nothing has changed, it has nothing to see.
        if real || was_real {
            self.tell_keeper();
        }
    }

    /// A program is about to start that has a clock of its own.
    pub fn expect_foreigner(&self) {
        if self.speed() == Speed::Jumping {
            self.change_speed(Speed::Real);
        }
        self.tell_keeper();
    }

    /// For how long time has been real.
    pub(super) fn real_for(&self) -> u64 {
        real::nanoseconds().saturating_sub(self.anchor_real.load(SeqCst))
    }

    pub(super) fn advance(&self, time: u64) {
        self.now.fetch_add(time, SeqCst);
    }

    pub fn reached(&self, deadline: u64) -> bool {
        self.now() >= deadline
    }

    pub(super) fn jump(&self, deadline: u64) {
        self.now.fetch_max(deadline, SeqCst);
        self.jumps.fetch_add(1, SeqCst);
    }

    /// What a clock shows at the session's start; `None` for one that measures CPU time.
    pub fn base(&self, clock: libc::clockid_t) -> Option<u64> {
        match clock {
            libc::CLOCK_REALTIME
            | libc::CLOCK_REALTIME_COARSE
            | libc::CLOCK_REALTIME_ALARM
            | libc::CLOCK_TAI => Some(self.start.load(SeqCst)),
            libc::CLOCK_MONOTONIC
            | libc::CLOCK_MONOTONIC_RAW
            | libc::CLOCK_MONOTONIC_COARSE
            | libc::CLOCK_BOOTTIME
            | libc::CLOCK_BOOTTIME_ALARM => Some(UPTIME),
            _ => None,
        }
    }

    /// Which clock an absolute time was read from: the one that it is nearer to.
    pub fn likely_base(&self, time: u64) -> u64 {
        let now = self.now();
        let start = self.start.load(SeqCst);
        if time.abs_diff(start + now) < time.abs_diff(UPTIME + now) { start } else { UPTIME }
    }

    /// Takes a process in. `false` where there is no room: it counts as somebody else's then.
    pub fn join(&self, process: u32) -> bool {
        self.takes_part(process)
            || self.processes.iter().any(|entry| entry.compare_exchange(0, process, SeqCst, SeqCst).is_ok())
    }

    pub fn leave(&self, process: u32) {
        for entry in &self.processes {
            let _ = entry.compare_exchange(process, 0, SeqCst, SeqCst);
        }
    }

    pub fn takes_part(&self, process: u32) -> bool {
        self.processes.iter().any(|entry| entry.load(SeqCst) == process)
    }

    /// Forgets all processes that `lives` does not know.
    pub(super) fn retain(&self, lives: impl Fn(u32) -> bool) {
        for process in self.processes.iter().map(|entry| entry.load(SeqCst)) {
            if process != 0 && !lives(process) {
                self.leave(process);
            }
        }
    }

    /// Slots that are in use, and their owners.
    pub fn pending(&self) -> impl Iterator<Item = &Slot> {
        let top = (self.top.load(SeqCst) as usize).min(WAITS);
        self.slots[..top].iter().filter(|slot| slot.order.load(SeqCst) != 0)
    }

    /// Registers a deadline; `None` where there are too many.
    pub fn register(&self, owner: u64, deadline: u64, wake: Wake) -> Option<&Slot> {
        let (index, slot) = self.slots.iter().enumerate().find(|(_, slot)| {
            slot.owner.load(SeqCst) == 0 && slot.owner.compare_exchange(0, owner, SeqCst, SeqCst).is_ok()
        })?;
        self.top.fetch_max(u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1), SeqCst);
        slot.deadline.store(deadline, SeqCst);
        slot.interval.store(0, SeqCst);
        slot.wake.store(wake as u32, SeqCst);
        slot.word.store(0, SeqCst);
        slot.order.store(self.order.fetch_add(1, SeqCst) + 1, SeqCst);
        Some(slot)
    }

    /// Frees what threads waited for until another program took their process over.
    pub(super) fn forget_waits(&self, process: u32) {
        let waits = |slot: &&Slot| slot.wake() != Some(Wake::Alarm);
        let owned = |slot: &&Slot| slot.owner.load(SeqCst) >> 32 == u64::from(process);
        self.pending().filter(waits).filter(owned).for_each(Slot::free);
    }

    /// Wakes the keeper if it sleeps.
    pub fn tell_keeper(&self) {
        if self.keeper_sleeps.swap(0, SeqCst) != 0 {
            real::wake(&self.keeper_sleeps);
        }
    }
}

impl Slot {
    pub fn free(&self) {
        self.order.store(0, SeqCst);
        self.owner.store(0, SeqCst);
    }

    /// Frees it for whoever had it under this number, and is gone. By now it may be another's.
    pub(super) fn free_of(&self, order: u64) {
        if order != 0 && self.order.compare_exchange(order, 0, SeqCst, SeqCst).is_ok() {
            self.owner.store(0, SeqCst);
        }
    }

    pub fn wake(&self) -> Option<Wake> {
        [Wake::Word, Wake::Signal, Wake::Itself, Wake::Alarm, Wake::Timer]
            .into_iter()
            .find(|wake| *wake as u32 == self.wake.load(SeqCst))
    }

    pub(super) fn process(&self) -> i32 {
        i32::try_from(self.owner.load(SeqCst) >> 32).unwrap_or(0)
    }

    pub(super) fn thread(&self) -> i32 {
        i32::try_from(self.owner.load(SeqCst) & u64::from(u32::MAX)).unwrap_or(0)
    }
}

/// This task, as the owner of a slot.
pub fn owner() -> u64 {
    u64::from(std::process::id()) << 32 | u64::from(real::thread())
}
