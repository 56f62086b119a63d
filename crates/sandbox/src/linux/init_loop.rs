//! What init does while a session lives: it keeps the session's clock, collects orphans, listens for orders, and
//! notices that the supervisor is gone.

use std::ffi::c_int;
use std::os::fd::{AsFd, RawFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::SeqCst};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, alarm};

use snipcheck_clock::{Clock, Look};
use snipcheck_wire::{ProcessEnd, StuckKind};

/// Seconds between two checks that the supervisor is alive.
const CHECK: u32 = 1;

/// How a session has ended, or is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoopEnd {
    /// The session's process has ended, in this way.
    Exited(ProcessEnd),
    /// Init is to give the session up.
    Stuck(StuckKind),
    /// The supervisor is gone.
    Abandoned,
}

/// The clock whose keeper a signal wakes. A lane has one session at a time.
static KEPT: AtomicPtr<Clock> = AtomicPtr::new(ptr::null_mut());
/// Whether SIGTERM has arrived, the order to end the session.
static ORDERED: AtomicBool = AtomicBool::new(false);

extern "C" fn wake(signal: c_int) {
    if signal == libc::SIGTERM {
        ORDERED.store(true, SeqCst);
    }
    // SAFETY: `keep` sets the pointer to a clock that it borrows, and clears it before it returns.
    if let Some(clock) = unsafe { KEPT.load(SeqCst).as_ref() } {
        clock.interrupt_keeper();
    }
}

/// Keeps the clock until the session's process has ended, is stuck, or SIGTERM comes from outside.
pub(super) fn keep(clock: &Clock, session: Pid, outward: [RawFd; 3]) -> LoopEnd {
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
            break LoopEnd::Exited(status);
        }
        if ORDERED.load(SeqCst) {
            break LoopEnd::Stuck(StuckKind::Ended);
        }
        match keeper.look() {
            Look::Again(nanoseconds) => keeper.sleep(nanoseconds),
            Look::Deadlocked => break LoopEnd::Stuck(StuckKind::Deadlocked),
            Look::Spent => break LoopEnd::Stuck(StuckKind::Spent),
        }
    };

    KEPT.store(ptr::null_mut(), SeqCst);
    ending
}

/// Handles SIGCHLD and SIGTERM in init. The table of handlers is init's own; the lane, whose memory init shares, has
/// another.
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

/// Waits until a session without a clock has ended, or is to end. `outward` leads to the supervisor.
pub(super) fn wait_for(session: Pid, outward: &impl AsFd) -> LoopEnd {
    let awaited = SigSet::from_iter([Signal::SIGTERM, Signal::SIGCHLD, Signal::SIGALRM]);

    loop {
        if let Some(status) = collect(session) {
            return LoopEnd::Exited(status);
        }
        if is_abandoned(outward) {
            return LoopEnd::Abandoned;
        }

        // The death of the supervisor arrives as SIGTERM too. The alarm is for the case that it does not.
        alarm::set(CHECK);
        if awaited.wait() == Ok(Signal::SIGTERM) {
            return if is_abandoned(outward) { LoopEnd::Abandoned } else { LoopEnd::Stuck(StuckKind::Ended) };
        }
    }
}

/// Whether the supervisor, the only reader of this pipe, is gone.
pub(super) fn is_abandoned(outward: &impl AsFd) -> bool {
    let mut writing = [PollFd::new(outward.as_fd(), PollFlags::empty())];
    let answered = poll(&mut writing, PollTimeout::ZERO).is_ok();
    let [writing] = writing;
    answered && writing.revents().is_some_and(|events| events.contains(PollFlags::POLLERR))
}

/// Collects all children that have ended. Returns how the session's own process did if it is among them.
fn collect(session: Pid) -> Option<ProcessEnd> {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) if pid == session => return Some(ProcessEnd::of_code(code)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == session => {
                return Some(ProcessEnd::Signal(signal as i32));
            }
            Ok(WaitStatus::StillAlive) => return None,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return Some(ProcessEnd::Exit(0)),
        }
    }
}
