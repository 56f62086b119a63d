//! Keeps the clock of a session, in its init: lets time jump to the next deadline whenever nobody runs.

mod call;
mod census;
mod outward;
mod packets;

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::RawFd;
use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;

use crate::linux::cpu_time::{COARSE, NOTICED};
use crate::linux::keeper::census::{Census, Schedule};
use crate::linux::keeper::outward::Outward;
use crate::linux::page::{NEVER, Page, SECOND, Slot, Speed, Wake};
use crate::linux::waking::WAKING;
use crate::linux::{real, wait};

const MICROSECOND: u64 = 1000;
const MILLISECOND: u64 = 1000 * MICROSECOND;

/// Between two looks at a session that runs while somebody waits: more patient each time.
const EAGER: u64 = 15 * MICROSECOND;
const PATIENT: u64 = 2 * MILLISECOND;
/// At one in which nobody waits for a time, or at a program that is none of ours.
const IDLE: u64 = 20 * MILLISECOND;
const WATCHFUL: u64 = MILLISECOND;
/// Who was woken and still waits is woken again: the signal may have come before the wait.
const AGAIN: u64 = 5 * MILLISECOND;
/// Who has announced another program has started it by then, or never will.
const ANNOUNCED: u64 = 50 * MILLISECOND;
/// Who is due while others run is woken after this.
const OVERDUE: u64 = 2 * MILLISECOND;
/// TCP acknowledges after 200 ms at the latest (`TCP_DELACK_MAX` in the kernel). What is under way for longer waits for
/// a reader.
const DELIVERED: u64 = 250 * MILLISECOND;
/// As many looks in a row have to find that nothing can ever happen again, and that nobody has run between them.
const HOPELESS: u32 = 5;
/// Between two looks at what is computed while somebody waits.
const BUSY: u64 = 200 * MILLISECOND;

/// What came of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nanoseconds until the next one.
    Again(u64),
    /// Nothing can ever happen again.
    Deadlocked,
    /// More virtual time than any example needs.
    Spent,
}

pub struct Keeper<'page> {
    page: &'page Page,
    /// The session's output. Who waits for room in it waits for somebody outside.
    outward: Outward,
    census: Census,
    patience: u64,
    /// Who was woken last: its number, and when, in real time.
    woken: Option<(u64, u64)>,
    due_since: Option<u64>,
    under_way_since: Option<u64>,
    /// When time jumped or nobody ran.
    quiet_at: u64,
    /// Since somebody computes while others wait.
    busy: Option<Busy>,
    hopeless: Hopeless,
    has_looked: bool,
}

/// Looks in a row after which nothing could ever happen again.
#[derive(Default)]
struct Hopeless {
    looks: u32,
    /// What the tasks had had of the processors by the last of them.
    schedules: BTreeMap<i32, Schedule>,
}

/// What the processes had run when somebody began to compute while others waited.
struct Busy {
    since: u64,
    looked: u64,
    ran: BTreeMap<i32, u64>,
    /// What they had been told of it.
    counted: u64,
}

impl<'page> Keeper<'page> {
    pub(super) fn new(page: &'page Page, outward: [RawFd; 3]) -> Self {
        Self {
            page,
            outward: Outward::new(outward),
            census: Census::default(),
            patience: EAGER,
            woken: None,
            due_since: None,
            under_way_since: None,
            quiet_at: real::nanoseconds(),
            busy: None,
            hopeless: Hopeless::default(),
            has_looked: false,
        }
    }

    /// To be called before a look, so that whoever begins to wait meanwhile is not overheard.
    pub fn listen(&self) {
        self.page.keeper_sleeps.store(1, SeqCst);
    }

    /// Sleeps until somebody begins to wait, at most so many nanoseconds.
    pub fn sleep(&mut self, nanoseconds: u64) {
        real::wait(&self.page.keeper_sleeps, 1, Some(nanoseconds));
        if self.page.keeper_sleeps.load(SeqCst) == 0 {
            self.patience = EAGER;
        }
    }

    pub fn look(&mut self) -> Look {
        if wait::spent(self.page) {
            return Look::Spent;
        }
        match self.page.speed() {
            Speed::Real => self.look_in_real_time(),
            Speed::Jumping => self.look_for_a_jump(),
        }
    }

    fn look_in_real_time(&mut self) -> Look {
        self.wake_all_due();
        self.census.refresh();
        // A program that was announced may not have begun yet.
        if !self.must_be_real() && (self.census.is_quiet() || self.page.real_for() > ANNOUNCED) {
            self.page.change_speed(Speed::Jumping);
            return Look::Again(0);
        }
        let left =
            self.next().map_or(IDLE, |slot| slot.deadline.load(SeqCst).saturating_sub(self.page.now()));
        Look::Again(left.clamp(EAGER, if self.page.real_step() { IDLE } else { WATCHFUL }))
    }

