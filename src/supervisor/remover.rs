//! A process that removes a folder when this one has ended, however it ended: nothing else outlives a SIGKILL.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The end of its standard input is that of this process. Links are removed, never followed.
const SCRIPT: &str = r#"trap "" HUP INT TERM; read -r word; rm -rf -- "$1""#;

/// Ended when it is dropped: what it was there for is gone by then.
#[derive(Debug)]
pub(super) struct Remover {
    process: Child,
    _socket: UnixStream,
}

impl Remover {
    /// Before the folder is made, so that there is no moment without it. `secret` is in its environment.
    pub(super) fn of(folder: &Path, secret: &str) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        let process = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "sh"])
            .arg(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("SECRET", secret)
            .current_dir("/")
            // Signals for the group of this process are not for it.
            .process_group(0)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, _socket: socket })
    }

    pub(super) fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Remover {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
