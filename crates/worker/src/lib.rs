//! Runs sessions in the CPython that has loaded this library: the only home of pyo3, and of processes that hold user
//! code.
//!
//! It is an extension module for the stable ABI (PEP 384) and serves every CPython from 3.11 on. The executable starts an
//! interpreter in a confined process, and has it load the module and call [`_snipcheck`]'s `begin` and `serve`.

mod asserts;
mod exception;
mod executor;
mod ffi;
mod fixture;
mod free_blocks;
mod harness;
#[cfg(sandboxed)]
mod image;
mod lane;
mod main_file;
mod own_code;
mod probe;
mod session;
mod stacks;
mod statement;
mod status_pipe;
mod stream;
mod titled;
mod trial_process;
mod usage;
mod warm_up;

use std::ffi::CStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;

use nix::libc;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use snipcheck_sandbox::ConfinedLane;
use snipcheck_wire::{self as wire, LaneSetup};

use crate::lane::Lane;

/// Variables that the loader of a lane's libraries reads (ld.so(8)), and that are none of a snippet's.
const OF_LOADER: [&CStr; 2] = [c"LD_BIND_NOW", c"LD_PRELOAD"];

/// The lane of this process.
static CURRENT: OnceLock<Lane> = OnceLock::new();

#[pymodule]
fn _snipcheck(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(begin, module)?)?;
    module.add_function(wrap_pyfunction!(serve, module)?)
}

/// Takes over a lane. `socket` is connected to the supervisor, `state` is a file that holds a [`ConfinedLane`] as a frame and
/// after it what was kept of [`own_code`], and `others` are descriptors that were needed to get here.
#[pyfunction]
fn begin(py: Python<'_>, socket: RawFd, state: RawFd, others: Vec<RawFd>) -> PyResult<()> {
    // SAFETY: whoever has started this interpreter hands over these descriptors, which nobody else uses.
    let (socket, mut state) = unsafe { (UnixStream::from_raw_fd(socket), File::from_raw_fd(state)) };
    for other in others {
        // SAFETY: as above.
        drop(unsafe { OwnedFd::from_raw_fd(other) });
    }

    let read = wire::read::<ConfinedLane>(&mut state);
    let confined = read.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let mut kept_code = Vec::new();
    state.read_to_end(&mut kept_code)?;
    restore_variables(py, &confined.setup)?;
    #[cfg(sandboxed)]
    snipcheck_sandbox::lose_inherited().map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let lane = Lane::new(socket, confined, kept_code);
    CURRENT.set(lane).map_err(|_| PyRuntimeError::new_err("a lane begins once"))
}

/// What the loader was told is as the caller would have it, for C and for Python, which has a copy of its own.
fn restore_variables(py: Python<'_>, setup: &LaneSetup) -> PyResult<()> {
    let copy = py.import("posix")?.getattr("environ")?;
    for name in OF_LOADER {
        let given = setup.variables.iter().rev().find(|(given, _)| given.as_bytes() == name.to_bytes());
        if let Some(Ok(value)) = given.map(|(_, value)| std::ffi::CString::new(value.as_bytes())) {
            copy.set_item(name.to_bytes(), value.to_bytes())?;
            // SAFETY: this process has one thread, and both texts end with a zero byte.
            unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) };
        } else {
            copy.call_method1("pop", (name.to_bytes(), py.None()))?;
            // SAFETY: as above.
            unsafe { libc::unsetenv(name.as_ptr()) };
        }
    }
    Ok(())
}

/// Takes the place of `sys.excepthook` and never returns: it is called with no frame of Python below it, so that the
/// stack which snippets see begins with their own.
#[pyfunction]
#[pyo3(signature = (*_exception))]
fn serve(py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
    let served = match CURRENT.get() {
        Some(lane) => lane::serve(py, lane),
        None => Err(PyRuntimeError::new_err("no lane has begun")),
    };
    let code = match served {
        Ok(()) => 0,
        Err(error) => {
            error.print(py);
            1
        }
    };
    // SAFETY: nothing of the interpreter is needed any more; _exit(2) does not return.
    unsafe { libc::_exit(code) }
}
