//! What init does while a session lives: it keeps its clock, collects orphans, and listens for orders.

use std::ffi::c_int;
use std::os::fd::RawFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::SeqCst};

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::clock::{Clock, Look};
use crate::wire::StuckKind;

/// How a session has ended, or is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its process did, with this wait status.
    Of(i32),
    Stuck(StuckKind),
}

/// The clock whose keeper a signal wakes, and whether SIGTERM was among them. A lane has one session at a time.
static KEPT: AtomicPtr<Clock> = AtomicPtr::new(ptr::null_mut());
static ORDERED: AtomicBool = AtomicBool::new(false);

extern "C" fn wake(signal: c_int) {
    if signal == libc::SIGTERM {
        ORDERED.store(true, SeqCst);
    }
    // SAFETY: set by `keep` for as long as its clock lives.
    if let Some(clock) = unsafe { KEPT.load(SeqCst).as_ref() } {
        clock.interrupt_keeper();
    }
}

/// Keeps the clock until the session's process has ended, is stuck, or SIGTERM comes from outside.
pub(super) fn keep(clock: &Clock, session: Pid, outward: [RawFd; 3]) -> Ending {
    ORDERED.store(false, SeqCst);
    KEPT.store(ptr::from_ref(clock).cast_mut(), SeqCst);
    listen();
    // The keeper holds files of every task. The session's process has a limit of its own.
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
    let mut keeper = clock.keeper(outward);
    let ending = loop {
        keeper.listen();
        if let Some(status) = collect(session) {
            break Ending::Of(status);
        }
        if ORDERED.load(SeqCst) {
            break Ending::Stuck(StuckKind::Ended);
        }
        match keeper.look() {
            Look::Again(nanoseconds) => keeper.sleep(nanoseconds),
            Look::Deadlocked => break Ending::Stuck(StuckKind::Deadlocked),
            Look::Spent => break Ending::Stuck(StuckKind::Spent),
        }
    };
    KEPT.store(ptr::null_mut(), SeqCst);
    ending
}

/// Init has its own handlers, which other processes of this memory do not run.
fn listen() {
    let action = SigAction::new(SigHandler::Handler(wake), SaFlags::empty(), SigSet::empty());
    let signals = [Signal::SIGCHLD, Signal::SIGTERM];
    for signal in signals {
        // SAFETY: the handler only writes to atomics.
        let handled = unsafe { sigaction(signal, &action) };
        debug_assert!(handled.is_ok());
    }
    let unblocked = sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&SigSet::from_iter(signals)), None);
    debug_assert!(unblocked.is_ok());
}

/// Without a clock.
pub(super) fn wait_for(session: Pid) -> Ending {
    let awaited = SigSet::from_iter([Signal::SIGTERM, Signal::SIGCHLD]);
    loop {
        if let Some(status) = collect(session) {
            return Ending::Of(status);
        }
        if awaited.wait() == Ok(Signal::SIGTERM) {
            return Ending::Stuck(StuckKind::Ended);
        }
    }
}

/// Takes leave of all that have ended. The wait status of the session's own process, if it was among them.
fn collect(session: Pid) -> Option<i32> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) if pid == session => return Some(code << 8),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == session => return Some(signal as i32),
            Ok(WaitStatus::StillAlive) => return None,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return Some(0),
        }
    }
}
