//! A session's process tree: init, the first process of its namespace, and the session's own process below it.

use std::fs;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use crate::policy::{Limits, Tier};
use crate::sandbox::descriptors::{SessionDescriptors, install};
use crate::sandbox::{SandboxError, Step, directories, limits, privileges};
use crate::wire::{Reply, Token, encode};

/// What init needs to know of a session.
#[derive(Debug)]
pub(crate) struct SessionPlan<'a> {
    pub(crate) tier: Tier,
    pub(crate) limits: &'a Limits,
    pub(crate) token: Token,
    pub(crate) neighbours: Option<&'a Path>,
    pub(crate) scratch: Option<&'a Path>,
}

/// Starts init as a child of this process's parent and runs `session` in its child, which must not return.
///
/// The caller is a process with one thread. Returns init's pid, as the caller's namespace counts it.
pub(crate) fn start(
    plan: &SessionPlan<'_>,
    descriptors: SessionDescriptors,
    session: impl FnOnce(OwnedFd, PathBuf),
) -> Result<Pid, SandboxError> {
    let mut flags = libc::CLONE_PARENT;
    if plan.tier == Tier::A {
        flags |= libc::CLONE_NEWPID | libc::CLONE_NEWNS | libc::CLONE_NEWIPC;
    }
    match clone(flags).step("start a session")? {
        0 => {
            run(plan, descriptors, session);
            exit(0)
        }
        child => Ok(Pid::from_raw(child)),
    }
}

/// `fork` with flags (clone3(2)): 0 in the child.
fn clone(flags: libc::c_int) -> std::io::Result<libc::pid_t> {
    // SAFETY: all-zero bytes are a valid `clone_args`; zero means “not used” for every field.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = u64::from(flags.cast_unsigned());
    // With CLONE_PARENT the signal is that of the caller's own death, and none may be given.
    arguments.exit_signal = 0;
    // SAFETY: no shared memory and no new stack: the child goes on here in a copy of this single-threaded process.
    let answer =
        unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<libc::clone_args>()) };
    if answer < 0 {
        Err(std::io::Error::last_os_error())
    } else {
        Ok(libc::pid_t::try_from(answer).expect("a pid fits"))
    }
}

fn run(plan: &SessionPlan<'_>, descriptors: SessionDescriptors, session: impl FnOnce(OwnedFd, PathBuf)) {
    let Ok(status) = install(descriptors) else { return };
    let home = match prepare(plan) {
        Ok(home) => home,
        Err(error) => {
            return report(
                plan,
                &status,
                &Reply::Refused { step: error.to_string(), error: error.source.to_string() },
            );
        }
    };
    // SAFETY: this process has one thread; the child runs the session and ends.
    match unsafe { fork() } {
        Err(error) => report(
            plan,
            &status,
            &Reply::Refused { step: "cannot fork".to_owned(), error: error.to_string() },
        ),
        Ok(ForkResult::Child) => {
            match confine(plan) {
                Ok(()) => session(status, home),
                Err(error) => report(
                    plan,
                    &status,
                    &Reply::Refused { step: error.to_string(), error: error.source.to_string() },
                ),
            }
            exit(0)
        }
        Ok(ForkResult::Parent { child }) => {
            let ended = wait_for(child);
            if plan.tier != Tier::A {
                kill_descendants();
            }
            report(plan, &status, &Reply::Gone { status: ended });
        }
    }
}

/// Init's own set-up: it dies with the supervisor and is nobody's to inspect.
fn prepare(plan: &SessionPlan<'_>) -> Result<PathBuf, SandboxError> {
    prctl::set_pdeathsig(Signal::SIGKILL).step("die with the supervisor")?;
    prctl::set_dumpable(false).step("hide from debuggers")?;
    if plan.tier != Tier::A {
        prctl::set_child_subreaper(true).step("adopt orphans")?;
        let mut terminate = SigSet::empty();
        terminate.add(Signal::SIGTERM);
        terminate.add(Signal::SIGCHLD);
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&terminate), None).step("block signals")?;
    }
    directories::make(plan.tier, plan.limits, plan.neighbours, plan.scratch)
}

/// The session process's own set-up, after which no user code can undo anything.
fn confine(plan: &SessionPlan<'_>) -> Result<(), SandboxError> {
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("unblock signals")?;
    privileges::leave_terminal()?;
    limits::apply(plan.limits, plan.tier)?;
    if plan.tier == Tier::A {
        privileges::drop_capabilities()?;
    }
    prctl::set_dumpable(true).step("stay readable to ourselves")
}

/// Waits for the session's process, collecting orphans. Without a namespace SIGTERM ends the session from outside.
fn wait_for(session: Pid) -> i32 {
    let mut awaited = SigSet::empty();
    awaited.add(Signal::SIGTERM);
    awaited.add(Signal::SIGCHLD);
    let blocked = SigSet::thread_get_mask().is_ok_and(|mask| mask.contains(Signal::SIGTERM));
    loop {
        let flags = blocked.then_some(WaitPidFlag::WNOHANG);
        match waitpid(None, flags) {
            Ok(WaitStatus::Exited(pid, code)) if pid == session => return code << 8,
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == session => return signal as i32,
            Ok(WaitStatus::StillAlive) => {
                if awaited.wait() == Ok(Signal::SIGTERM) {
                    return Signal::SIGKILL as i32;
                }
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return 0,
        }
    }
}

/// Without a pid namespace nothing ends the others by itself: kill and collect until there is nobody left.
fn kill_descendants() {
    while let Ok(children) = fs::read_to_string("/proc/thread-self/children") {
        let mut found = false;
        for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
            found = kill(Pid::from_raw(child), Signal::SIGKILL).is_ok() || found;
        }
        if !found {
            return;
        }
        while matches!(waitpid(None, None), Ok(status) if status != WaitStatus::StillAlive) {}
    }
}

fn report(plan: &SessionPlan<'_>, status: &OwnedFd, reply: &Reply) {
    if let Ok(frame) = encode(&plan.token, reply)
        && let Ok(copy) = status.try_clone()
    {
        // The supervisor may be gone; then nobody is left to tell.
        let _ = fs::File::from(copy).write_all(&frame);
    }
}

/// Ends a copy of the interpreter's process without running its exit handlers.
fn exit(code: i32) -> ! {
    // SAFETY: _exit(2) takes any code and does not return.
    unsafe { libc::_exit(code) }
}
