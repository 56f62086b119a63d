//! A warm interpreter that starts one session after the other, each in a process tree of its own.

#[cfg(sandboxed)]
use std::ffi::{CString, OsStr};
use std::os::fd::{AsFd, AsRawFd};
#[cfg(sandboxed)]
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
#[cfg(sandboxed)]
use std::path::Path;
use std::sync::Arc;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
#[cfg(sandboxed)]
use snipcheck_clock::interposition::interposition;
#[cfg(sandboxed)]
use snipcheck_model::policy::Entropy;
use snipcheck_model::policy::{Chance, Clock, Launch, Layout, Network, Tier};
use snipcheck_sandbox::{self as sandbox, ConfinedLane, Confinement, CopyFilter, InitStack, SessionPlan};
#[cfg(sandboxed)]
use snipcheck_wire::ImageUse;
use snipcheck_wire::{self as wire, FrameError, LaneReply, LaneSetup, Request, RequestHead};

use crate::ffi;
use crate::free_blocks;
use crate::harness::Harness;
#[cfg(sandboxed)]
use crate::image;
use crate::own_code::OwnCode;
use crate::session::{self, SessionInput};
use crate::warm_up::warm_up;

/// The harness's word for a network of a lane's own.
const LOOPBACK: &str = "loopback";

/// What a lane has once it is confined and its interpreter has started.
pub(crate) struct Lane {
    socket: UnixStream,
    setup: LaneSetup,
    confinement: Confinement,
    /// What copies of sessions give up.
    copies: Option<Arc<CopyFilter>>,
    /// What an earlier lane has compiled of the worker's own code, or nothing.
    kept_code: Vec<u8>,
}

impl Lane {
    pub(crate) fn new(socket: UnixStream, confined: ConfinedLane, kept_code: Vec<u8>) -> Self {
        let ConfinedLane { setup, mut confinement } = confined;
        let copies = confinement.copies.take().map(Arc::new);
        Self { socket, setup, confinement, copies, kept_code }
    }
}