    fn look_for_a_jump(&mut self) -> Look {
        let Some(next) = self.next() else { return self.look_for_hope() };
        self.hopeless = Hopeless::default();
        let now = real::nanoseconds();
        let quiet = self.census.is_quiet();
        if let Some((order, when)) = self.woken {
            if self.waiting().any(|slot| slot.order.load(SeqCst) == order) {
                if now - when > AGAIN {
                    self.wake_all_due();
                }
                return self.later();
            }
            self.woken = None;
        }
        if !quiet {
            self.count_busy(now);
            let due = self.page.reached(next.deadline.load(SeqCst));
            match self.due_since {
                _ if !due => self.due_since = None,
                None => self.due_since = Some(now),
                Some(since) if now - since > OVERDUE => self.wake(next),
                Some(_) => {}
            }
            return self.later();
        }
        self.due_since = None;
        self.quiet_at = now;
        self.busy = None;
        if let Some(look) = self.not_yet(now) {
            return look;
        }
        self.publish();
        // Waits have begun and ended until everybody slept.
        let Some(next) = self.next() else { return Look::Again(EAGER) };
        let deadline = next.deadline.load(SeqCst);
        if !self.page.reached(deadline) {
            self.page.jump(deadline);
        }
        self.wake(next);
        self.patience = EAGER;
        Look::Again(EAGER)
    }

    /// Nobody runs. Why time must not jump all the same.
    fn not_yet(&mut self, now: u64) -> Option<Look> {
        if self.must_be_real() {
            self.page.change_speed(Speed::Real);
            return Some(Look::Again(0));
        }
        if self.census.waits_for_outside(&self.outward) || !self.outward.has_room() {
            return Some(Look::Again(WATCHFUL));
        }
        // What the supervisor has read meanwhile has woken somebody.
        if !self.census.is_still_quiet() {
            return Some(self.later());
        }
        if self.page.sockets.load(SeqCst) == 0 {
            return None;
        }
        if packets::undelivered() {
            return Some(Look::Again(EAGER));
        }
        if !packets::unacknowledged() {
            self.under_way_since = None;
            // What was just being delivered has woken somebody.
            return (!self.census.is_quiet()).then_some(Look::Again(EAGER));
        }
        let since = *self.under_way_since.get_or_insert(now);
        (now - since < DELIVERED || !self.census.is_quiet()).then_some(Look::Again(100 * MICROSECOND))
    }

    /// Nobody waits for a time.
    fn look_for_hope(&mut self) -> Look {
        self.woken = None;
        self.due_since = None;
        // Most sessions are over before there is anything to see.
        if !std::mem::replace(&mut self.has_looked, true) {
            return Look::Again(IDLE);
        }
        if !self.census.is_quiet() {
            self.hopeless = Hopeless::default();
            return Look::Again(IDLE);
        }
        let now = real::nanoseconds();
        self.quiet_at = now;
        self.busy = None;
        if let Some(look) = self.not_yet(now) {
            self.hopeless = Hopeless::default();
            return look;
        }
        self.publish();
        if self.is_hopeless() && self.next().is_none() { Look::Deadlocked } else { Look::Again(IDLE / 2) }
    }

    /// Counts a look after which nothing could ever happen again, and says whether there were enough of them.
    fn is_hopeless(&mut self) -> bool {
        // Whoever waits for CPython's lock runs now and then to look how long it has been held, and does nothing else.
        let lookers = self.page.pending().filter(|slot| slot.deadline.load(SeqCst) == NEVER);
        let lookers: Vec<i32> = lookers.map(Slot::thread).collect();
        let schedules = self.census.schedules(&lookers);

        let looks = if schedules == self.hopeless.schedules { self.hopeless.looks + 1 } else { 1 };
        self.hopeless = Hopeless { looks, schedules };
        looks >= HOPELESS
    }

    fn later(&mut self) -> Look {
        let patience = self.patience;
        self.patience = (patience * 2).min(PATIENT);
        Look::Again(patience)
    }

