//! Copies of a session's process, in which something is tried that must not happen.
//!
//! A copy has no output, changes no files, reaches nobody and lives for a moment. It tells what it sees through us.

use std::ffi::CString;
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

use crate::clock;
use crate::model::outcome::{Attempt, Exception};
use crate::model::snippet::Line;
use crate::sandbox::CopyFilter;
use crate::wire::{Decoder, Fact, Reply};
use crate::worker::ffi;
use crate::worker::status_pipe::StatusPipe;

/// Bytes that are read from one.
const MOST: usize = 4 << 20;

/// The names of a copy's Python side, loaded once per lane.
static NAMES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// Kind, bases and message of an exception, and whether it is known what was raised, if anything.
type Raised = (Option<(String, Vec<String>, String)>, bool);

/// Compiles what copies need. `kind_of` is the harness's function of this name.
pub(super) fn load(py: Python<'_>, kind_of: &Bound<'_, PyAny>) -> PyResult<()> {
    let names = PyDict::new(py);
    names.set_item("__name__", "snipcheck")?;
    names.set_item("kind_of", kind_of)?;
    py.run(&CString::new(include_str!("trial_process.py"))?, Some(&names), None)?;
    // A lane loads it once.
    let _ = NAMES.set(py, names.unbind());
    Ok(())
}

/// Runs `work` in a copy. Where none can be made, or no sandbox is around it, nothing happens.
pub(super) fn run<'py>(py: Python<'py>, status: &StatusPipe, work: impl FnOnce(&Bound<'py, PyDict>)) {
    let (Some(filter), Some(names)) = (&status.trial_filter, NAMES.get(py)) else { return };
    if !is_alone(py) || hears_of_children() {
        return;
    }
    let Ok((ours, theirs)) = pipe() else { return };
    // SAFETY: the GIL is held, there is one thread, and each process calls its counterpart below.
    let forked = unsafe {
        ffi::PyOS_BeforeFork();
        nix::unistd::fork()
    };
    if let Ok(ForkResult::Child) = forked {
        let _ends_here = Gone;
        // SAFETY: this is the child of the fork announced above.
        unsafe { ffi::PyOS_AfterFork_Child() };
        // The session waits for nothing that happens here.
        clock::leave();
        let names = names.bind(py);
        if confine(names, status, (filter, &theirs)).is_ok() {
            work(names);
        }
        return;
    }
    // SAFETY: this is the parent, whether there is a child or not.
    unsafe { ffi::PyOS_AfterFork_Parent() };
    let Ok(ForkResult::Parent { child }) = forked else { return };
    drop(theirs);
    pass_on(status, ours, child);
}

/// At its end a copy is gone, however it ends: what it goes back to is the session's.
struct Gone;

impl Drop for Gone {
    fn drop(&mut self) {
        // SAFETY: _exit(2) does not return, and nothing of what the copy holds is flushed.
        unsafe { libc::_exit(0) }
    }
}

/// What code raises that stands in a comment. Tells nothing where it cannot be tried.
pub(super) fn attempt(py: Python<'_>, status: &StatusPipe, line: Line, code: &str) {
    // SAFETY: the GIL is held; the names are borrowed from the frame that runs.
    let names = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetGlobals()) };
    let Some(names) = names else { return };
    run(py, status, |own| {
        let told = own
            .as_any()
            .get_item("kind_of")
            .and_then(|told| own.as_any().get_item("raised")?.call1((code, names, told)));
        let Ok((raised, true)) = told.and_then(|raised| raised.extract::<Raised>()) else { return };
        let exception = raised.map(|(kind, bases, message)| Exception {
            kind,
            bases,
            message,
            line: None,
            frames: Vec::new(),
            traceback: String::new(),
        });
        status.send(&Reply::Seen(Box::new(Fact::Attempt(Attempt { line, exception }))));
    });
}

/// Locks that other threads hold would be held for ever.
fn is_alone(py: Python<'_>) -> bool {
    let others = py.import("_thread").and_then(|threads| threads.call_method0("_count"));
    others.and_then(|others| others.extract::<usize>()).is_ok_and(|others| others == 0)
}

/// Whether the snippet has asked to be told when a child of its process ends.
fn hears_of_children() -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: only asks, and the answer has its place.
    let asked = unsafe { libc::sigaction(Signal::SIGCHLD as i32, std::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: zeroed, and written by the call above; every value is valid.
    let action = unsafe { action.assume_init() };
    asked != 0 || action.sa_sigaction != libc::SIG_DFL
}

/// In the copy. The Python side comes first, because it knows what it refuses; what it does not see ends the copy.
fn confine(
    names: &Bound<'_, PyDict>,
    status: &StatusPipe,
    (filter, pipe): (&CopyFilter, &OwnedFd),
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

/// Until the copy ends, as it does when its time is up.
fn pass_on(status: &StatusPipe, pipe: OwnedFd, child: Pid) {
    let mut decoder = Decoder::new(&status.token);
    let mut pipe = File::from(pipe);
    let mut buffer = vec![0; 64 << 10];
    let mut left = MOST;
    while left > 0 {
        let count = match pipe.read(&mut buffer) {
            Ok(count @ 1..) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Ok(_) | Err(_) => break,
        };
        left = left.saturating_sub(count);
        decoder.feed(&buffer[..count]);
        // Nothing but what it has seen: a copy ends no step.
        while let Ok(Some(Reply::Seen(fact))) = decoder.next() {
            status.send(&Reply::Seen(fact));
        }
    }
    // It may be gone already.
    let _ = kill(child, Signal::SIGKILL);
    while waitpid(child, None) == Err(Errno::EINTR) {}
}
