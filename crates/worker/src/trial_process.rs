//! Trial processes: forks of a session's process, in which code is tried whose effects the session must not have.
//!
//! A trial process has no output, changes no files, reaches nobody and lives for a moment. What it sees is sent to the
//! session's process, which passes it on to the supervisor.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, dup2_stderr, dup2_stdin, dup2_stdout, pipe};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::ffi;
use crate::own_code::{OwnCode, OwnText};
use crate::status_pipe::StatusPipe;
use snipcheck_clock as clock;
use snipcheck_model::outcome::{Attempt, Exception};
use snipcheck_model::snippet::Line;
use snipcheck_sandbox::CopyFilter;
use snipcheck_wire::{Decoder, Fact, Reply};

/// Bytes that are read from one trial process.
const MOST_BYTES: usize = 4 << 20;

/// The names of `trial_process.py`, loaded once per lane.
static NAMES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// What `raised` in `trial_process.py` returns.
#[derive(FromPyObject)]
struct Tried(Option<RaisedKind>, IsKnown);

/// Kind, bases and message of an exception.
#[derive(FromPyObject)]
struct RaisedKind(String, Vec<String>, String);

/// Whether the code could be tried, so that it is known what it raises, if anything.
type IsKnown = bool;

/// Loads the Python side. `kind_of` is the harness's function of this name.
pub(super) fn load(py: Python<'_>, own_code: &OwnCode, kind_of: &Bound<'_, PyAny>) -> PyResult<()> {
    let names = PyDict::new(py);
    names.set_item("__name__", "snipcheck")?;
    names.set_item("kind_of", kind_of)?;
    own_code.run(OwnText::TrialProcess, &names)?;
    // It is set already only if a lane loaded it twice, and both would be the same.
    let _ = NAMES.set(py, names.unbind());
    Ok(())
}

/// Runs `work` in a trial process. Nothing happens where none can be made or nothing would confine it.
pub(super) fn run<'py>(py: Python<'py>, status: &StatusPipe, work: impl FnOnce(&Bound<'py, PyDict>)) {
    let (Some(filter), Some(names)) = (&status.trial_filter, NAMES.get(py)) else { return };
    if !is_alone(py) || hears_of_children() {
        return;
    }

    let Ok((ours, theirs)) = pipe() else { return };
    // SAFETY: the GIL is held, the process has one thread, so that no other holds a lock in the child, and the parent and
    // the child each call the counterpart for their side below.
    let forked = unsafe {
        ffi::PyOS_BeforeFork();
        nix::unistd::fork()
    };
    if let Ok(ForkResult::Child) = forked {
        let _end = ExitOnDrop;
        // SAFETY: this is the child of the fork that `PyOS_BeforeFork` has announced, and it holds the GIL.
        unsafe { ffi::PyOS_AfterFork_Child() };
        // The session's clock waits for nothing that a trial process does.
        clock::leave();

        let names = names.bind(py);
        if confine(names, status, filter, &theirs).is_ok() {
            work(names);
        }
        return;
    }

    // SAFETY: this is the parent of that fork, which holds the GIL, whether a child was made or not.
    unsafe { ffi::PyOS_AfterFork_Parent() };
    let Ok(ForkResult::Parent { child }) = forked else { return };
    drop(theirs);
    pass_on(status, ours, child);
}

/// Ends the trial process where its work ends, also by a panic: the frames above are the session's.
struct ExitOnDrop;

impl Drop for ExitOnDrop {
    fn drop(&mut self) {
        // SAFETY: _exit(2) takes any code and does not return; it flushes no buffer that the session's process has too.
        unsafe { libc::_exit(0) }
    }
}

/// Reports what the code raises that stands in a comment. Reports nothing where the code cannot be tried.
pub(super) fn attempt(py: Python<'_>, status: &StatusPipe, line: Line, code: &str) {
    // SAFETY: the GIL is held; the globals are null or a dict, borrowed from the frame that runs.
    let names = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetGlobals()) };
    let Some(names) = names else { return };
    run(py, status, |own| {
        let tried = own
            .as_any()
            .get_item("kind_of")
            .and_then(|kind_of| own.as_any().get_item("raised")?.call1((code, names, kind_of)));
        let Ok(Tried(raised, true)) = tried.and_then(|tried| tried.extract()) else { return };

        let exception = raised.map(|RaisedKind(kind, bases, message)| Exception {
            kind,
            bases,
            message,
            line: None,
            frames: Vec::new(),
            traceback: String::new(),
            operands: Vec::new(),
        });
        status.send(&Reply::Seen(Box::new(Fact::Attempt(Attempt { line, exception }))));
    });
}

/// Whether the process has one thread. Locks that others hold would stay held in a fork, which has only this thread.
fn is_alone(py: Python<'_>) -> bool {
    let others = py.import("_thread").and_then(|threads| threads.call_method0("_count"));
    others.and_then(|others| others.extract::<usize>()).is_ok_and(|others| others == 0)
}

/// Whether the snippet has asked to be told when a child of its process ends.
fn hears_of_children() -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action nothing changes; the old one is written to a place of its type.
    let asked = unsafe { libc::sigaction(Signal::SIGCHLD as i32, std::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: zeros are a valid action, and if `sigaction` has written another it is valid too.
    let action = unsafe { action.assume_init() };
    asked != 0 || action.sa_sigaction != libc::SIG_DFL
}

/// Takes away the output and the rights of a trial process, which is this one. The audit hook of the Python side comes
/// first, because it raises an exception for what it refuses; the filter ends the process.
fn confine(
    names: &Bound<'_, PyDict>,
    status: &StatusPipe,
    filter: &CopyFilter,
    pipe: &OwnedFd,
) -> PyResult<()> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)
        .and_then(|()| dup2_stdout(&null))
        .and_then(|()| dup2_stderr(&null))
        .map_err(io::Error::from)?;

    names.as_any().get_item("confine")?.call0()?;
    let result = filter.seal(pipe.as_fd()).map_err(|error| error.source)?;
    status.redirect(result);
    Ok(())
}

/// Passes on what a trial process reports until it ends, as it does at the latest when its time is up.
fn pass_on(status: &StatusPipe, pipe: OwnedFd, child: Pid) {
    let mut decoder = Decoder::new(&status.token);
    let mut pipe = File::from(pipe);
    let mut buffer = vec![0; 64 << 10];
    let mut left = MOST_BYTES;

    while left > 0 {
        let count = match pipe.read(&mut buffer) {
            Ok(count @ 1..) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(_) | Err(_) => break,
        };

        left = left.saturating_sub(count);
        decoder.feed(&buffer[..count]);
        // Facts and no other reply: a trial process ends no step.
        while let Ok(Some(Reply::Seen(fact))) = decoder.next() {
            status.send(&Reply::Seen(fact));
        }
    }

    // It may have ended already.
    let _ = kill(child, Signal::SIGKILL);
    while waitpid(child, None) == Err(Errno::EINTR) {}
}
