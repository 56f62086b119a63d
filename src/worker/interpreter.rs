//! The start of a lane: confined first, then a Python that is started like the interpreter the user chose.

use std::ffi::{CStr, CString, c_char, c_int};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::OnceLock;

use nix::sys::signal::{SigHandler, Signal};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::sandbox;
use crate::wire::{self, LaneReply, LaneSetup};
use crate::worker::ffi;
use crate::worker::lane::{self, ConfinedLane};

/// The hidden subcommand that a lane is started with.
pub(crate) const LANE: &str = "__lane";

/// Has the loader find every function of libpython when a lane starts (ld.so(8)). Each session would look for those that
/// it calls first, and have pages of memory copied for it.
pub(crate) const BIND_NOW: (&str, &str) = ("LD_BIND_NOW", "1");

/// The lane of this process. `Py_BytesMain` passes nothing through to the module `_snipcheck`, which needs it.
static CURRENT: OnceLock<ConfinedLane> = OnceLock::new();

/// The hidden subcommand: stdin is the socket to the supervisor. Returns only where there was no way to start.
pub(crate) fn lane() -> ExitCode {
    let Ok(mut socket) = take_socket() else { return ExitCode::FAILURE };
    let Ok(setup) = wire::read::<LaneSetup>(&mut socket) else { return ExitCode::FAILURE };

    let confinement = match sandbox::enter(&setup) {
        Ok(confinement) => confinement,
        Err(error) => {
            let reply = LaneReply::Refused { step: error.to_string(), error: error.source.to_string() };
            let told = wire::write(&mut socket, &reply);
            return if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };

    // Where there is no sandbox the lane is in the caller's folder, and with `-c` Python looks for modules there first.
    if nix::unistd::chdir("/").is_err() {
        return ExitCode::FAILURE;
    }
    restore_signals();
    if !setup.variables.iter().any(|(name, _)| name == BIND_NOW.0) {
        // SAFETY: this process has one thread, and the name ends with a zero byte.
        unsafe { nix::libc::unsetenv(c"LD_BIND_NOW".as_ptr()) };
    }

    let python = CString::new(setup.python.as_os_str().as_bytes()).unwrap_or_default();
    CURRENT.set(ConfinedLane { socket, setup, confinement }).expect("a lane starts once");
    start_python(&python);
    ExitCode::FAILURE
}

/// What the caller ignores (a shell's background jobs SIGINT, `nohup` SIGHUP) is nothing that snippets should see.
fn restore_signals() {
    for signal in Signal::iterator() {
        // SAFETY: the default action runs no code of ours. It can only fail for signals that cannot be caught.
        let _ = unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) };
    }
}

/// Rust's handlers for stack overflows swallow the first such signal that somebody sends.
#[cfg(sandboxed)]
pub(super) fn restore_faults() {
    for signal in [Signal::SIGSEGV, Signal::SIGBUS] {
        // SAFETY: the default action runs no code of ours. It can only fail for signals that cannot be caught.
        let _ = unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) };
    }
}

fn take_socket() -> std::io::Result<UnixStream> {
    let socket = std::io::stdin();
    let lifted = sandbox::lift(&socket)?;
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    Ok(UnixStream::from(lifted))
}

/// What `-c` runs. An exception hook is called with no frame of Python below it: the stack that snippets see begins
/// with their own.
const ENTRY: &CStr = c"import sys, _snipcheck; sys.excepthook = _snipcheck.serve; raise Exception";

/// `Py_BytesMain` finds the standard library from `argv[0]` as the interpreter of that name would. Without `site` nothing
/// of an environment runs: a lane has rights that its packages must not have.
fn start_python(python: &CString) {
    let arguments = [python.as_c_str(), c"-S", c"-c", ENTRY];
    let count = c_int::try_from(arguments.len()).expect("there are few arguments");
    let mut pointers: Vec<*mut c_char> =
        arguments.iter().map(|argument| argument.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());

    pyo3::append_to_inittab!(_snipcheck);
    // SAFETY: argc and argv are those of a C main, and outlive the call.
    unsafe { ffi::Py_BytesMain(count, pointers.as_mut_ptr()) };
}

#[pymodule]
fn _snipcheck(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(serve, module)?)
}

/// Takes the place of `sys.excepthook` and never returns.
#[pyfunction]
#[pyo3(signature = (*_exception))]
fn serve(py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
    let confined = CURRENT.get().expect("the lane was set before Python started");
    let code = match lane::serve(py, confined) {
        Ok(()) => 0,
        Err(error) => {
            error.print(py);
            1
        }
    };
    // SAFETY: nothing of the interpreter is needed any more; _exit(2) does not return.
    unsafe { nix::libc::_exit(code) }
}
