//! What a sandbox of this machine may read, whatever its settings.

use std::path::PathBuf;

use snipcheck_model::policy::Tier;

/// Every existing one of these is readable in a sandbox, at its own path.
pub(super) const SYSTEM: [&str; 17] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/mime.types",
    "/etc/pki",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl",
    "/nix/store",
];

/// Devices that every sandbox has.
pub(super) const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

pub(super) const PROC: &str = "/proc";
/// What `/proc` says of the process that reads it.
pub(super) const OWN: &str = "/proc/self";

/// Readable for every lane without namespaces. What `/proc` says of other processes is withheld from sessions.
pub(super) const MACHINE: [&str; 5] =
    [PROC, "/sys/devices/system/cpu", "/etc/group", "/etc/localtime", "/etc/passwd"];

/// Files of `/proc` that are the same for all processes.
pub(super) const SAME_FOR_ALL: [&str; 7] = [
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/version",
];

/// What every sandbox of a tier may read of this machine.
pub fn system(tier: Tier) -> impl Iterator<Item = PathBuf> {
    // With namespaces everything else is the sandbox's own.
    let shared = if tier == Tier::B { shared_with_machine() } else { Vec::new() };
    SYSTEM.iter().copied().chain(shared).map(PathBuf::from).filter(|path| path.exists())
}

/// What sessions without namespaces read of the machine beside its programs.
fn shared_with_machine() -> Vec<&'static str> {
    MACHINE.into_iter().filter(|path| *path != PROC).chain(SAME_FOR_ALL).chain([OWN]).collect()
}