/// Serves until the supervisor closes the socket.
pub(crate) fn serve(py: Python<'_>, lane: &Lane) -> PyResult<()> {
    let (own_code, is_kept) = OwnCode::load(py, &lane.kept_code)?;
    let harness = Harness::load(py, &own_code, networks(&lane.setup))?;
    harness.prepare(py, &lane.setup)?;
    clear_no_site(py)?;
    if !lane.setup.preloaded.is_empty() {
        harness.call(py, "preload", (lane.setup.preloaded.clone(),))?;
    }
    warm_up(py, &harness, &lane.setup)?;
    py.import("gc")?.call_method0("freeze")?;
    free_blocks::take_out_of_use();

    let version = py.version_info();
    let layers = lane.confinement.layers.clone();
    let has_start_code = harness.call(py, "has_start_code", ())?.extract()?;
    let version = (version.major, version.minor);
    let compiled = if is_kept { Vec::new() } else { own_code.to_keep(py)? };
    drop(own_code);
    send(lane, &LaneReply::Ready { version, layers, has_start_code, compiled })?;

    let stack = InitStack::default();
    loop {
        let Some(descriptors) = sandbox::receive(lane.socket.as_raw_fd())? else { return Ok(()) };
        let unreadable = |error: FrameError| PyRuntimeError::new_err(error.to_string());
        let body = match wire::receive(&mut &lane.socket) {
            Ok(body) => body,
            Err(FrameError::Closed) => return Ok(()),
            Err(error) => return Err(unreadable(error)),
        };
        let head: RequestHead<'_> = body.decode().map_err(unreadable)?;

        if networks(&lane.setup) == LOOPBACK && sandbox::network_used() {
            return send(lane, &LaneReply::Retired);
        }

        // Time can be virtual only where everybody who could do something is in the sandbox.
        let plan = SessionPlan {
            setup: &lane.setup,
            confinement: &lane.confinement,
            token: head.token,
            neighbours: head.neighbours.as_deref(),
            folders: &head.folders,
            scratch: head.scratch.as_deref(),
            clocked: head.clock == Clock::Virtual && networks(&lane.setup) == LOOPBACK,
            start: head.chance.start,
            skipped_numbers: skipped_numbers(head.chance),
            stack: &stack,
            socket: lane.socket.as_fd(),
        };

        // SAFETY: the GIL is held; the parent and the child each call the counterpart for their side below.
        unsafe { ffi::PyOS_BeforeFork() };
        let started = sandbox::start(&plan, descriptors, |mut descriptors, home| {
            let (setup, trial_filter) = (&lane.setup, &lane.copies);
            #[cfg(sandboxed)]
            if head.image == ImageUse::Adopt
                && let Some(file) = descriptors.image.take()
                // SAFETY: as `adopt` demands: whatever is used afterwards is on this stack, or older than all sessions.
                && let Ok(kept) = unsafe { image::adopt(&file, body.bytes(), &home) }
            {
                drop(file);
                std::mem::forget(home);
                let Ok(request) = wire::decode::<Request>(kept.request) else { return };
                let home = Path::new(OsStr::from_bytes(kept.home));
                let (request, trial_filter) = (&request, trial_filter.clone());
                let start = session::Start::Resumed;
                session::run(
                    py,
                    &harness,
                    SessionInput { request, setup, trial_filter, descriptors, home, start },
                );
                return;
            }

            // This comes before Python's own work after a fork, in which modules that are loaded already draw seeds anew.
            #[cfg(sandboxed)]
            begin_interposition(head.chance.entropy, lane.setup.tier, head.scratch.as_deref());

            // SAFETY: this is the child of the fork that `PyOS_BeforeFork` has announced, and it holds the GIL.
            unsafe { ffi::PyOS_AfterFork_Child() };
            // The lane has decoded the head of this body, and both ends are of one build: the rest can be decoded.
            let Ok(request) = body.decode::<Request>() else { return };
            let (home, trial_filter, start) = (home.as_path(), trial_filter.clone(), session::Start::Cold);
            let input = SessionInput { request: &request, setup, trial_filter, descriptors, home, start };
            session::run(py, &harness, input);
        });
        // SAFETY: this is the parent of that fork, which holds the GIL, whether a child was made or not.
        unsafe { ffi::PyOS_AfterFork_Parent() };

        if let Err(error) = started {
            send(lane, &LaneReply::Refused { step: error.to_string(), error: error.source.to_string() })?;
        }
    }
}

/// Has libc's functions act as they do in a session.
#[cfg(sandboxed)]
fn begin_interposition(entropy: Entropy, tier: Tier, scratch: Option<&Path>) {
    let Some(library) = interposition() else { return };
    match entropy {
        Entropy::Seeded(seed) => (library.begin)(true, seed),
        Entropy::Real => (library.begin)(false, 0),
    }
    if let (Tier::B, Some(Ok(folder))) = (tier, scratch.map(|path| CString::new(path.as_os_str().as_bytes())))
    {
        (library.stand_in)(folder.as_ptr());
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

/// `sys.flags` as without `-S`, which `subprocess` and `multiprocessing` would pass on.
fn clear_no_site(py: Python<'_>) -> PyResult<()> {
    let flags = py.import("sys")?.getattr("flags")?;
    let index = flags.getattr("__match_args__")?.call_method1("index", ("no_site",))?.extract()?;
    let off = 0_u8.into_pyobject(py)?.into_any().unbind();
    // SAFETY: the index is that of one of the fields of `sys.flags`, which takes over the reference to the number.
    unsafe { ffi::PyStructSequence_SetItem(flags.as_ptr(), index, off.into_ptr()) };
    Ok(())
}

/// Numbers of processes that a session skips, so that its own differ from the usual ones where all else does.
fn skipped_numbers(chance: Chance) -> u32 {
    match chance.launch {
        Launch { hash_seed: 0, .. } | Launch { layout: Layout::Fixed, .. } => 0,
        Launch { hash_seed, layout: Layout::Random } => 10 + hash_seed.wrapping_mul(53) % 90,
    }
}

fn send(lane: &Lane, reply: &LaneReply) -> PyResult<()> {
    wire::write(&mut &lane.socket, reply).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}
