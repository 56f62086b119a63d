//! What a run cannot begin or go on with.

use std::io;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::sys::signal::Signal;

use crate::model::policy::Tier;
use crate::wire::FrameError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum SupervisorError {
    #[error("cannot start the runner")]
    Start(#[source] io::Error),
    /// The sandbox that was asked for cannot be had. Nothing ran.
    #[error("{step}: {error}")]
    Refused { step: String, error: String },
    /// The sandbox that was made does not hold. Nothing of a document ran.
    #[error("the sandbox does not hold: its self-test could {}", breaches.join(", "))]
    Breached { breaches: Vec<String> },
    /// Python did not start; `said` is what it printed.
    #[error("the interpreter `{}` does not start", python.display())]
    Interpreter { python: PathBuf, tier: Tier, said: String },
    /// A signal ended it before it was ready, twice; `said` is what it printed.
    #[error("the interpreter `{}` was killed by {signal} before it was ready", python.display())]
    Killed { python: PathBuf, signal: Signal, said: String },
    /// Before anything of a document ran.
    #[error("interrupted")]
    Interrupted,
    #[error("a lane broke off")]
    Lane(#[from] FrameError),
}

impl SupervisorError {
    /// Whether the caller's limits, or those of the machine, leave too little to run with.
    pub(crate) fn is_scarcity(&self) -> bool {
        const SCARCE: [Errno; 10] = [
            Errno::EAGAIN,
            Errno::EDQUOT,
            Errno::EMFILE,
            Errno::ENFILE,
            Errno::ENOENT,
            Errno::ENOMEM,
            Errno::ENOSPC,
            Errno::ENOTDIR,
            Errno::EROFS,
            Errno::EACCES,
        ];
        match self {
            Self::Start(error) => {
                error.raw_os_error().is_some_and(|error| SCARCE.contains(&Errno::from_raw(error)))
            }
            Self::Refused { .. }
            | Self::Breached { .. }
            | Self::Interpreter { .. }
            | Self::Killed { .. }
            | Self::Interrupted
            | Self::Lane(_) => false,
        }
    }
}
