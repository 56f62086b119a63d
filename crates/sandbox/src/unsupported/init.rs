//! A session's process tree where there are no namespaces and no process adopts orphans: init, a child of the lane, and
//! the session's own process below it.
//!
//! Init ends the session's process group. What has left that group stays behind.

use std::ffi::c_int;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, kill, killpg, sigaction, sigprocmask,
};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork, getpid, getppid};

use crate::descriptors::{SessionDescriptors, install};
use crate::error::{SandboxError, StepContext};
use crate::folders;
use crate::init_messages::{announce, exit, refused, report};
use crate::paths::TEMPORARY;
use crate::session_plan::SessionPlan;
use crate::unsupported::limits::{leave_terminal, limit};
use snipcheck_wire::{ProcessEnd, Reply};

/// Seconds after which init notices that the lane is gone, and with it the supervisor.
const CHECK: u32 = 1;

/// Starts a session and returns while it runs; `session` runs in init's child and must not return.
///
/// The caller is a process with one thread.
pub fn start<Session: FnOnce(SessionDescriptors, PathBuf)>(
    plan: &SessionPlan<'_>,
    descriptors: SessionDescriptors,
    session: Session,
) -> Result<(), SandboxError> {
    collect();
    let lane = getpid();

    // No signal may run a handler of the interpreter in init.
    let mut before = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut before)).step("block signals")?;
    // SAFETY: the caller has one thread, so no other thread holds a lock that the child would wait for.
    let started = match unsafe { fork() } {
        Ok(ForkResult::Child) => init(plan, descriptors, session, lane),
        Ok(ForkResult::Parent { .. }) => Ok(()),
        Err(error) => Err(error),
    };
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None).step("unblock signals")?;
    started.step("start a session")
}

/// Collects earlier inits. The supervisor signals an init only while it waits for the session, and the sessions of
/// these have ended.
fn collect() {
    while matches!(
        waitpid(None, Some(WaitPidFlag::WNOHANG)),
        Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..))
    ) {}
}

/// Runs as a session's init.
fn init<Session: FnOnce(SessionDescriptors, PathBuf)>(
    plan: &SessionPlan<'_>,
    descriptors: SessionDescriptors,
    session: Session,
    lane: Pid,
) -> ! {
    announce(plan);

    let numbers = [&descriptors.stdout, &descriptors.stderr, &descriptors.status].map(AsRawFd::as_raw_fd);
    let Ok(kept) = install(numbers, None) else { exit(1) };
    // `install` has closed the lane's descriptors in this process.
    std::mem::forget(descriptors);

    let scratch = plan.scratch.unwrap_or(Path::new(TEMPORARY));
    let home = match folders::make(scratch, plan.neighbours, &plan.setup.hidden) {
        Ok(home) => home,
        Err(error) => {
            report(plan, &kept.status, &refused(&error));
            exit(1)
        }
    };

    // SAFETY: init is a fork and has one thread, so no other thread holds a lock that its child would wait for.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            match prepare(plan) {
                Ok(()) => session(kept, home),
                Err(error) => report(plan, &kept.status, &refused(&error)),
            }
            exit(0)
        }
        Ok(ForkResult::Parent { child }) => {
            let status = wait_for(child, lane);
            // The call fails if the session has left no process in its group, as most do not.
            let _ = killpg(child, Signal::SIGKILL);
            report(plan, &kept.status, &Reply::Gone { status });
            exit(0)
        }
        Err(error) => {
            let (step, error) = ("cannot fork".to_owned(), error.to_string());
            report(plan, &kept.status, &Reply::Refused { step, error });
            exit(1)
        }
    }
}

/// Prepares the session's own process.
fn prepare(plan: &SessionPlan<'_>) -> Result<(), SandboxError> {
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("unblock signals")?;
    leave_terminal()?;
    limit(&plan.setup.limits)
}

/// Waits for the session's process. SIGTERM ends the session from outside, as does the end of the lane.
fn wait_for(session: Pid, lane: Pid) -> ProcessEnd {
    let awaited = SigSet::from_iter([Signal::SIGTERM, Signal::SIGCHLD, Signal::SIGALRM]);
    wake_for_children();

    loop {
        match waitpid(session, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(_, code)) => return ProcessEnd::of_code(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => return ProcessEnd::Signal(signal as i32),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return ProcessEnd::Exit(0),
        }

        alarm::set(CHECK);
        if getppid() != lane || awaited.wait() == Ok(Signal::SIGTERM) {
            // The session's process may have no group of its own yet.
            let _ = kill(session, Signal::SIGKILL);
            return ProcessEnd::Signal(Signal::SIGKILL as i32);
        }
    }
}

/// Handles SIGCHLD: some systems forget one that has no handler, even one that is blocked and waited for
/// (`sigwait(2)`).
fn wake_for_children() {
    extern "C" fn awake(_signal: c_int) {}
    let action = SigAction::new(SigHandler::Handler(awake), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing, so it is safe at any moment.
    let handled = unsafe { sigaction(Signal::SIGCHLD, &action) };
    // Without the handler the alarm wakes init, later.
    debug_assert!(handled.is_ok());
}
