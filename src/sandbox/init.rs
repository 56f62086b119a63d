//! A session's process tree: init, the first process of its namespace, and the session's own process below it.
//!
//! Init borrows the lane's memory while the lane waits, as vfork(2) has it: a second copy of a warm interpreter would
//! cost more than all namespaces. The session gets the only copy, on the lane's own stack below the frames that wait.

use std::ffi::{c_int, c_void};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use crate::clock::Clock;
use crate::model::policy::{self, Layer, Tier};
use crate::sandbox::descriptors::{SessionDescriptors, install};
use crate::sandbox::news::{announce, exit, refused, report};
use crate::sandbox::system_calls::SessionFilter;
use crate::sandbox::vigil::{Ending, is_abandoned, keep, wait_for};
use crate::sandbox::{
    CLOCK, SandboxError, SessionPlan, Step, directories, landlock, limits, privileges, stacks,
};
use crate::wire::{ProcessEnd, Reply, Span, Stuck, StuckKind};

/// Init's own stack: it makes mounts and waits.
const INIT_STACK: usize = 256 << 10;
/// Between the lane's frame that waits and the first frame of the session, in the session's copy.
const CLEARANCE: usize = 64 << 10;

/// Memory for init's frames, kept by the lane for all its sessions.
#[derive(Debug)]
pub(crate) struct InitStack(*mut u8);

impl InitStack {
    pub(crate) fn new() -> Self {
        Self(Box::leak(vec![0_u8; INIT_STACK].into_boxed_slice()).as_mut_ptr())
    }
}

/// What init and the session find in the memory they share with the lane, or have a copy of.
struct Birth<'a, Session> {
    plan: &'a SessionPlan<'a>,
    descriptors: [RawFd; 3],
    session: Option<Session>,
    session_stack: *mut c_void,
    /// Where glibc keeps the thread's id, which only its own `fork` would renew.
    thread_id: *mut libc::pid_t,
    kept: Option<SessionDescriptors>,
    clock: Option<Clock>,
    /// Where init hears of stacks.
    stacks: Option<OwnedFd>,
    home: PathBuf,
}

/// Runs a whole session and returns when its init has ended. Init is a child of this process's parent; `session` runs
/// in init's child and must not return.
///
/// The caller is a process with one thread.
pub(crate) fn start<Session: FnOnce(SessionDescriptors, PathBuf)>(
    plan: &SessionPlan<'_>,
    descriptors: SessionDescriptors,
    session: Session,
) -> Result<(), SandboxError> {
    let here = 0_u8;
    let mut birth = Birth {
        plan,
        descriptors: [&descriptors.stdout, &descriptors.stderr, &descriptors.status].map(AsRawFd::as_raw_fd),
        session: Some(session),
        session_stack: std::ptr::from_ref(&here)
            .cast_mut()
            .wrapping_sub(CLEARANCE)
            .map_addr(|address| address & !0xf)
            .cast(),
        thread_id: thread_id_address(),
        kept: None,
        clock: None,
        stacks: None,
        home: PathBuf::new(),
    };
    let mut flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PARENT;
    if plan.setup.tier == Tier::A {
        flags |= libc::CLONE_NEWPID | libc::CLONE_NEWNS;
    }
    // No signal may run a handler of the interpreter in init, which would do it to the lane.
    let mut before = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut before)).step("block signals")?;
    let stack = plan.stack;
    // SAFETY: the stack and `birth` outlive init, because CLONE_VFORK holds this thread until init is gone; nothing
    // else runs in this process meanwhile. A stack grows down from its end, which is aligned for any ABI.
    let child = unsafe {
        let top = stack.0.add(INIT_STACK).map_addr(|address| address & !0xf);
        libc::clone(init::<Session>, top.cast(), flags, std::ptr::from_mut(&mut birth).cast())
    };
    let started = if child < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    if plan.setup.tier == Tier::B {
        // Init has done so unless somebody has killed it.
        kill_all_below();
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None).step("unblock signals")?;
    // What init owned was its own table's: the same numbers here are closed by `descriptors`.
    std::mem::forget((birth.kept, birth.stacks));
    drop(descriptors);
    started.step("start a session")
}

