//! The descriptor on which a session tells its supervisor what happens.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::errno::Errno;

use crate::wire::{Reply, Token, encode};

#[derive(Debug)]
pub(super) struct Status {
    file: File,
    pub(super) token: Token,
    /// Our own pid: a fork of this process is another, and has nothing to tell.
    process: AtomicU32,
    /// Whether a sandbox holds back what is tried in copies of the process.
    pub(super) confined: bool,
}

impl Status {
    pub(super) fn new(file: File, token: Token, confined: bool) -> Self {
        Self { file, token, process: AtomicU32::new(std::process::id()), confined }
    }

    pub(super) fn is_ours(&self) -> bool {
        std::process::id() == self.process.load(Ordering::Relaxed)
    }

    /// In a copy of the process that we made: what it tells goes to us, who pass it on.
    pub(super) fn redirect(&self, pipe: &OwnedFd) -> io::Result<()> {
        // SAFETY: both are open; the number stays that of our file.
        Errno::result(unsafe { nix::libc::dup2(pipe.as_raw_fd(), self.file.as_raw_fd()) })?;
        self.process.store(std::process::id(), Ordering::Relaxed);
        Ok(())
    }

    /// A supervisor that is gone or a descriptor that a snippet closed: the process ends, and that is the news.
    pub(super) fn send(&self, reply: &Reply) {
        let sent = encode(&self.token, reply).map(|frame| (&self.file).write_all(&frame));
        if !matches!(sent, Ok(Ok(()))) {
            // SAFETY: _exit(2) does not return.
            unsafe { nix::libc::_exit(1) }
        }
    }
}
