//! What init does while a session on the virtual clock lives: it keeps the clock, and collects orphans.

use std::ffi::c_int;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::SeqCst};

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::clock::{Clock, Look};
use crate::policy;
use crate::sandbox::SessionPlan;
use crate::sandbox::descriptors::SessionDescriptors;
use crate::sandbox::news::report;
use crate::wire::{Reply, Stuck, StuckKind};

/// The clock whose keeper a signal wakes. One process has one at a time.
static KEPT: AtomicPtr<Clock> = AtomicPtr::new(ptr::null_mut());
/// The supervisor wants the session to end. SIGKILL could come while the keeper allocates memory, which is the lane's.
static DISMISSED: AtomicBool = AtomicBool::new(false);

extern "C" fn wake(signal: c_int) {
    if signal == Signal::SIGTERM as c_int {
        DISMISSED.store(true, SeqCst);
    }
    // SAFETY: set by `keep` for as long as its clock lives.
    if let Some(clock) = unsafe { KEPT.load(SeqCst).as_ref() } {
        clock.interrupt_keeper();
    }
}

/// Keeps the clock until the session's process has ended or is stuck for good. Returns its wait status.
pub(super) fn keep(
    clock: &Clock,
    session: Pid,
    kept: &Option<SessionDescriptors>,
    plan: &SessionPlan<'_>,
) -> i32 {
    let Some(kept) = kept else { return 0 };
    // The keeper holds files of every task. The session's process has a limit of its own.
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
    listen(clock);
    let mut keeper = clock.keeper([&kept.stdout, &kept.stderr, &kept.status].map(AsRawFd::as_raw_fd));
    let ended = loop {
        keeper.listen();
        if let Some(ended) = collect(session) {
            break ended;
        }
        if DISMISSED.load(SeqCst) {
            break Signal::SIGKILL as i32;
        }
        let kind = match keeper.look() {
            Look::Again(nanoseconds) => {
                keeper.sleep(nanoseconds);
                continue;
            }
            Look::Deadlocked => StuckKind::Deadlocked,
            Look::Spent => StuckKind::Spent,
        };
        let passed = clock.of_step();
        let stuck = Stuck {
            kind,
            clock: policy::Clock::Virtual,
            passed: passed.time,
            jumps: passed.jumps,
            stacks: String::new(),
        };
        report(plan, &kept.status, &Reply::Stuck(Box::new(stuck)));
        break Signal::SIGKILL as i32;
    };
    KEPT.store(ptr::null_mut(), SeqCst);
    ended
}

/// Init has its own handlers, which other processes of this memory do not run.
fn listen(clock: &Clock) {
    KEPT.store(ptr::from_ref(clock).cast_mut(), SeqCst);
    DISMISSED.store(false, SeqCst);
    let action = SigAction::new(SigHandler::Handler(wake), SaFlags::empty(), SigSet::empty());
    let signals = [Signal::SIGCHLD, Signal::SIGTERM];
    for signal in signals {
        // SAFETY: the handler only writes to atomics.
        let handled = unsafe { sigaction(signal, &action) };
        debug_assert!(handled.is_ok());
    }
    let unblocked = sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&SigSet::from_iter(signals)), None);
    // Without it the keeper notices later.
    debug_assert!(unblocked.is_ok());
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
