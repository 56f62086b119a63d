//! What a process has used: of CPU time, and of a limit that it has just met.

use std::fs;
use std::time::Duration;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use nix::sys::statvfs::statvfs;
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};

use snipcheck_model::outcome::CauseKind;
use snipcheck_sandbox as sandbox;
use snipcheck_wire::{Blame, LaneSetup};

/// CPU time of this process and of its children that have been waited for.
pub(super) fn cpu_time() -> Duration {
    let own = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from);
    let children = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_or(0, |usage| usage.user_time().num_microseconds() + usage.system_time().num_microseconds());
    own + Duration::from_micros(children.cast_unsigned())
}

/// Which resource was short, as the harness reads it from an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shortage {
    Memory,
    /// `ENOSPC`: bytes or inodes.
    Space,
    /// `EFBIG`: one file alone is too large.
    File,
    Descriptors,
    /// `EAGAIN`, also what a pipe says that is full.
    Tasks,
}

impl Shortage {
    pub(super) fn of_word(word: &str) -> Option<Self> {
        match word {
            "memory" => Some(Self::Memory),
            "space" => Some(Self::Space),
            "file" => Some(Self::File),
            "descriptors" => Some(Self::Descriptors),
            "tasks" => Some(Self::Tasks),
            _ => None,
        }
    }

    /// `None` if the limit was not one of the sandbox.
    pub(super) fn blame(self, setup: &LaneSetup) -> Option<Blame> {
        let limits = &setup.limits;
        let (kind, used) = match self {
            Self::Memory => (CauseKind::Memory, data()?),
            Self::Space => space()?,
            Self::File => (CauseKind::Disk, limits.disk),
            Self::Descriptors => (CauseKind::Descriptors, limits.descriptors),
            Self::Tasks => {
                let used = sandbox::session_tasks(setup.tier)?;
                // Tasks may have ended since. Far from the limit, `EAGAIN` had another cause.
                if used < limits.tasks / 2 {
                    return None;
                }
                (CauseKind::Processes, used)
            }
        };
        Some(Blame::Limit { kind, used })
    }
}

/// Takes the reserves into use: without a descriptor or a byte left even a traceback cannot be formatted.
pub(super) fn release_reserves() {
    for resource in [Resource::RLIMIT_NOFILE, Resource::RLIMIT_DATA] {
        if let Ok((_, hard)) = getrlimit(resource) {
            // If a limit cannot be raised the traceback is shorter.
            let _ = setrlimit(resource, hard, hard);
        }
    }
}

/// Bytes of private writable memory of this process, which is what `RLIMIT_DATA` limits. `None` without a `/proc`.
fn data() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmData:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes << 10)
}

fn space() -> Option<(CauseKind, u64)> {
    let figures = statvfs(".").ok()?;
    if figures.files_available() == 0 {
        return Some((CauseKind::Inodes, wide(figures.files() - figures.files_free())));
    }

    let used = wide(figures.blocks() - figures.blocks_free()) * wide(figures.fragment_size());
    Some((CauseKind::Disk, used))
}

/// Integers of `statvfs`, which have other sizes on other systems.
fn wide(count: impl Into<u64>) -> u64 {
    count.into()
}
