//! Starts the executable as a container does: without namespaces, which leaves it the sandbox of tier B.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use crate::project::PYTHON;

/// Whether users other than root can start the interpreter.
pub(crate) fn python_is_everybodys() -> bool {
    let python = fs::canonicalize(&*PYTHON).unwrap();
    let open = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 1 == 1;
    python.ancestors().all(open)
}

/// Refuses namespaces to what is started, as Docker does.
pub(crate) fn refuse_namespaces(command: &mut Command) {
    let filter = filter();
    // SAFETY: between fork and exec a filter is handed to the kernel; nothing is allocated and no lock is taken.
    unsafe { command.pre_exec(move || seccompiler::apply_filter(&filter).map_err(|_| last_error())) };
}

/// Starts it as a user of a user namespace, who owns the caller's files.
pub(crate) fn become_somebody(command: &mut Command, inside: u32) {
    let (user, group) = (geteuid(), getegid());
    let maps = [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("{inside} {user} 1")),
        ("/proc/self/gid_map", format!("{inside} {group} 1")),
    ];
    let separate = move || {
        unshare(CloneFlags::CLONE_NEWUSER)?;
        maps.iter().try_for_each(|(path, map)| fs::write(path, map))
    };
    // SAFETY: between fork and exec only system calls are made; the texts were built before.
    unsafe { command.pre_exec(separate) };
}

fn last_error() -> io::Error {
    io::Error::last_os_error()
}

fn filter() -> BpfProgram {
    let namespaces = u64::try_from(CloneFlags::CLONE_NEWUSER.bits()).unwrap();
    let asked = SeccompCmpOp::MaskedEq(namespaces);
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, asked, namespaces).unwrap();
    let rules = [
        (libc::SYS_unshare, Vec::new()),
        (libc::SYS_setns, Vec::new()),
        (libc::SYS_mount, Vec::new()),
        (libc::SYS_clone, vec![SeccompRule::new(vec![condition]).unwrap()]),
    ];
    let refusal = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let architecture = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules.into(), SeccompAction::Allow, refusal, architecture).unwrap();
    filter.try_into().unwrap()
}
