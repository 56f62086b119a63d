//! Resource limits of a session's processes (setrlimit(2)).

use std::fs;
use std::io;
use std::mem;
use std::os::unix::fs::MetadataExt;

use nix::errno::Errno;
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::geteuid;

use crate::model::policy::{Limits, THREAD_STACK, Tier};
use crate::sandbox::error::{SandboxError, StepContext};

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

/// Limits this process and all that it starts.
pub(super) fn apply(limits: &Limits, tier: Tier) -> Result<(), SandboxError> {
    let mut table = vec![
        // With 0 a program of the machine may still be called for each crash; 1 says that there is to be none (core(5)
        // leaves it out, `fs/coredump.c` does not).
        (Resource::RLIMIT_CORE, 1),
        (Resource::RLIMIT_FSIZE, limits.disk),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_MSGQUEUE, 0),
        (Resource::RLIMIT_SIGPENDING, PENDING_SIGNALS),
    ];
    match tier {
        // Counted in the lane's user namespace; outside of one it would count all of the user's processes.
        Tier::A => table.push((Resource::RLIMIT_NPROC, limits.tasks + OURS)),
        // The supervisor counts the session's own tasks. This limit keeps them few between two counts.
        Tier::B => table.push((Resource::RLIMIT_NPROC, tasks_of_user() + limits.tasks)),
        Tier::Off => {}
    }

    for (resource, limit) in table {
        // A caller with less gives less.
        let (_, hard) = getrlimit(resource).step_with(|| format!("read {resource:?}"))?;
        let limit = limit.min(hard);
        setrlimit(resource, limit, limit).step_with(|| format!("limit {resource:?}"))?;
    }

    for (resource, limit, reserve) in [
        (Resource::RLIMIT_NOFILE, limits.descriptors, RESERVE_DESCRIPTORS),
        // One process alone meets this first, as a `MemoryError` and at the same byte every time.
        (Resource::RLIMIT_DATA, limits.data(), RESERVE_DATA),
    ] {
        let (_, hard) = getrlimit(resource).step_with(|| format!("read {resource:?}"))?;
        let hard = hard.min(limit.saturating_add(reserve));
        setrlimit(resource, hard.min(limit), hard).step_with(|| format!("limit {resource:?}"))?;
    }
    Ok(())
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
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).step("read RLIMIT_NOFILE")?;
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
