//! A session that makes an image: it runs start code, loads packages, and ends.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::Ordering::Relaxed;

use nix::unistd::ForkResult;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use snipcheck_clock as clock;
use snipcheck_wire::Request;

use crate::harness::Harness;
use crate::image::record::{Recorder, record};
use crate::usage::cpu_time;

/// The process ends afterwards. Without an image the file has no head, and where there is a reason to tell it goes to
/// stderr.
pub(crate) fn of_session(py: Python<'_>, harness: &Harness, request: &Request, file: &OwnedFd) {
    if let Err(error) = try_record(py, harness, request, file) {
        error.print(py);
        let _ = harness.err.borrow_mut(py).send();
    }
    // The process has nothing more to do: what packages have registered for its end is that of the sessions.
    // SAFETY: _exit(2) takes any code and does not return.
    unsafe { nix::libc::_exit(0) }
}

/// Libraries with threads of their own, as numeric ones have, end them when their process is copied, since threads are
/// not, and start them again when they need them (`pthread_atfork(3)`).
fn end_threads() -> std::io::Result<()> {
    if std::fs::read_dir("/proc/self/task")?.count() == 1 {
        return Ok(());
    }
    // SAFETY: the child ends at once.
    match unsafe { nix::unistd::fork() }? {
        // SAFETY: _exit(2) does not return.
        ForkResult::Child => unsafe { nix::libc::_exit(0) },
        ForkResult::Parent { child } => drop(nix::sys::wait::waitpid(child, None)?),
    }
    Ok(())
}

fn try_record(py: Python<'_>, harness: &Harness, request: &Request, file: &OwnedFd) -> PyResult<()> {
    let Some(page) = clock::page() else { return Err(PyRuntimeError::new_err("there is no clock")) };
    let recorder = Recorder::begin()?;

    // What only the recording does takes no time.
    let position = page.position();
    let surroundings = harness.call(py, "surroundings", ())?;
    page.go_on(position);
    let imports: Vec<(&str, Option<&str>)> =
        request.imports.iter().map(|import| (import.module.as_str(), import.name.as_deref())).collect();
    let before = cpu_time();
    let names: String = harness.call(py, "load_packages", (imports,))?.extract()?;

    let cost = cpu_time().saturating_sub(before);
    let position = page.position();
    end_threads()?;
    harness.call(py, "compare_surroundings", (surroundings,))?;
    page.go_on(position);
    if position.jumps > 0 || page.pending().next().is_some() || page.kernel_timers.load(Relaxed) > 0 {
        return Err(PyRuntimeError::new_err("loading waits for a time"));
    }
    for stream in [&harness.out, &harness.err] {
        let mut stream = stream.borrow_mut(py);
        stream.send()?;
        stream.close();
    }
    Ok(record(&recorder, file.as_fd(), &names, cost)?)
}
