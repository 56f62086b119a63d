//! What a session's processes use at one moment, as `/proc` shows it (`proc_pid_stat(5)`). Knows no limits.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Pid, SysconfVar, sysconf};

use crate::supervisor::accounting::deleted_files::{self, DeletedFiles};
use crate::supervisor::accounting::proc_file::{bytes, read};
use crate::supervisor::accounting::tree;

/// Bytes of page tables that every process has more or less of, and that nobody expects to be his.
const USUAL_PAGE_TABLES: u64 = 1 << 20;
/// Bytes of address space that one page of the last page table covers, over the bytes of that page.
const PAGE_TABLE_SHARE: u64 = 512;

#[derive(Clone, Debug, Default)]
pub(super) struct TreeUsage {
    processes: Vec<Process>,
    pub(super) tasks: u64,
    /// Bytes that they can have at most together: those that processes share are counted once for each.
    pub(super) at_most: u64,
    /// Ticks of the clock, of the living and of those they have waited for.
    pub(super) ticks: u64,
}

/// A process, by the folder in `/proc` of a thread that lives: the first one may have ended before the others.
#[derive(Clone, Debug)]
struct Process {
    folder: PathBuf,
    resident: u64,
}

/// Bytes, those that processes share in equal parts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    pub(super) whole: u64,
    /// Of these, in memory that processes can share.
    pub(super) of_shared: u64,
}

impl TreeUsage {
    /// Of all processes below init. One that ends meanwhile is seen in its parent the next time.
    pub(super) fn below(init: Pid) -> Self {
        let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
        let page = page.and_then(|size| u64::try_from(size).ok()).unwrap_or(4096);
        let mut usage = Self::default();
        for pid in tree::descendants(init) {
            let mut folder = PathBuf::from(format!("/proc/{pid}"));
            let Some(mut stat) = Stat::read(&folder) else { continue };
            usage.ticks += stat.ticks();
            usage.tasks += stat.threads();
            if stat.has_ended() && stat.threads() > 1 {
                let Some((thread, of_thread)) = living_thread(&folder) else { continue };
                (folder, stat) = (thread, of_thread);
            }
            let resident = stat.resident_pages() * page;
            usage.at_most += resident + stat.address_space() / PAGE_TABLE_SHARE;
            usage.processes.push(Process { folder, resident });
        }
        usage
    }

    pub(super) fn is_one_process(&self) -> bool {
        self.processes.len() <= 1
    }

    /// What they have together. Costs more than all of the rest: the kernel looks at every page.
    pub(super) fn memory(&self) -> Share {
        let mut sum = Share::default();
        for process in &self.processes {
            let share = process.share();
            sum.whole += share.whole + process.page_tables();
            sum.of_shared += share.of_shared;
        }
        sum
    }

    /// Pipes and sockets that they have open. `None` where a process does not show them.
    pub(super) fn channels(&self) -> Option<u64> {
        let mut channels = BTreeSet::<OsString>::new();
        for process in &self.processes {
            for entry in fs::read_dir(process.folder.join("fd")).ok()?.flatten() {
                let Ok(target) = fs::read_link(entry.path()) else { continue };
                let name = target.as_os_str().as_bytes();
                if name.starts_with(b"socket:") || name.starts_with(b"pipe:") {
                    channels.insert(target.into_os_string());
                }
            }
        }
        Some(channels.len() as u64)
    }

    /// Files without a name that they hold, on the file system of this folder.
    pub(super) fn deleted(&self, folder: &Path) -> DeletedFiles {
        deleted_files::held(self.processes.iter().map(|process| process.folder.as_path()), folder)
    }

    /// Whether a process has memory that outlives its place in an address space: shared and without a file.
    pub(super) fn shares_memory(&self) -> bool {
        self.processes.iter().any(|process| {
            fs::read(process.folder.join("maps"))
                .map_or(true, |text| memchr::memmem::find(&text, b"/dev/zero (deleted)").is_some())
        })
    }
}

impl Process {
    /// All it has in sight where the kernel does not tell us its part: nothing, if it has ended meanwhile.
    fn share(&self) -> Share {
        let Some(text) = read(&self.folder.join("smaps_rollup")) else {
            let is_there = Stat::read(&self.folder).is_some_and(|stat| stat.resident_pages() > 0);
            return Share { whole: if is_there { self.resident } else { 0 }, of_shared: 0 };
        };
        let bytes = |name| bytes(&text, name);
        Share { whole: bytes("Pss:").unwrap_or(self.resident), of_shared: bytes("Pss_Shmem:").unwrap_or(0) }
    }

    fn page_tables(&self) -> u64 {
        let tables = read(&self.folder.join("status")).and_then(|text| bytes(&text, "VmPTE:"));
        tables.unwrap_or(0).saturating_sub(USUAL_PAGE_TABLES)
    }
}

/// The fields after the name.
struct Stat(Vec<String>);

impl Stat {
    fn read(folder: &Path) -> Option<Self> {
        let text = read(&folder.join("stat"))?;
        let (_, rest) = text.rsplit_once(')')?;
        Some(Self(rest.split_whitespace().map(str::to_owned).collect()))
    }

    /// Numbered from 3 in `proc_pid_stat(5)`.
    fn field(&self, number: usize) -> u64 {
        self.0.get(number - 3).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    fn has_ended(&self) -> bool {
        self.0.first().is_some_and(|state| state == "Z")
    }

    fn ticks(&self) -> u64 {
        (14..=17).map(|number| self.field(number)).sum()
    }

    fn threads(&self) -> u64 {
        self.field(20)
    }

    fn address_space(&self) -> u64 {
        self.field(23)
    }

    fn resident_pages(&self) -> u64 {
        self.field(24)
    }
}

fn living_thread(folder: &Path) -> Option<(PathBuf, Stat)> {
    let threads = fs::read_dir(folder.join("task")).ok()?;
    threads.flatten().find_map(|thread| {
        let folder = thread.path();
        let stat = Stat::read(&folder).filter(|stat| !stat.has_ended())?;
        Some((folder, stat))
    })
}
