//! The descriptor on which a session tells its supervisor what happens.

use std::fs::File;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use crate::sandbox::CopyFilter;
use crate::wire::{Reply, Token, encode};

#[derive(Debug)]
pub(super) struct StatusPipe {
    /// Open until the process ends.
    number: AtomicI32,
    pub(super) token: Token,
    /// Our own pid: a fork of this process is another, and has nothing to tell.
    process: AtomicU32,
    /// What holds back what is tried in copies of the process. Without it nothing is.
    pub(super) trial_filter: Option<Arc<CopyFilter>>,
}

impl StatusPipe {
    pub(super) fn new(status: OwnedFd, token: Token, trial_filter: Option<Arc<CopyFilter>>) -> Self {
        let (number, process) = (AtomicI32::new(status.into_raw_fd()), AtomicU32::new(std::process::id()));
        Self { number, token, process, trial_filter }
    }

    pub(super) fn is_ours(&self) -> bool {
        std::process::id() == self.process.load(Ordering::Relaxed)
    }

    /// In a copy of the process that we made: what it tells goes to us, who pass it on.
    pub(super) fn redirect(&self, number: RawFd) {
        self.number.store(number, Ordering::Relaxed);
        self.process.store(std::process::id(), Ordering::Relaxed);
    }

    /// A supervisor that is gone or a descriptor that a snippet closed: the process ends, and that is the news.
    pub(super) fn send(&self, reply: &Reply) {
        // SAFETY: nobody of ours closes the number; whatever a snippet puts there is written to as it wanted.
        let file = unsafe { File::from_raw_fd(self.number.load(Ordering::Relaxed)) };
        let sent = encode(&self.token, reply).map(|frame| (&*ManuallyDrop::new(file)).write_all(&frame));
        if !matches!(sent, Ok(Ok(()))) {
            // SAFETY: _exit(2) does not return.
            unsafe { nix::libc::_exit(1) }
        }
    }
}
