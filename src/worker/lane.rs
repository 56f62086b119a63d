//! A warm interpreter that starts one session after the other, each in a process tree of its own.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use std::os::fd::{AsFd, AsRawFd};

use crate::policy::{Network, Tier};
use crate::sandbox::{self, InitStack, SessionPlan};
use crate::wire::{self, FrameError, LaneReply, LaneSetup, Request};
use crate::worker::api;
use crate::worker::interpreter::Lane;
use crate::worker::session::{self, Harness};

/// Serves until the supervisor closes the socket.
pub(super) fn serve(py: Python<'_>, lane: &Lane) -> PyResult<()> {
    let harness = Harness::load(py, networks(&lane.setup))?;
    warm(py, lane)?;
    let version = py.version_info();
    let layers = lane.confinement.layers.clone();
    send(lane, &LaneReply::Ready { version: (version.major, version.minor), layers })?;
    let stack = InitStack::new();
    loop {
        let Some(descriptors) = sandbox::receive(lane.socket.as_raw_fd())? else { return Ok(()) };
        let request: Request = match wire::read(&mut &lane.socket) {
            Ok(request) => request,
            Err(FrameError::Closed) => return Ok(()),
            Err(error) => return Err(PyRuntimeError::new_err(error.to_string())),
        };
        if lane.setup.tier == Tier::A && sandbox::network_used() {
            return send(lane, &LaneReply::Retired);
        }
        let plan = SessionPlan {
            setup: &lane.setup,
            confinement: &lane.confinement,
            token: request.token,
            neighbours: request.neighbours.as_deref(),
            scratch: request.scratch.as_deref(),
            stack: &stack,
            socket: lane.socket.as_fd(),
        };
        // SAFETY: the GIL is held, and each process calls its counterpart.
        unsafe { api::PyOS_BeforeFork() };
        let started = sandbox::start(&plan, descriptors, |descriptors, home| {
            // SAFETY: this is the child of the fork announced above.
            unsafe { api::PyOS_AfterFork_Child() };
            session::run(py, &harness, &lane.setup.limits, &request, (descriptors, &home));
        });
        // SAFETY: this is the parent.
        unsafe { api::PyOS_AfterFork_Parent() };
        if let Err(error) = started {
            send(lane, &LaneReply::Refused { step: error.to_string(), error: error.source.to_string() })?;
        }
    }
}

/// Which networks sessions have, in the harness's words.
fn networks(setup: &LaneSetup) -> &'static str {
    match (setup.tier, setup.network) {
        (Tier::A, Network::Loopback) => "loopback",
        (Tier::B, _) => "none",
        (Tier::A, Network::Host) | (Tier::Off, _) => "",
    }
}

/// What every session needs is done once, before the first fork.
fn warm(py: Python<'_>, lane: &Lane) -> PyResult<()> {
    let path = py.import("sys")?.getattr("path")?;
    for folder in lane.setup.pythonpath.iter().rev() {
        path.call_method1("insert", (1, folder.as_os_str()))?;
    }
    let globals = PyDict::new(py);
    py.run(c"x = 1\nassert x\n", Some(&globals), None)?;
    py.import("gc")?.call_method0("freeze")?;
    Ok(())
}

fn send(lane: &Lane, reply: &LaneReply) -> PyResult<()> {
    wire::write(&mut &lane.socket, reply).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}
