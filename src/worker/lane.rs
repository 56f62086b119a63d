//! A warm interpreter that starts one session after the other, each in a process tree of its own.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use std::os::fd::{AsFd, AsRawFd};
use std::path::Path;

use crate::chance;
use crate::model::policy::{Clock, Network, Tier};
use crate::sandbox::{self, CHANCE, InitStack, SessionPlan};
#[cfg(sandboxed)]
use crate::unmounted;
use crate::wire::{self, Body, FrameError, LaneReply, LaneSetup, Request, RequestHead};
use crate::worker::ffi;
use crate::worker::harness::Harness;
use crate::worker::interpreter::ConfinedLane;
use crate::worker::session;

/// The harness's word for a network of a lane's own.
const LOOPBACK: &str = "loopback";

/// Serves until the supervisor closes the socket.
pub(super) fn serve(py: Python<'_>, lane: &ConfinedLane) -> PyResult<()> {
    let harness = Harness::load(py, networks(&lane.setup))?;
    warm(py)?;
    harness.prepare(py, &lane.setup)?;
    clear_no_site(py)?;
    py.import("gc")?.call_method0("freeze")?;
    let version = py.version_info();
    let layers = lane.confinement.layers.clone();
    let has_start_code = harness.call(py, "has_start_code", ())?.extract()?;
    let version = (version.major, version.minor);
    send(lane, &LaneReply::Ready { version, layers, has_start_code })?;
    let stack = InitStack::new();
    let mut has_preloaded = false;
    loop {
        let Some(descriptors) = sandbox::receive(lane.socket.as_raw_fd())? else { return Ok(()) };
        let read = wire::receive(&mut &lane.socket).and_then(|body| Ok((body.decode()?, body)));
        let (heading, body): (RequestHead, Body) = match read {
            Ok(read) => read,
            Err(FrameError::Closed) => return Ok(()),
            Err(error) => return Err(PyRuntimeError::new_err(error.to_string())),
        };
        if networks(&lane.setup) == LOOPBACK && sandbox::network_used() {
            return send(lane, &LaneReply::Retired);
        }
        if !has_preloaded && !heading.preloaded.is_empty() {
            harness.call(py, "preload", (heading.preloaded,))?;
            py.import("gc")?.call_method0("freeze")?;
            has_preloaded = true;
        }
        // Time can be virtual only where everybody who could do something is in the sandbox.
        let plan = SessionPlan {
            setup: &lane.setup,
            confinement: &lane.confinement,
            token: heading.token,
            neighbours: heading.neighbours.as_deref(),
            scratch: heading.scratch.as_deref(),
            clocked: heading.clock == Clock::Virtual && networks(&lane.setup) == LOOPBACK,
            start: heading.chance.start,
            stack: &stack,
            socket: lane.socket.as_fd(),
        };
        // SAFETY: the GIL is held, and each process calls its counterpart.
        unsafe { ffi::PyOS_BeforeFork() };
        let started = sandbox::start(&plan, descriptors, |descriptors, home| {
            // Before modules that were imported already draw anew.
            let note = (lane.setup.tier == Tier::A).then_some(Path::new(CHANCE));
            chance::decide(heading.chance.entropy, note);
            #[cfg(sandboxed)]
            if let (Tier::B, Some(scratch)) = (lane.setup.tier, &heading.scratch) {
                unmounted::enter(scratch);
            }
            // SAFETY: this is the child of the fork announced above.
            unsafe { ffi::PyOS_AfterFork_Child() };
            // The lane has read a part of it, and both ends are one executable.
            let Ok(request) = body.decode::<Request>() else { return };
            session::run(py, &harness, lane, &request, (descriptors, &home));
        });
        // SAFETY: this is the parent.
        unsafe { ffi::PyOS_AfterFork_Parent() };
        if let Err(error) = started {
            send(lane, &LaneReply::Refused { step: error.to_string(), error: error.source.to_string() })?;
        }
    }
}

/// Which networks sessions have, in the harness's words.
fn networks(setup: &LaneSetup) -> &'static str {
    match (setup.tier, setup.network) {
        (Tier::A, Network::Loopback) => LOOPBACK,
        (Tier::B, _) => "none",
        (Tier::A, Network::Host) | (Tier::Off, _) => "",
    }
}

/// What every session needs is done once, before the first fork.
fn warm(py: Python<'_>) -> PyResult<()> {
    let globals = PyDict::new(py);
    py.run(c"x = 1\nassert x\n", Some(&globals), None)
}

/// `sys.flags` as without `-S`, which `subprocess` and `multiprocessing` would pass on.
fn clear_no_site(py: Python<'_>) -> PyResult<()> {
    let flags = py.import("sys")?.getattr("flags")?;
    let index = flags.getattr("__match_args__")?.call_method1("index", ("no_site",))?.extract()?;
    let off = 0_u8.into_pyobject(py)?.into_any().unbind();
    // SAFETY: the index is that of one of its fields, which takes over the reference to the number.
    unsafe { ffi::PyStructSequence_SetItem(flags.as_ptr(), index, off.into_ptr()) };
    Ok(())
}

fn send(lane: &ConfinedLane, reply: &LaneReply) -> PyResult<()> {
    wire::write(&mut &lane.socket, reply).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}
