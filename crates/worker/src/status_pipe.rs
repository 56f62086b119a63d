//! The descriptor on which a session tells its supervisor what happens.

use std::fs::File;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use snipcheck_sandbox::CopyFilter;
use snipcheck_wire::{Reply, Token, encode};

#[derive(Debug)]
pub(super) struct StatusPipe {
    /// Open until the process ends.
    number: AtomicI32,
    pub(super) token: Token,
    /// The pid of the process that reports. A fork of it has another pid, and nothing to report.
    process: AtomicU32,
    /// The system calls that a trial process may make. Without this filter no trial process is started.
    pub(super) trial_filter: Option<Arc<CopyFilter>>,
}

impl StatusPipe {
    pub(super) fn new(pipe: OwnedFd, token: Token, trial_filter: Option<Arc<CopyFilter>>) -> Self {
        let (number, process) = (AtomicI32::new(pipe.into_raw_fd()), AtomicU32::new(std::process::id()));
        Self { number, token, process, trial_filter }
    }

    /// Whether this process is the one that reports, rather than a fork of it.
    pub(super) fn is_ours(&self) -> bool {
        std::process::id() == self.process.load(Ordering::Relaxed)
    }

    /// In a trial process: from now on it reports too, on a pipe to the session's process, which passes the facts on.
    pub(super) fn redirect(&self, number: RawFd) {
        self.number.store(number, Ordering::Relaxed);
        self.process.store(std::process::id(), Ordering::Relaxed);
    }

    /// Ends the process if nothing can be sent, because the supervisor is gone or a snippet has closed the descriptor:
    /// its end is then what the supervisor sees.
    pub(super) fn send(&self, reply: &Reply) {
        // SAFETY: no code of this program closes the number. Where a snippet has put another file there, that file is
        // written to, as it would be by the snippet itself.
        let file = unsafe { File::from_raw_fd(self.number.load(Ordering::Relaxed)) };
        let sent = encode(&self.token, reply).map(|frame| (&*ManuallyDrop::new(file)).write_all(&frame));

        if !matches!(sent, Ok(Ok(()))) {
            // SAFETY: _exit(2) takes any code and does not return.
            unsafe { nix::libc::_exit(1) }
        }
    }
}