    /// Waits that can end: those of stopped tasks cannot.
    fn waiting(&self) -> impl Iterator<Item = &'page Slot> {
        self.page.pending().filter(|slot| !self.census.is_stopped(slot.process(), slot.thread()))
    }

    /// The earliest deadline; among equals the one that was waited for first. Clears away what the dead have left.
    fn next(&mut self) -> Option<&'page Slot> {
        loop {
            let timed = self.waiting().filter(|slot| slot.deadline.load(SeqCst) != NEVER);
            let next = timed.min_by_key(|slot| (slot.deadline.load(SeqCst), slot.order.load(SeqCst)))?;
            self.census.take();
            if !wait::clear(next, |process, thread| self.census.lives(process, thread)) {
                return Some(next);
            }
        }
    }

    fn wake(&mut self, slot: &Slot) {
        // As long as the slot is its own: whoever wakes may wait again at once.
        let order = slot.order.load(SeqCst);
        let process = slot.process();
        if order == 0 || process <= 1 {
            // It is over, or nobody of ours wrote this: 0 would be the supervisor's process group.
            return;
        }
        match slot.wake() {
            Some(Wake::Word) => {
                slot.word.store(1, SeqCst);
                real::wake(&slot.word);
            }
            // The signal would end another program that has taken the process over.
            Some(Wake::Signal | Wake::Timer) if !self.page.takes_part(process.cast_unsigned()) => {
                slot.free_of(order);
            }
            Some(Wake::Signal) => signal(process, slot.thread(), WAKING),
            Some(wake @ (Wake::Alarm | Wake::Timer)) => {
                match slot.interval.load(SeqCst) {
                    0 => slot.free_of(order),
                    interval => {
                        slot.deadline.fetch_add(interval.max(MICROSECOND), SeqCst);
                    }
                }
                ring(process, wake);
                return;
            }
            Some(Wake::Itself) => {}
            // Nobody of ours wrote this.
            None => slot.free_of(order),
        }
        self.woken = Some((order, real::nanoseconds()));
    }

    fn wake_all_due(&mut self) {
        let page = self.page;
        let due = |slot: &&Slot| page.reached(slot.deadline.load(SeqCst));
        let due: Vec<&Slot> = self.waiting().filter(due).collect();
        if due.is_empty() {
            return;
        }
        self.census.take();
        for slot in due {
            if !wait::clear(slot, |process, thread| self.census.lives(process, thread)) {
                self.wake(slot);
            }
        }
    }

    /// Somebody takes no part in the clock, or something does not.
    fn must_be_real(&mut self) -> bool {
        if self.page.real_step() || self.page.kernel_timers.load(SeqCst) != 0 || terminals() {
            return true;
        }
        self.census.take();
        let processes = self.census.processes();
        // Who has joined since they were listed is not among them.
        self.page.retain(|process| {
            processes.contains(&process.cast_signed()) || Path::new(&format!("/proc/{process}")).exists()
        });
        processes.iter().any(|process| !self.page.takes_part(process.cast_unsigned())) || self.waits_unknown()
    }

    /// Whether somebody waits in the kernel for a time that is not in the page.
    fn waits_unknown(&mut self) -> bool {
        let waits = |slot: &Slot| !matches!(slot.wake(), Some(Wake::Alarm | Wake::Timer));
        let known: Vec<i32> = self.page.pending().filter(|slot| waits(slot)).map(Slot::thread).collect();
        self.census.waits_for_a_time(&known)
    }

    /// Lets the only task there is jump by itself from here on.
    fn publish(&self) {
        let alone = self.census.alone().map_or(0, |(thread, last)| u64::from(last) << 32 | u64::from(thread));
        self.page.alone.store(alone, SeqCst);
    }

    /// Somebody waits while others compute: what they compute takes its time, too, if it is much.
    fn count_busy(&mut self, now: u64) {
        if now - self.quiet_at < PATIENT {
            return;
        }
        let counted = self.page.counted.load(SeqCst);
        let Some(busy) = &mut self.busy else {
            self.busy = Some(Busy { since: now, looked: now, ran: self.census.ran(), counted });
            return;
        };
        if now - busy.looked < BUSY {
            return;
        }
        busy.looked = now;
        let ran = self.census.ran();
        let used =
            ran.iter().filter_map(|(process, ran)| Some(ran.saturating_sub(*busy.ran.get(process)?))).max();
        let used = used.unwrap_or(0).min(now - busy.since);
        let used = used.saturating_sub(counted.saturating_sub(busy.counted));
        if used >= NOTICED {
            self.page.advance((used / COARSE * COARSE).min(SECOND));
            *busy = Busy { since: now, looked: now, ran, counted };
        }
    }
}

/// Whether there are terminals, between whose ends a thread of the kernel carries the data (pty(7)).
fn terminals() -> bool {
    let entries = fs::read_dir("/dev/pts").into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name() != "ptmx")
}

/// Sends SIGALRM to a process; the handlers of some programs ask whether it is that of a timer (`SI_TIMER`, sigaction(2)).
fn ring(process: i32, wake: Wake) {
    if wake != Wake::Timer {
        // SAFETY: plain numbers.
        unsafe { libc::kill(process, libc::SIGALRM) };
        return;
    }

    // SAFETY: a structure of numbers and of a pointer that may be null.
    let mut told: libc::siginfo_t = unsafe { std::mem::zeroed() };
    told.si_signo = libc::SIGALRM;
    told.si_code = libc::SI_TIMER;
    let place = (&raw const told).addr().cast_signed() as i64;
    // SAFETY: the structure outlives the call, which only reads it.
    unsafe {
        real::system_call(libc::SYS_rt_sigqueueinfo, [process.into(), libc::SIGALRM.into(), place, 0, 0, 0])
    };
}

/// `tgkill(2)`. Who is gone needs no waking.
fn signal(process: i32, thread: i32, signal: i32) {
    // SAFETY: plain numbers.
    unsafe { real::system_call(libc::SYS_tgkill, [process.into(), thread.into(), signal.into(), 0, 0, 0]) };
}
