//! The life of a lane: confined first, then a Python that was started like the interpreter the user chose.

use std::ffi::{CString, c_char, c_int};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::OnceLock;

use pyo3::ffi;
use pyo3::prelude::*;

use crate::sandbox;
use crate::wire::{self, LaneReply, LaneSetup};
use crate::worker::lane as service;

/// The hidden subcommand that a lane is started with.
pub(crate) const LANE: &str = "__lane";

/// Handed to the module below by the way of the interpreter, which passes nothing through.
static CURRENT: OnceLock<Lane> = OnceLock::new();

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) socket: UnixStream,
    pub(super) setup: LaneSetup,
}

/// The hidden subcommand: stdin is the socket to the supervisor. Returns only where there was no way to start.
pub(crate) fn lane() -> ExitCode {
    let Ok(mut socket) = take_socket() else { return ExitCode::FAILURE };
    let Ok(setup) = wire::read::<LaneSetup>(&mut socket) else { return ExitCode::FAILURE };
    if let Err(error) = sandbox::enter(&setup) {
        let reply = LaneReply::Refused { step: error.to_string(), error: error.source.to_string() };
        let told = wire::write(&mut socket, &reply);
        return if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let python = CString::new(setup.python.as_os_str().as_bytes()).unwrap_or_default();
    CURRENT.set(Lane { socket, setup }).expect("a lane starts once");
    start_python(&python);
    ExitCode::FAILURE
}

fn take_socket() -> std::io::Result<UnixStream> {
    let socket = std::io::stdin();
    let lifted = sandbox::lift(&socket)?;
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    Ok(UnixStream::from(lifted))
}

/// `Py_BytesMain` finds prefix and site-packages from `argv[0]` as the interpreter of that name would, a venv's too.
fn start_python(python: &CString) {
    const ARGUMENTS: c_int = 3;
    let arguments = [python.clone(), c"-c".to_owned(), c"import _snipcheck".to_owned()];
    let mut pointers: Vec<*mut c_char> =
        arguments.iter().map(|argument| argument.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());
    // SAFETY: no interpreter runs yet; the name is a static string.
    unsafe { ffi::PyImport_AppendInittab(c"_snipcheck".as_ptr(), Some(initialise)) };
    // SAFETY: argc and argv are those of a C main, and outlive the call.
    unsafe { ffi::Py_BytesMain(ARGUMENTS, pointers.as_mut_ptr()) };
}

/// Leaves the frames of `-c` and of the import machinery behind: a snippet's frame is the outermost on its stack.
///
/// The state that stays is made by `PyGILState_Ensure`, so that extension modules which call it find this one; it
/// cannot be the only one ever made, since CPython 3.11 does not reuse the memory of its first state.
fn replace_thread_state() {
    // SAFETY: the GIL is held by this thread all along but for the moment in which nobody else wants it. The frames
    // of the first state are never returned to.
    unsafe {
        let first = ffi::PyThreadState_Get();
        let between = ffi::PyThreadState_New(ffi::PyThreadState_GetInterpreter(first));
        ffi::PyThreadState_Swap(between);
        ffi::PyThreadState_Clear(first);
        ffi::PyThreadState_Delete(first);
        ffi::PyEval_SaveThread();
        ffi::PyGILState_Ensure();
        // From 3.12 on the swap has registered the state in between, and it stays.
        if ffi::PyThreadState_Get() != between {
            ffi::PyThreadState_Clear(between);
            ffi::PyThreadState_Delete(between);
        }
    }
}

/// Runs while `import _snipcheck` waits for it, and never lets it go on.
extern "C" fn initialise() -> *mut ffi::PyObject {
    replace_thread_state();
    let lane = CURRENT.get().expect("the lane was set before Python started");
    let code = Python::attach(|py| match service::serve(py, lane) {
        Ok(()) => 0,
        Err(error) => {
            error.print(py);
            1
        }
    });
    // SAFETY: nothing of the interpreter is needed any more; _exit(2) does not return.
    unsafe { nix::libc::_exit(code) }
}
