//! A session's process tree where there are no namespaces and nobody adopts orphans: init, a child of the lane, and the
//! session's own process below it.
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

use crate::sandbox::descriptors::{SessionDescriptors, install};
use crate::sandbox::elsewhere::{leave_terminal, limit};
use crate::sandbox::news::{announce, exit, refused, report};
use crate::sandbox::{SandboxError, SessionPlan, Step, TEMPORARY, folders};
use crate::wire::{ProcessEnd, Reply};

/// Seconds after which init notices that the lane has gone, and with it the supervisor.
const LOOK: u32 = 1;

/// A fork has memory of its own.
#[derive(Debug)]
pub(crate) struct InitStack;

impl InitStack {
    pub(crate) fn new() -> Self {
        Self
    }
}

/// Starts a session and returns while it runs; `session` runs in init's child and must not return.
///
/// The caller is a process with one thread.
pub(crate) fn start<Session: FnOnce(SessionDescriptors, PathBuf)>(
    plan: &SessionPlan<'_>,
    descriptors: SessionDescriptors,
    session: Session,
) -> Result<(), SandboxError> {
    collect();
    let lane = getpid();
    // No signal may run a handler of the interpreter in init.
    let mut before = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut before)).step("block signals")?;
    // SAFETY: with one thread there is no lock that somebody else holds in the child.
    let started = match unsafe { fork() } {
        Ok(ForkResult::Child) => init(plan, descriptors, session, lane),
        Ok(ForkResult::Parent { .. }) => Ok(()),
        Err(error) => Err(error),
    };
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None).step("unblock signals")?;
    started.step("start a session")
}

/// Takes leave of earlier inits. The supervisor, which may signal them as long as it waits for their sessions, does so
/// no more.
fn collect() {
    while matches!(
        waitpid(None, Some(WaitPidFlag::WNOHANG)),
        Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..))
    ) {}
}

fn init<Session: FnOnce(SessionDescriptors, PathBuf)>(
    plan: &SessionPlan<'_>,
    descriptors: SessionDescriptors,
    session: Session,
    lane: Pid,
) -> ! {
    announce(plan);
    let numbers = [&descriptors.stdout, &descriptors.stderr, &descriptors.status].map(AsRawFd::as_raw_fd);
    let Ok(kept) = install(numbers) else { exit(1) };
    // They are closed.
    std::mem::forget(descriptors);
    let scratch = plan.scratch.unwrap_or(Path::new(TEMPORARY));
    let home = match folders::make(scratch, plan.neighbours, &plan.setup.hidden) {
        Ok(home) => home,
        Err(error) => {
            report(plan, &kept.status, &refused(&error));
            exit(1)
        }
    };
    // SAFETY: as above.
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
            // Most sessions leave nobody behind.
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

/// The session process's own set-up.
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
        alarm::set(LOOK);
        if getppid() != lane || awaited.wait() == Ok(Signal::SIGTERM) {
            // It may have no group yet.
            let _ = kill(session, Signal::SIGKILL);
            return ProcessEnd::Signal(Signal::SIGKILL as i32);
        }
    }
}

/// Some systems forget a SIGCHLD that has no handler, even one that is blocked and waited for (`sigwait(2)`).
fn wake_for_children() {
    extern "C" fn awake(_signal: c_int) {}
    let action = SigAction::new(SigHandler::Handler(awake), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing at all.
    let handled = unsafe { sigaction(Signal::SIGCHLD, &action) };
    // The alarm wakes init too, later.
    debug_assert!(handled.is_ok());
}
