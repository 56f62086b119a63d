//! Standard output as callers hand it over: one that does not block is waited for, so that no part of a report is lost.

use std::io::{self, Write, stdout};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Without a buffer: what is written is complete lines.
#[derive(Debug, Default)]
pub(crate) struct Output(());

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let stdout = stdout();
        loop {
            match nix::unistd::write(&stdout, bytes) {
                Err(Errno::EAGAIN) => {
                    let mut full = [PollFd::new(stdout.as_fd(), PollFlags::POLLOUT)];
                    match poll(&mut full, PollTimeout::NONE) {
                        Ok(_) | Err(Errno::EINTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                written => return Ok(written?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