/// `PR_GET_TID_ADDRESS` of prctl(2), null where the kernel does not tell.
fn thread_id_address() -> *mut libc::pid_t {
    let mut address: *mut libc::pid_t = std::ptr::null_mut();
    // SAFETY: the kernel writes one pointer to where it is told.
    let answer = unsafe { libc::prctl(libc::PR_GET_TID_ADDRESS, &raw mut address) };
    if answer == 0 { address } else { std::ptr::null_mut() }
}

/// The first process of a session's namespace.
extern "C" fn init<Session: FnOnce(SessionDescriptors, PathBuf)>(birth: *mut c_void) -> c_int {
    // SAFETY: `start` passes its own `Birth`, which it does not touch before this process is gone.
    let birth = unsafe { &mut *birth.cast::<Birth<'_, Session>>() };
    let plan = birth.plan;
    announce(plan);
    let Ok(mut kept) = install(birth.descriptors) else { exit(1) };
    if let Ok((ours, theirs)) = stacks::pipe() {
        birth.stacks = Some(ours);
        kept.stacks = Some(theirs);
    }
    match prepare(plan) {
        Ok((home, clock)) => (birth.home, birth.clock) = (home, clock),
        Err(error) => {
            report(plan, &kept.status, &refused(&error));
            exit(1)
        }
    }
    // A supervisor that has died before `prepare` sends no signal any more.
    if is_abandoned(&kept.status) {
        exit(1)
    }
    birth.kept = Some(kept);
    let stack = birth.session_stack;
    // SAFETY: without CLONE_VM the child has a copy of all memory, in which nothing below the lane's frame is in use.
    let child =
        unsafe { libc::clone(begin::<Session>, stack, libc::SIGCHLD, std::ptr::from_mut(birth).cast()) };
    let error = Errno::last();
    let Some(SessionDescriptors { status, .. }) = &birth.kept else { exit(1) };
    if child < 0 {
        let error = error.to_string();
        report(plan, status, &Reply::Refused { step: "cannot fork".to_owned(), error });
        exit(1)
    }
    let session = Pid::from_raw(child);
    let outward = birth.kept.as_ref().map(SessionDescriptors::outward);
    let ending = match (&birth.clock, outward) {
        (Some(clock), Some(outward)) => keep(clock, session, outward),
        (None, _) | (_, None) => wait_for(session, status),
    };
    let ended = match ending {
        Ending::Of(status) => status,
        Ending::Stuck(kind) => {
            give_up(kind, birth, status);
            ProcessEnd::Signal(Signal::SIGKILL as i32)
        }
        Ending::Abandoned => ProcessEnd::Signal(Signal::SIGKILL as i32),
    };
    end_descendants(plan.setup.tier);
    report(plan, status, &Reply::Gone { status: ended });
    // Its mapping is the lane's too.
    drop(birth.clock.take());
    exit(0)
}

/// The session's own process.
extern "C" fn begin<Session: FnOnce(SessionDescriptors, PathBuf)>(birth: *mut c_void) -> c_int {
    // SAFETY: this process's copy of init's `Birth`; nobody else has it.
    let birth = unsafe { &mut *birth.cast::<Birth<'_, Session>>() };
    if !birth.thread_id.is_null() {
        // SAFETY: glibc's own field of this thread, at the address it has given to the kernel.
        unsafe {
            *birth.thread_id = libc::gettid();
            libc::syscall(libc::SYS_set_tid_address, birth.thread_id);
        }
    }
    drop(birth.stacks.take());
    let (Some(kept), Some(session)) = (birth.kept.take(), birth.session.take()) else { exit(1) };
    if let Some(clock) = birth.clock.take() {
        clock.enter();
    }
    match confine(birth.plan) {
        Ok(()) => session(kept, std::mem::take(&mut birth.home)),
        Err(error) => report(birth.plan, &kept.status, &refused(&error)),
    }
    exit(0)
}

/// Init's own set-up: it ends with the supervisor and is nobody's to inspect.
fn prepare(plan: &SessionPlan<'_>) -> Result<(PathBuf, Option<Clock>), SandboxError> {
    // The end of a namespace's first process is the end of all others. Without a namespace init has to see to it.
    let last_signal = match plan.setup.tier {
        Tier::A => Signal::SIGKILL,
        Tier::B | Tier::Off => Signal::SIGTERM,
    };
    prctl::set_pdeathsig(last_signal).step("end with the supervisor")?;
    prctl::set_dumpable(false).step("hide from debuggers")?;
    if plan.setup.tier != Tier::A {
        prctl::set_child_subreaper(true).step("adopt orphans")?;
    }
    if plan.setup.tier == Tier::B {
        landlock::scope_signals()?;
    }
    let home = directories::make(plan.setup, plan.neighbours, plan.scratch)?;
    if !plan.clocked {
        return Ok((home, None));
    }
    // Without room for it the session has the machine's, and the report says so.
    let clock = Clock::create(Path::new(CLOCK), Duration::from_secs(plan.start)).ok();
    if let (Some(clock), Some(interpreter)) = (&clock, &plan.confinement.interpreter) {
        clock.know_interpreter(interpreter);
    }
    Ok((home, clock))
}

/// The session process's own set-up, after which no user code can undo anything.
fn confine(plan: &SessionPlan<'_>) -> Result<(), SandboxError> {
    let SessionPlan { setup, confinement, scratch, .. } = plan;
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("unblock signals")?;
    privileges::leave_terminal()?;
    limits::apply(&setup.limits, setup.tier)?;
    match setup.tier {
        Tier::A => {
            privileges::drop_capabilities()?;
            if confinement.layers.contains(&Layer::Landlock) {
                landlock::close()?;
            }
        }
        Tier::B => landlock::confine_session(&confinement.readable, scratch.unwrap_or(Path::new("/")))?,
        Tier::Off => {}
    }
    prctl::set_dumpable(true).step("stay readable to ourselves")?;
    confinement.filter.as_ref().map_or(Ok(()), SessionFilter::apply)
}

/// Tells that the session is given up, and where its threads stand.
///
/// The first is told before anybody is asked: the signal that asks may end what a thread waits for, and what the thread
/// does then must not count. An order from outside needs no such word, because whoever gave it has judged already.
fn give_up<Session>(kind: StuckKind, birth: &Birth<'_, Session>, status: &OwnedFd) {
    let mut stuck = stuck(kind, birth);
    match kind {
        StuckKind::Deadlocked | StuckKind::Spent => {
            report(birth.plan, status, &Reply::Stuck(Box::new(stuck.clone())));
        }
        StuckKind::Ended => {}
    }
    if let Some(pipe) = &birth.stacks {
        stuck.stacks = stacks::gather(pipe, &stacks::below());
    }
    report(birth.plan, status, &Reply::Stuck(Box::new(stuck)));
}

/// What is known of it without asking the session.
fn stuck<Session>(kind: StuckKind, birth: &Birth<'_, Session>) -> Stuck {
    let passed = birth.clock.as_ref().filter(|clock| !clock.is_real()).map(Clock::of_step);
    Stuck {
        kind,
        clock: if passed.is_some() { policy::Clock::Virtual } else { policy::Clock::Real },
        passed: passed.map_or(Span::default(), |passed| passed.time.into()),
        jumps: passed.map_or(0, |passed| passed.jumps),
        stacks: String::new(),
    }
}

/// Without a pid namespace nothing ends the others by itself: kill and collect until nobody is left. Orphans become
/// children of this process, so it has none only when it has no descendants either.
fn end_descendants(tier: Tier) {
    loop {
        match tier {
            Tier::A => return,
            Tier::B => kill_all_below(),
            Tier::Off => {
                let Ok(children) = fs::read_to_string("/proc/thread-self/children") else { return };
                for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
                    let _ = kill(Pid::from_raw(child), Signal::SIGKILL);
                }
            }
        }
        match waitpid(None, None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return,
        }
    }
}

/// Everybody whom this process may signal, all at once, so that nobody forks meanwhile. Only after Landlock's scope has
/// closed around this process: it keeps everybody out who is not below.
fn kill_all_below() {
    let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
}
