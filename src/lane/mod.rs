//! A lane until its interpreter runs: confined first, then the Python that the user chose, which loads the worker.
//!
//! The worker is a library that this executable carries. What serves requests is in it, and does not care how the
//! interpreter was started.

mod interpreter;
pub(crate) mod kept_code;
mod library;

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use nix::sys::signal::{SigHandler, Signal};

pub(crate) use self::library::{FileSizeLimit, INTERPOSE, Preload, image_file, seal};
use crate::lane::library::{Library, WORKER};
use crate::model::policy::Tier;
use crate::sandbox::{self, ConfinedLane};
use crate::wire::{self, LaneReply, LaneSetup};

/// The hidden subcommand that a lane is started with.
pub(crate) const LANE: &str = "__lane";

/// Has the loader find every function of libpython when a lane starts (ld.so(8)). Each session would look for those that
/// it calls first, and have pages of memory copied for it.
pub(crate) const BIND_NOW: (&str, &str) = ("LD_BIND_NOW", "1");

/// The hidden subcommand: stdin is the socket to the supervisor. Returns only where there was no way to start.
pub(crate) fn lane() -> ExitCode {
    let Ok(socket) = take_socket() else { return ExitCode::FAILURE };
    let mut socket = UnixStream::from(socket);
    let Ok(setup) = wire::read::<LaneSetup>(&mut socket) else { return ExitCode::FAILURE };

    // Of all files that a lane writes, only those of its sessions are limited.
    let _limit = FileSizeLimit::lift();
    let kept_code = setup.kept_code.as_deref().map(kept_code::read).unwrap_or_default();
    // A confined process makes no files in memory.
    let (Ok(worker), Ok(state)) = (Library::carried(WORKER), library::unnamed_file()) else {
        return ExitCode::FAILURE;
    };
    let confinement = match sandbox::enter(&setup, INTERPOSE) {
        Ok(confinement) => confinement,
        Err(error) => return refuse(socket, error.to_string(), error.source.to_string()),
    };

    // Where there is no sandbox the lane is in the caller's folder, and with `-c` Python looks for modules there first.
    if nix::unistd::chdir("/").is_err() {
        return ExitCode::FAILURE;
    }
    restore_signals();
    let python = setup.python.clone();
    let libpython = setup.libpython.clone();
    let preloaded = library::preloaded();
    if setup.tier == Tier::A {
        library::forget_preloaded();
    }
    let started = write_state(state, &ConfinedLane { setup, confinement }, &kept_code)
        .and_then(|state| arguments(socket.as_raw_fd(), state, worker, preloaded))
        .and_then(|arguments| interpreter::start(&python, libpython.as_deref(), &arguments));
    match started {
        Ok(never) => match never {},
        Err(error) => {
            // The supervisor reads it, as it does what Python says of itself.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn refuse(mut socket: UnixStream, step: String, error: String) -> ExitCode {
    let told = wire::write(&mut socket, &LaneReply::Refused { step, error });
    if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the caller ignores (a shell's background jobs SIGINT, `nohup` SIGHUP) is nothing that snippets should see.
fn restore_signals() {
    for signal in Signal::iterator() {
        // SAFETY: the default action runs no code of ours. It can only fail for signals that cannot be caught.
        let _ = unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) };
    }
}

fn take_socket() -> io::Result<OwnedFd> {
    let lifted = sandbox::lift(io::stdin())?;
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    Ok(lifted)
}

/// Leaves what the worker has to know of its lane in a file, and its code after that. Returns its descriptor.
fn write_state(mut file: File, confined: &ConfinedLane, kept_code: &[u8]) -> io::Result<RawFd> {
    wire::write(&mut file, confined).map_err(io::Error::other)?;
    file.write_all(kept_code)?;
    file.rewind()?;
    Ok(file.into_raw_fd())
}

/// The arguments of an interpreter that takes over this lane.
///
/// Without `site` nothing of an environment runs: a lane has rights that its packages must not have. An exception hook
/// is called with no frame of Python below it: the stack that snippets see begins with their own.
fn arguments(
    socket: RawFd,
    state: RawFd,
    worker: Library,
    preloaded: Option<RawFd>,
) -> io::Result<[String; 3]> {
    let (path, needed) = worker.into_path();
    let others: Vec<RawFd> = [needed, preloaded].into_iter().flatten().collect();
    for descriptor in others.iter().chain([&socket, &state]) {
        library::let_inherit(*descriptor)?;
    }

    let entry = format!(
        "import sys, _imp\n\
         worker = _imp.create_dynamic(type(sys.implementation)(name='_snipcheck', origin={path:?}))\n\
         _imp.exec_dynamic(worker)\n\
         worker.begin({socket}, {state}, {others:?})\n\
         sys.excepthook = worker.serve\n\
         raise Exception"
    );
    Ok(["-S".to_owned(), "-c".to_owned(), entry])
}
