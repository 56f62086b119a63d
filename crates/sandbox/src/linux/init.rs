//! A session's process tree: init, the first process of its namespace, and the session's own process below it.
//!
//! Init runs in the lane's memory while the lane waits, as vfork(2) has it: a second copy of a warm interpreter would
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

use crate::descriptors::{SessionDescriptors, install};
use crate::error::{SandboxError, StepContext};
use crate::init_messages::{announce, exit, refused, report};
use crate::linux::init_loop::{LoopEnd, is_abandoned, keep, wait_for};
use crate::linux::system_calls::SessionFilter;
use crate::linux::{directories, landlock, privileges, stacks};
use crate::session_plan::SessionPlan;
use snipcheck_clock::Clock;
use snipcheck_clock::places::CLOCK;
use snipcheck_model::policy::{self, Layer, Tier};
use snipcheck_wire::{ProcessEnd, Reply, Span, Stuck, StuckKind};

/// Bytes between the lane's frame that waits and the first frame of the session, in the session's copy.
const CLEARANCE: usize = 64 << 10;

/// What init and the session find in the memory they share with the lane, or have a copy of.
struct SharedState<'a, Session> {
    plan: &'a SessionPlan<'a>,
    descriptors: [RawFd; 3],
    image: Option<RawFd>,
    session: Option<Session>,
    session_stack: *mut c_void,
    /// Where glibc keeps the thread's id, which only glibc's own `fork` would renew.
    thread_id: *mut libc::pid_t,
    /// The session's descriptors, as init has moved them.
    kept: Option<SessionDescriptors>,
    clock: Option<Clock>,
    /// The end of a pipe from which init reads the stacks of threads.
    stacks: Option<OwnedFd>,
    home: PathBuf,
}

/// Runs a whole session and returns when its init has ended. Init is a child of this process's parent; `session` runs
/// in init's child and must not return.
///
/// The caller is a process with one thread.
pub fn start<Session: FnOnce(SessionDescriptors, PathBuf)>(
    plan: &SessionPlan<'_>,
    descriptors: SessionDescriptors,
    session: Session,
) -> Result<(), SandboxError> {
    let here = 0_u8;
    let mut state = SharedState {
        plan,
        descriptors: [&descriptors.stdout, &descriptors.stderr, &descriptors.status].map(AsRawFd::as_raw_fd),
        image: descriptors.image.as_ref().map(AsRawFd::as_raw_fd),
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
    let top = plan.stack.top().cast();
    // SAFETY: the stack and `state` outlive init, because CLONE_VFORK holds this thread until init is gone; nothing
    // else runs in this process meanwhile.
    let child = unsafe { libc::clone(init::<Session>, top, flags, std::ptr::from_mut(&mut state).cast()) };
    let started = if child < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    if plan.setup.tier == Tier::B {
        // Init ends its descendants itself, unless it was killed.
        kill_all_below();
    }

    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None).step("unblock signals")?;

    // Init owned these numbers in its own table of descriptors. In this table they are closed by `descriptors`.
    std::mem::forget((state.kept, state.stacks));
    drop(descriptors);
    started.step("start a session")
}

/// `PR_GET_TID_ADDRESS` of prctl(2), null where the kernel does not tell.
fn thread_id_address() -> *mut libc::pid_t {
    let mut address: *mut libc::pid_t = std::ptr::null_mut();
    // SAFETY: the kernel writes one pointer to `address`, which outlives the call.
    let answer = unsafe { libc::prctl(libc::PR_GET_TID_ADDRESS, &raw mut address) };
    if answer == 0 { address } else { std::ptr::null_mut() }
}

