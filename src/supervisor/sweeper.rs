//! A process that removes the scratch folder of a run whose supervisor was killed. Knows no sessions.
//!
//! Sessions cannot do it: their sandbox lets none of their processes change anything beside their own folders.

use std::io::{self, PipeWriter, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use nix::sys::signal::{SigHandler, Signal, signal};

use crate::sandbox;
use crate::supervisor::scratch::Scratch;

/// The hidden subcommand that a sweeper is started with. The folder is its argument.
pub(crate) const SWEEPER: &str = "__sweep";

/// What a terminal, a shell or a build server sends to everything that a run has started.
const IGNORED: [Signal; 4] = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM];

/// Ends when it is dropped. The folder is removed before that, or else by the process.
#[derive(Debug)]
pub(super) struct Sweeper {
    process: Child,
    /// Closed by the kernel, whatever becomes of this process.
    alive: Option<PipeWriter>,
}

impl Sweeper {
    pub(super) fn start(folder: &Path) -> io::Result<Self> {
        let (watched, alive) = io::pipe()?;
        let process = Command::new(sandbox::executable()?)
            .arg0("snipcheck")
            .arg(SWEEPER)
            .arg(folder)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(watched))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { process, alive: Some(alive) })
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        drop(self.alive.take());
        // It has nothing left to do.
        let _ = self.process.wait();
    }
}

/// The hidden subcommand: stdin ends when the supervisor does.
pub(crate) fn sweep(folder: &Path) -> ExitCode {
    for ignored in IGNORED {
        // SAFETY: no handler is installed.
        let _ = unsafe { signal(ignored, SigHandler::SigIgn) };
    }
    let Ok(scratch) = Scratch::adopt(folder) else { return ExitCode::FAILURE };

    // Nothing is ever written to it.
    let _ = io::stdin().read(&mut [0]);

    // The last processes of the sessions may take a moment to end.
    if scratch.is_there() && scratch.remove_patiently().is_err() {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
