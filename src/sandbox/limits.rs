//! Resource limits of a session's processes (setrlimit(2)).

use nix::sys::resource::{Resource, setrlimit};

use crate::policy::{Limits, Tier};
use crate::sandbox::{SandboxError, Step};

/// Stack of a new thread, which glibc takes from `RLIMIT_STACK`; counted against memory.
const STACK: u64 = 8 << 20;

pub(super) fn apply(limits: &Limits, tier: Tier) -> Result<(), SandboxError> {
    let mut table = vec![
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NOFILE, limits.descriptors),
        (Resource::RLIMIT_FSIZE, limits.disk),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_DATA, limits.memory + limits.tasks * STACK / 8),
    ];
    match tier {
        // Counted in the lane's user namespace; outside of one it would count all of the user's processes.
        Tier::A => table.push((Resource::RLIMIT_NPROC, limits.tasks)),
        Tier::B | Tier::Off => {}
    }
    for (resource, limit) in table {
        setrlimit(resource, limit, limit).step(format!("limit {resource:?}"))?;
    }
    Ok(())
}