/// Runs as the first process of a session's namespace.
extern "C" fn init<Session: FnOnce(SessionDescriptors, PathBuf)>(state: *mut c_void) -> c_int {
    // SAFETY: `start` passes its own `SharedState`, which it does not touch before this process has ended.
    let state = unsafe { &mut *state.cast::<SharedState<'_, Session>>() };
    let plan = state.plan;
    announce(plan);

    let Ok(mut kept) = install(state.descriptors, state.image) else { exit(1) };
    if let Ok((ours, theirs)) = stacks::pipe() {
        state.stacks = Some(ours);
        kept.stacks = Some(theirs);
    }
    match prepare(plan) {
        Ok(prepared) => (state.home, state.clock) = (prepared.home, prepared.clock),
        Err(error) => {
            report(plan, &kept.status, &refused(&error));
            exit(1)
        }
    }
    // A supervisor that has died before `prepare` sends no signal any more.
    if is_abandoned(&kept.status) {
        exit(1)
    }
    state.kept = Some(kept);

    let stack = state.session_stack;
    if plan.setup.tier == Tier::A {
        skip_numbers(plan.skipped_numbers, stack);
    }
    // SAFETY: without CLONE_VM the child has a copy of all memory, in which nothing below the lane's frame is in use.
    let child =
        unsafe { libc::clone(begin::<Session>, stack, libc::SIGCHLD, std::ptr::from_mut(state).cast()) };
    let error = Errno::last();

    let Some(SessionDescriptors { status, .. }) = &state.kept else { exit(1) };
    if child < 0 {
        let error = error.to_string();
        report(plan, status, &Reply::Refused { step: "cannot fork".to_owned(), error });
        exit(1)
    }

    let session = Pid::from_raw(child);
    let outward = state.kept.as_ref().map(SessionDescriptors::outward);
    let ending = match (&state.clock, outward) {
        (Some(clock), Some(outward)) => keep(clock, session, outward),
        (None, _) | (_, None) => wait_for(session, status),
    };

    let ended = match ending {
        LoopEnd::Exited(end) => end,
        LoopEnd::Stuck(kind) => {
            give_up(kind, state, status);
            ProcessEnd::Signal(Signal::SIGKILL as i32)
        }
        LoopEnd::Abandoned => ProcessEnd::Signal(Signal::SIGKILL as i32),
    };

    end_descendants(plan.setup.tier);
    report(plan, status, &Reply::Gone { status: ended });
    // The lane has the clock's mapping too, and would keep it.
    drop(state.clock.take());
    exit(0)
}

/// Takes numbers of processes, so that those of the session are other ones.
fn skip_numbers(count: u32, stack: *mut c_void) {
    for _ in 0..count {
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        // SAFETY: init waits until the child is gone; below `stack` nothing of the lane's is in use, and the child's
        // function touches nothing.
        let child = unsafe { libc::clone(end_at_once, stack, flags, std::ptr::null_mut()) };
        if child < 0 || waitpid(Pid::from_raw(child), None).is_err() {
            return;
        }
    }
}

extern "C" fn end_at_once(_: *mut c_void) -> c_int {
    0
}

/// Runs as the session's own process.
extern "C" fn begin<Session: FnOnce(SessionDescriptors, PathBuf)>(state: *mut c_void) -> c_int {
    // SAFETY: `init` passes a pointer to its `SharedState`, of which this process has a copy that no other can reach.
    let state = unsafe { &mut *state.cast::<SharedState<'_, Session>>() };
    if !state.thread_id.is_null() {
        // SAFETY: the address is that of glibc's field for this thread, which glibc has given to the kernel.
        unsafe {
            *state.thread_id = libc::gettid();
            libc::syscall(libc::SYS_set_tid_address, state.thread_id);
        }
    }

    drop(state.stacks.take());
    let (Some(kept), Some(session)) = (state.kept.take(), state.session.take()) else { exit(1) };
    if let Some(clock) = state.clock.take() {
        clock.enter();
    }

    match confine(state.plan) {
        Ok(()) => session(kept, std::mem::take(&mut state.home)),
        Err(error) => report(state.plan, &kept.status, &refused(&error)),
    }
    exit(0)
}

/// What init has made for its session.
struct Prepared {
    home: PathBuf,
    clock: Option<Clock>,
}

/// Sets init up: it ends with the supervisor, and no other process can inspect it. Makes the session's directories and
/// clock.
fn prepare(plan: &SessionPlan<'_>) -> Result<Prepared, SandboxError> {
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

    let home = directories::make(plan)?;
    if !plan.clocked {
        return Ok(Prepared { home, clock: None });
    }

    // Without room for a clock the session has the machine's, and the report says so.
    let clock = Clock::create(Path::new(CLOCK), Duration::from_secs(plan.start)).ok();
    Ok(Prepared { home, clock })
}

/// Confines the session's own process. No user code can undo anything afterwards.
fn confine(plan: &SessionPlan<'_>) -> Result<(), SandboxError> {
    let SessionPlan { setup, confinement, scratch, .. } = plan;

    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("unblock signals")?;
    privileges::leave_terminal()?;
    confinement.limits.apply(&setup.limits, setup.tier)?;
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

/// Reports that the session is given up, and then where its threads stand.
///
/// The first report is sent before any thread is asked: the signal that asks may end what a thread waits for, and what
/// the thread does then must not count. After an order from outside it is not needed, because the supervisor gave it.
fn give_up<Session>(kind: StuckKind, state: &SharedState<'_, Session>, status: &OwnedFd) {
    let mut stuck = stuck(kind, state);
    match kind {
        StuckKind::Deadlocked | StuckKind::Spent => {
            report(state.plan, status, &Reply::Stuck(Box::new(stuck.clone())));
        }
        StuckKind::Ended => {}
    }
    if let Some(pipe) = &state.stacks {
        stuck.stacks = stacks::gather(pipe, &stacks::below());
    }
    report(state.plan, status, &Reply::Stuck(Box::new(stuck)));
}

/// What is known of a session that is given up without asking its threads.
fn stuck<Session>(kind: StuckKind, state: &SharedState<'_, Session>) -> Stuck {
    let passed = state.clock.as_ref().filter(|clock| !clock.is_real()).map(Clock::of_step);
    Stuck {
        kind,
        clock: if passed.is_some() { policy::Clock::Virtual } else { policy::Clock::Real },
        passed: passed.map_or(Span::default(), |passed| passed.time.into()),
        jumps: passed.map_or(0, |passed| passed.jumps),
        stacks: String::new(),
    }
}

/// Kills and collects all descendants of this process, which nothing else does where there is no pid namespace. Orphans
/// become children of this process, so without children it has no descendants.
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

/// Kills every process that this one may signal, all at once, so that none forks meanwhile. Landlock's scope for signals
/// has to hold for this process: it leaves just the descendants within reach.
fn kill_all_below() {
    let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
}
