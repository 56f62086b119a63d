//! Memory that no process shows: in the buffers of sockets and pipes, in shared memory that is mapped no more.
//!
//! Only the machine as a whole shows it. A session is held to account for what the machine has lost since it began as
//! far as the session could have it; what others took meanwhile counts against it only where it could have taken that.

use std::path::Path;

use crate::supervisor::accounting::usage::{Share, TreeUsage, bytes, read};

/// What may wait in a socket or a pipe: the most of them all, TCP's, as far as the kernel lets them grow by default
/// (`tcp_rmem` and `tcp_wmem`, tcp(7)).
const CHANNEL: u64 = 8 << 20;

/// Bytes of the machine, at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    available: u64,
    shared: u64,
}

impl Machine {
    pub(super) fn now() -> Option<Self> {
        let text = read(Path::new("/proc/meminfo"))?;
        Some(Self { available: bytes(&text, "MemAvailable:")?, shared: bytes(&text, "Shmem:")? })
    }

    /// Bytes that are gone, by either figure: others may have given memory back meanwhile.
    pub(super) fn lost_until(self, now: Self) -> u64 {
        self.available.saturating_sub(now.available).max(self.shared_until(now))
    }

    fn shared_until(self, now: Self) -> u64 {
        now.shared.saturating_sub(self.shared)
    }

    /// What the processes of `usage` may have of the machine's loss beside what they show.
    pub(super) fn hidden(self, now: Self, usage: &TreeUsage, shown: Share) -> u64 {
        let shared = self.shared_until(now).saturating_sub(shown.of_shared);
        let shared = if usage.shares_memory() { shared } else { 0 };
        let unseen = self.lost_until(now).saturating_sub(shown.whole).saturating_sub(shared);
        let waiting = usage.channels().map_or(u64::MAX, |channels| channels.saturating_mul(CHANNEL));
        shared + unseen.min(waiting)
    }
}
