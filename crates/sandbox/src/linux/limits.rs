//! Resource limits of a session's processes (setrlimit(2)).

use std::fs;
use std::io;
use std::mem;
use std::os::unix::fs::MetadataExt;

use nix::errno::Errno;
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use crate::error::{SandboxError, StepContext};
use snipcheck_model::policy::{Limits, THREAD_STACK, Tier};

/// Descriptors on top of the limit, for the report of a snippet that has used up all of its own.
const RESERVE_DESCRIPTORS: u64 = 16;
/// Bytes on top of the limit, for the same report.
const RESERVE_DATA: u64 = 32 << 20;
/// Queued signals and timers of all the user's processes: other programs may have thousands of them.
const PENDING_SIGNALS: u64 = 256;
/// The processes that run as the session's user beside the session: its lane and its init.
const OURS: u64 = 2;

unsafe extern "C" {
    /// glibc's default for threads that ask for nothing else (`pthread_setattr_default_np(3)`).
    fn pthread_setattr_default_np(attributes: *const libc::pthread_attr_t) -> libc::c_int;
}

/// The limits of a session, soft and hard. A caller with less gives less.
///
/// The resources are numbers of setrlimit(2).
#[expect(clippy::unsafe_derive_deserialize, reason = "the kernel refuses what is no limit")]
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct SessionLimits(Vec<(u32, u64, u64)>);

/// Limits a lane where neither it nor an init comes near the limit, and reads off what its sessions may have: the system
/// call filter takes its time over each question.
pub(super) fn prepare(limits: &Limits, tier: Tier) -> Result<SessionLimits, SandboxError> {
    for (resource, limit) in [
        // With 0 a program of the machine may still be called for each crash; 1 says that there is to be none (core(5)
        // leaves it out, `fs/coredump.c` does not).
        (Resource::RLIMIT_CORE, 1),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_MSGQUEUE, 0),
        (Resource::RLIMIT_SIGPENDING, PENDING_SIGNALS),
    ] {
        let limit = limit.min(most(resource)?);
        set(resource, limit, limit)?;
    }

    let mut table = vec![
        (Resource::RLIMIT_FSIZE, limits.disk, 0),
        (Resource::RLIMIT_NOFILE, limits.descriptors, RESERVE_DESCRIPTORS),
        // One process alone meets this first, as a `MemoryError` and at the same byte every time.
        (Resource::RLIMIT_DATA, limits.data(), RESERVE_DATA),
    ];
    if tier == Tier::A {
        // Counted in the lane's user namespace; outside of one it would count all of the user's processes.
        table.push((Resource::RLIMIT_NPROC, limits.tasks + OURS, 0));
    }
    let table = table.into_iter().map(|(resource, limit, reserve)| {
        let hard = most(resource)?.min(limit.saturating_add(reserve));
        Ok((resource as u32, hard.min(limit), hard))
    });
    Ok(SessionLimits(table.collect::<Result<_, _>>()?))
}

impl SessionLimits {
    /// Limits this process and all that it starts.
    pub(super) fn apply(&self, limits: &Limits, tier: Tier) -> Result<(), SandboxError> {
        for (resource, soft, hard) in &self.0 {
            let limit = libc::rlimit { rlim_cur: *soft, rlim_max: *hard };
            // SAFETY: the kernel only reads the limit.
            Errno::result(unsafe { libc::setrlimit(*resource, &raw const limit) })
                .step_with(|| format!("limit resource {resource}"))?;
        }
        if tier == Tier::B {
            // The supervisor counts the session's own tasks. This limit keeps them few between two counts.
            let limit = (tasks_of_user() + limits.tasks).min(most(Resource::RLIMIT_NPROC)?);
            set(Resource::RLIMIT_NPROC, limit, limit)?;
        }
        Ok(())
    }
}

fn most(resource: Resource) -> Result<u64, SandboxError> {
    getrlimit(resource).map(|(_, hard)| hard).step_with(|| format!("read {resource:?}"))
}

fn set(resource: Resource, soft: u64, hard: u64) -> Result<(), SandboxError> {
    setrlimit(resource, soft, hard).step_with(|| format!("limit {resource:?}"))
}

/// Tasks of this process's user, which `RLIMIT_NPROC` counts where there is no namespace of users.
fn tasks_of_user() -> u64 {
    let user = geteuid().as_raw();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = processes.filter(|entry| entry.metadata().is_ok_and(|metadata| metadata.uid() == user));
    own.map(|entry| fs::read_dir(entry.path().join("task")).map_or(0, |tasks| tasks.count() as u64)).sum()
}

/// Allows as many descriptors as the caller may have: those of the runner have high numbers.
pub(super) fn raise_descriptors() -> Result<(), SandboxError> {
    let hard = most(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).step("raise RLIMIT_NOFILE")
}

/// Gives new threads small stacks: a hundred stacks of 8 MiB would not fit into the memory of a session.
pub(super) fn shrink_thread_stacks() -> Result<(), SandboxError> {
    let size = usize::try_from(THREAD_STACK).expect("a stack fits into memory");
    // SAFETY: the attributes are initialised before they are read, and destroyed after.
    let answer = unsafe {
        let mut attributes: libc::pthread_attr_t = mem::zeroed();
        libc::pthread_attr_init(&raw mut attributes);
        libc::pthread_attr_setstacksize(&raw mut attributes, size);
        let answer = pthread_setattr_default_np(&raw const attributes);
        libc::pthread_attr_destroy(&raw mut attributes);
        answer
    };

    if answer == 0 { Ok(()) } else { Err(io::Error::from(Errno::from_raw(answer))) }
        .step("shrink thread stacks")
}
