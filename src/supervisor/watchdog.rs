//! What a session's processes use together, read from `/proc` while they run (`proc_pid_stat(5)`).
//!
//! The kernel's own limits hold for one process each; this is the judge of all of them. It looks about as often as
//! output is drained, less often where looking takes long. Without a `/proc` it sees no processes, only files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::unistd::{Pid, SysconfVar, sysconf};

use crate::outcome::CauseKind;
use crate::policy::Limits;
use crate::supervisor::tree;

/// Between two looks at least this many times what the last one took.
const REST: u32 = 20;

/// A limit, and what was used of it: bytes, tasks, files or milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Excess {
    pub(super) kind: CauseKind,
    pub(super) used: u64,
}

#[derive(Debug)]
pub(super) struct Watchdog {
    init: Pid,
    limits: Limits,
    /// Host folders that a session without mounts of its own writes to.
    scratch: Option<PathBuf>,
    /// CPU time when the step began.
    before: Duration,
    latest: Duration,
    next: Instant,
    tick: Duration,
    page: u64,
}

/// What was seen of a tree of processes at one moment.
#[derive(Clone, Debug, Default)]
struct Load {
    processes: Vec<Pid>,
    tasks: u64,
    /// Bytes, those that processes share counted once for each.
    resident: u64,
    /// Ticks of the clock, of the living and of those they have waited for.
    ticks: u64,
}

impl Watchdog {
    pub(super) fn new(init: Pid, limits: Limits, scratch: Option<PathBuf>) -> Self {
        let number = |name| sysconf(name).ok().flatten().and_then(|value| u64::try_from(value).ok());
        let ticks = number(SysconfVar::CLK_TCK).unwrap_or(100);
        Self {
            init,
            limits,
            scratch,
            before: Duration::ZERO,
            latest: Duration::ZERO,
            next: Instant::now(),
            tick: Duration::from_secs(1) / u32::try_from(ticks).unwrap_or(100),
            page: number(SysconfVar::PAGE_SIZE).unwrap_or(4096),
        }
    }

    /// From here on CPU time is another step's.
    pub(super) fn begin_step(&mut self) {
        self.before = self.latest;
    }

    /// The limit that is exceeded, if it is time to look.
    pub(super) fn look(&mut self) -> Option<Excess> {
        let started = Instant::now();
        if started < self.next {
            return None;
        }
        let excess = self.excess();
        let ended = Instant::now();
        self.next = ended + (ended - started) * REST;
        excess
    }

    fn excess(&mut self) -> Option<Excess> {
        let load = self.load();
        self.latest = self.latest.max(self.tick * u32::try_from(load.ticks).unwrap_or(u32::MAX));
        let cpu = self.latest.saturating_sub(self.before);
        if cpu > self.limits.cpu {
            let used = u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX);
            return Some(Excess { kind: CauseKind::Cpu, used });
        }
        if load.tasks > self.limits.tasks {
            return Some(Excess { kind: CauseKind::Processes, used: load.tasks });
        }
        if load.resident > self.limits.memory {
            let used = load.processes.iter().map(|pid| self.proportional(*pid)).sum();
            if used > self.limits.memory {
                return Some(Excess { kind: CauseKind::Memory, used });
            }
        }
        let (bytes, files) = self.scratch.as_deref().map(contents)?;
        if bytes > self.limits.disk {
            return Some(Excess { kind: CauseKind::Disk, used: bytes });
        }
        (files > self.limits.inodes).then_some(Excess { kind: CauseKind::Inodes, used: files })
    }

    /// Of all processes below init. One that ends meanwhile is seen in its parent the next time.
    fn load(&self) -> Load {
        let mut load = Load::default();
        for pid in tree::descendants(self.init) {
            let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            let Some((_, rest)) = stat.rsplit_once(')') else { continue };
            // Numbered from 3 in proc_pid_stat(5).
            let fields: Vec<&str> = rest.split_whitespace().collect();
            let field =
                |number: usize| fields.get(number - 3).and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
            load.ticks += (14..=17).map(field).sum::<u64>();
            load.tasks += field(20);
            load.resident += field(24) * self.page;
            load.processes.push(pid);
        }
        load
    }

    /// Bytes of a process, its part of what it shares; all of them where the kernel does not tell us its part.
    fn proportional(&self, pid: Pid) -> u64 {
        let kibibytes = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok().and_then(|text| {
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.trim().trim_end_matches("kB").trim_end().parse::<u64>().ok()
        });
        let resident = || {
            let text = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
            text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * self.page
        };
        kibibytes.map_or_else(resident, |kibibytes| kibibytes << 10)
    }
}

/// Bytes on disk and files below a folder. What cannot be listed belongs to the session, which made it so.
fn contents(folder: &Path) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let mut open = vec![folder.to_path_buf()];
    let (mut bytes, mut files) = (0, 0);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            bytes += metadata.blocks() * 512;
            files += 1;
            if metadata.is_dir() {
                open.push(entry.path());
            }
        }
    }
    (bytes, files)
}
