//! The descriptor on which a session tells its supervisor what happens.

use std::fs::File;
use std::io::Write;

use crate::wire::{Reply, Token, encode};

#[derive(Debug)]
pub(super) struct Status {
    file: File,
    token: Token,
    /// Our own pid: a fork of this process is another, and has nothing to tell.
    process: u32,
}

impl Status {
    pub(super) fn new(file: File, token: Token) -> Self {
        Self { file, token, process: std::process::id() }
    }

    pub(super) fn is_ours(&self) -> bool {
        std::process::id() == self.process
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
