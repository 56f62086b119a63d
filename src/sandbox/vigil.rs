//! What init does while a session lives: it keeps the clock, if that is virtual, and collects orphans.

use std::ffi::c_int;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::SeqCst};

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::clock::{Clock, Look};
use crate::sandbox::descriptors::SessionDescriptors;
use crate::wire::StuckKind;

/// The clock whose keeper a signal wakes. One process has one at a time.
static KEPT: AtomicPtr<Clock> = AtomicPtr::new(ptr::null_mut());
/// SIGTERM ends a session from outside.
static ORDERED: AtomicBool = AtomicBool::new(false);

/// How it ended for init.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parting {
    /// The session's process, with this wait status.
    Ended(i32),
    /// It lives.
    GivenUp(StuckKind),
}

extern "C" fn wake(signal: c_int) {
    if signal == libc::SIGTERM {
        ORDERED.store(true, SeqCst);
    }
    // SAFETY: set by `keep` for as long as its clock lives.
    if let Some(clock) = unsafe { KEPT.load(SeqCst).as_ref() } {
        clock.interrupt_keeper();
    }
}

/// Keeps the clock until the session's process has ended, or is not to live on.
pub(super) fn keep(clock: &Clock, session: Pid, kept: &SessionDescriptors) -> Parting {
    listen_for_signals(clock);
    let mut keeper = clock.keeper([&kept.stdout, &kept.stderr, &kept.status].map(AsRawFd::as_raw_fd));
    let parting = loop {
        keeper.listen();
        if let Some(ended) = collect(session) {
            break Parting::Ended(ended);
        }
        if ORDERED.load(SeqCst) {
            break Parting::GivenUp(StuckKind::Ended);
        }
        match keeper.look() {
            Look::Again(nanoseconds) => keeper.sleep(nanoseconds),
            Look::Deadlocked => break Parting::GivenUp(StuckKind::Deadlocked),
            Look::Spent => break Parting::GivenUp(StuckKind::Spent),
        }
    };
    KEPT.store(ptr::null_mut(), SeqCst);
    parting
}

/// The same without a clock.
pub(super) fn wait_for(session: Pid) -> Parting {
    let awaited = SigSet::from_iter([Signal::SIGTERM, Signal::SIGCHLD]);
    loop {
        if let Some(ended) = collect(session) {
            return Parting::Ended(ended);
        }
        if awaited.wait() == Ok(Signal::SIGTERM) {
            return Parting::GivenUp(StuckKind::Ended);
        }
    }
}

/// Init has its own handlers, which other processes of this memory do not run.
fn listen_for_signals(clock: &Clock) {
    KEPT.store(ptr::from_ref(clock).cast_mut(), SeqCst);
    // The lane's memory remembers its last session.
    ORDERED.store(false, SeqCst);
    let action = SigAction::new(SigHandler::Handler(wake), SaFlags::empty(), SigSet::empty());
    let signals = [Signal::SIGCHLD, Signal::SIGTERM];
    // SAFETY: the handler only writes to atomics.
    let handled = signals.map(|signal| unsafe { sigaction(signal, &action) });
    let unblocked = sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&SigSet::from_iter(signals)), None);
    // Without it the keeper notices later.
    debug_assert!(handled.iter().all(Result::is_ok) && unblocked.is_ok());
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
