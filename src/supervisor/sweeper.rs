//! A process that removes a folder of a run that was killed: the scratch folder, or the canary of a self-test. Knows no
//! sessions.
//!
//! Sessions cannot do it: their sandbox lets none of their processes change anything beside their own folders.

use std::fs;
use std::io::{self, PipeWriter, Read, Write};
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

/// A folder that goes with this process, however that ends.
#[derive(Debug)]
pub(super) struct Swept {
    // Dropped, and with that removed, before the sweeper ends.
    folder: Scratch,
    sweeper: Sweeper,
}

impl Swept {
    pub(super) fn make(prefix: &str) -> io::Result<Self> {
        Self::make_with_secret(prefix, "")
    }

    /// `secret` is in the environment of the process.
    pub(super) fn make_with_secret(prefix: &str, secret: &str) -> io::Result<Self> {
        let mut sweeper = None;
        // Before the folder is made, so that there is no moment without it.
        let folder = Scratch::make(prefix, |path| {
            sweeper = Some(Sweeper::start(path, secret)?);
            Ok(())
        })?;
        let mut sweeper = sweeper.ok_or(io::ErrorKind::NotFound)?;
        sweeper.hold();
        Ok(Self { folder, sweeper })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The process that would remove it.
    pub(super) fn process(&self) -> u32 {
        self.sweeper.process.id()
    }
}

/// Ends when it is dropped. The folder is removed before that, or else by the process.
#[derive(Debug)]
struct Sweeper {
    process: Child,
    /// Closed by the kernel, whatever becomes of this process.
    alive: Option<PipeWriter>,
}

impl Sweeper {
    fn start(folder: &Path, secret: &str) -> io::Result<Self> {
        let (watched, alive) = io::pipe()?;
        let process = Command::new(sandbox::executable()?)
            .arg0("snipcheck")
            .arg(SWEEPER)
            .arg(folder)
            .env_clear()
            .env("SECRET", secret)
            .current_dir("/")
            .stdin(Stdio::from(watched))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { process, alive: Some(alive) })
    }

    /// Tells it that the folder is there. It opens it at once, so that no later name leads it elsewhere.
    fn hold(&mut self) {
        if let Some(alive) = &mut self.alive {
            // One that has ended holds nothing, and only a killed run misses it.
            let _ = alive.write_all(b".");
        }
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
    let mut alive = io::stdin().lock();

    // One byte says that the folder is there.
    if !matches!(alive.read(&mut [0]), Ok(1)) {
        // Before that byte the supervisor has put nothing in it. Whatever holds something is not the supervisor's.
        let removed = fs::remove_dir(folder);
        return if removed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let Ok(scratch) = Scratch::adopt(folder) else { return ExitCode::FAILURE };

    // Nothing else is ever written to it.
    let _ = alive.read(&mut [0]);

    // The last processes of the sessions may take a moment to end.
    if scratch.is_there() && scratch.remove_patiently().is_err() {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
