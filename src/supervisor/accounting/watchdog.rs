//! What a session's processes use together, read from `/proc` while they run (`proc_pid_stat(5)`).
//!
//! The kernel's own limits hold for one process each; this is the judge of all of them. It looks about as often as
//! output is drained, less often where looking takes long. Without a `/proc` it sees no processes, only files.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::unistd::{Pid, SysconfVar, sysconf};

use crate::model::outcome::CauseKind;
use crate::model::policy::{Limits, Tier};
use crate::sandbox;
use crate::supervisor::accounting::deleted_files::UnknownSize;
use crate::supervisor::accounting::disk::{contents, free};
use crate::supervisor::accounting::kernel_memory::Machine;
use crate::supervisor::accounting::usage::TreeUsage;

/// Between two looks at least this many times what the last one took,
const REST: u32 = 20;
/// but no more than this, in which a tree that is slow to look at can take little.
const LONGEST_REST: Duration = Duration::from_millis(50);

/// Bytes of a process that are not its data: code, files that it maps.
const INTERPRETER: u64 = 16 << 20;
/// Bytes on disk that folders and extents take beside what was written: a file that met the kernel's limit is no excess.
const BOOK_KEEPING: u64 = 64 << 10;
/// The part of its limit that a session fills before it is looked at early.
const FILLED: u64 = 4;
/// Looks that may find somebody at the start of a program.
const STARTING: u32 = 3;
/// So many limits the machine must have lost before a session is suspected to hide memory: others take some too.
const SUSPECT: u64 = 4;

/// A limit, and what was used of it: bytes, tasks, files or milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::supervisor) struct Excess {
    pub(in crate::supervisor) kind: CauseKind,
    pub(in crate::supervisor) used: u64,
}

#[derive(Debug)]
pub(in crate::supervisor) struct Watchdog {
    init: Pid,
    limits: Limits,
    tier: Tier,
    /// Host folders that a session without mounts of its own writes to.
    scratch: Option<PathBuf>,
    /// Bytes that were free on their file system when the session began, and at the last look.
    free: Option<u64>,
    free_lately: Option<u64>,
    /// Looks in a row at which a process did not show what it holds. None does for the moment in which it starts.
    concealed: u32,
    /// CPU time when the step began.
    before: Duration,
    latest: Duration,
    next: Instant,
    tick: Duration,
    /// Before the session could take anything.
    machine: Option<Machine>,
}

impl Watchdog {
    pub(in crate::supervisor) fn new(
        init: Pid,
        limits: Limits,
        tier: Tier,
        scratch: Option<PathBuf>,
    ) -> Self {
        let ticks = sysconf(SysconfVar::CLK_TCK).ok().flatten();
        let free = scratch.as_deref().and_then(free);
        Self {
            init,
            limits,
            tier,
            scratch,
            free,
            free_lately: free,
            concealed: 0,
            before: Duration::ZERO,
            latest: Duration::ZERO,
            next: Instant::now(),
            tick: Duration::from_secs(1) / ticks.and_then(|ticks| u32::try_from(ticks).ok()).unwrap_or(100),
            machine: Machine::now(),
        }
    }

    /// From here on CPU time is another step's.
    pub(in crate::supervisor) fn begin_step(&mut self) {
        self.before = self.latest;
    }

    /// The limit that is exceeded, if it is time to look.
    pub(in crate::supervisor) fn look(&mut self) -> Option<Excess> {
        let started = Instant::now();
        if started < self.next && !self.fills_the_disk() {
            return None;
        }
        let excess = self.excess();
        let ended = Instant::now();
        self.next = ended + ((ended - started) * REST).min(LONGEST_REST);
        excess
    }

    fn excess(&mut self) -> Option<Excess> {
        // What it has left keeps the status descriptor open: without this the session would seem to go on.
        if self.tier == Tier::B && sandbox::has_ended(self.init) {
            sandbox::end_orphans();
            return None;
        }
        let usage = TreeUsage::below(self.init);
        self.latest = self.latest.max(self.tick * u32::try_from(usage.ticks).unwrap_or(u32::MAX));
        let cpu = self.latest.saturating_sub(self.before);
        if cpu > self.limits.cpu {
            let used = u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX);
            return Some(Excess { kind: CauseKind::Cpu, used });
        }
        if usage.tasks > self.limits.tasks {
            return Some(Excess { kind: CauseKind::Processes, used: usage.tasks });
        }
        let used = self.memory(&usage);
        if used > self.most(&usage) {
            return Some(Excess { kind: CauseKind::Memory, used });
        }
        self.disk(&usage)
    }

    /// Whether much was written since the last look, by whomever. Asking costs far less than looking.
    fn fills_the_disk(&self) -> bool {
        let now = self.scratch.as_deref().and_then(free);
        let lost = self.free_lately.zip(now).map_or(0, |(before, now)| before.saturating_sub(now));
        lost > self.limits.disk / FILLED
    }

    /// Where no file system of the session's own is full some time.
    fn disk(&mut self, usage: &TreeUsage) -> Option<Excess> {
        let scratch = self.scratch.as_deref()?;
        self.free_lately = free(scratch);
        let (bytes, files) = match (contents(scratch), self.tier) {
            (Some(contents), _) => contents,
            // Nobody can look into it, and only a session that hides something has made it so.
            (None, Tier::A | Tier::B) => (u64::MAX, 0),
            (None, Tier::Off) => return None,
        };

        let deleted = usage.deleted(scratch);
        let shown = bytes.saturating_add(deleted.bytes);
        let used = shown.saturating_add(self.hidden(shown, deleted.of_unknown_size));
        let used = used.min(self.limits.disk.saturating_mul(2));
        if used > self.limits.disk.saturating_add(self.limits.disk / 16).saturating_add(BOOK_KEEPING) {
            return Some(Excess { kind: CauseKind::Disk, used });
        }

        let files = files + deleted.files;
        (files > self.limits.inodes).then_some(Excess { kind: CauseKind::Inodes, used: files })
    }

    /// What the file system has lost and nobody shows, as far as the session can have it. Others write to it too.
    fn hidden(&mut self, shown: u64, held: UnknownSize) -> u64 {
        self.concealed = if held == UnknownSize::Anything { self.concealed + 1 } else { 0 };
        let lost = self.free.zip(self.free_lately).map_or(0, |(before, now)| before.saturating_sub(now));
        let most = match held {
            // No file may be larger.
            UnknownSize::Mapped(files) => files.saturating_mul(self.limits.disk),
            UnknownSize::Anything if self.concealed > STARTING => u64::MAX,
            UnknownSize::Nothing | UnknownSize::Anything => 0,
        };
        lost.saturating_sub(shown).min(most)
    }

    /// A process by itself meets the kernel's limit, as a `MemoryError`. That must not depend on who looks when, so it
    /// is given room for what counts here and not there.
    fn most(&self, usage: &TreeUsage) -> u64 {
        let limit = if usage.is_one_process() { self.limits.data() } else { self.limits.memory };
        limit.saturating_add(limit / 8).saturating_add(INTERPRETER)
    }

    /// What they show where that can be too much, and what they hide where the machine has lost too much.
    fn memory(&self, usage: &TreeUsage) -> u64 {
        let limit = self.most(usage);
        let now = Machine::now();
        let suspicious = SUSPECT * self.limits.memory;
        let lost = self.machine.zip(now).filter(|(before, now)| before.lost_until(*now) > suspicious);
        if usage.at_most <= limit && lost.is_none() {
            return usage.at_most;
        }
        let shown = usage.memory();
        shown.whole + lost.map_or(0, |(before, now)| before.hidden(now, usage, shown))
    }
}
