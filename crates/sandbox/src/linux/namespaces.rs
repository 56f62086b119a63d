//! Namespaces of a lane: users, mounts, network, host name, SysV memory (namespaces(7)).

use std::fs;
use std::io;
use std::mem;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{
    ForkResult, Gid, Pid, Uid, fork, getegid, geteuid, getpid, pipe2, setgroups, sethostname, setresgid,
    setresuid,
};

use crate::error::{SandboxError, StepContext};
use snipcheck_model::policy::Network;

/// The user and group of every snippet, as it sees itself.
pub(super) const USER: u32 = 1000;

const HOST_NAME: &str = "snipcheck";

/// Leaves the host's namespaces; without privileges through a user namespace of our own.
pub(super) fn separate(privileged: bool, network: Network) -> Result<(), SandboxError> {
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());

    let mut flags = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    if network == Network::Loopback {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    if !privileged {
        flags |= CloneFlags::CLONE_NEWUSER;
    }

    unshare(flags).step("make namespaces")?;
    if !privileged {
        map(getpid(), user, group)?;
    }

    // The name of a control group may be that of a user or of a container. Not every kernel has namespaces of them.
    let _ = unshare(CloneFlags::CLONE_NEWCGROUP);
    Ok(())
}

/// From root to an ordinary user in a user namespace around it: it may mount, it may not touch the host's mounts.
///
/// The namespace is made while this is still root, which systems that restrict them for others allow; a child that
/// stays root writes the maps, because this process has no rights on the host any more once it is inside.
pub(super) fn become_separate_user(user: u32) -> Result<(), SandboxError> {
    const STEP: &str = "make a user namespace";
    setgroups(&[]).step("drop groups")?;

    let process = getpid();
    let (begin, inside) = pipe2(OFlag::O_CLOEXEC).step(STEP)?;
    // SAFETY: a lane has one thread before its interpreter starts, so no other thread holds a lock in the child.
    match unsafe { fork() }.step(STEP)? {
        ForkResult::Child => {
            drop(inside);
            let mapped = nix::unistd::read(&begin, &mut [0]) == Ok(1) && map(process, user, user).is_ok();
            // SAFETY: _exit(2) does not return.
            unsafe { libc::_exit(i32::from(!mapped)) }
        }
        ForkResult::Parent { child } => {
            unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).step(STEP)?;
            nix::unistd::write(&inside, &[1]).step(STEP)?;
            drop(inside);
            match waitpid(child, None).step(STEP)? {
                WaitStatus::Exited(_, 0) => {}
                _ => return Err(Errno::EPERM).step("map the user"),
            }
        }
    }

    let (user, group) = (Uid::from_raw(USER), Gid::from_raw(USER));
    setresgid(group, group, group).step("change the group")?;
    setresuid(user, user, user).step("change the user")?;
    // The kernel takes /proc/self from a process that changes its user.
    prctl::set_dumpable(true).step("stay readable to ourselves")
}

/// Moves into a user namespace below the one that made the mounts. Mounts that come from a more privileged namespace
/// are locked: they cannot be taken off, moved or made writable again (`mount_namespaces(7)`).
pub(super) fn lock_mounts() -> Result<(), SandboxError> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).step("lock mounts")?;
    map(getpid(), USER, USER)
}

/// `user_namespaces(7)`: a single line that maps the writer itself needs no privilege, once `setgroups` is denied.
/// Inside, the user is the same in every run and on every machine.
fn map(process: Pid, user: u32, group: u32) -> Result<(), SandboxError> {
    let file = |name| format!("/proc/{process}/{name}");
    fs::write(file("setgroups"), "deny").step("deny setgroups")?;
    fs::write(file("uid_map"), format!("{USER} {user} 1")).step("map the user")?;
    fs::write(file("gid_map"), format!("{USER} {group} 1")).step("map the group")?;
    // The map of projects needs no privilege and can be written once, so the first session could choose it for all
    // later ones. A kernel without project quotas has no such file, and no session can write it.
    let _ = fs::write(file("projid_map"), "0 0 1");
    Ok(())
}

/// A snippet must not become root of a user namespace of its own. Where the limit cannot be written, in a container
/// with a read-only `/proc`, the kernel's own checks have to do.
pub(super) fn forbid_user_namespaces() {
    let _ = fs::write("/proc/sys/user/max_user_namespaces", "0");
}

/// What the kernel counts for a user it also counts for each namespace of users inside (`user_namespaces(7)`). A user
/// may have 128 watchers of files as a rule, so each lane takes a few; one or two are what programs need.
pub(super) fn bound_watchers() {
    for (file, most) in [("max_inotify_instances", "4"), ("max_inotify_watches", "4096")] {
        // Where the bound cannot be written the user's own has to do.
        let _ = fs::write(format!("/proc/sys/user/{file}"), most);
    }
}

pub(super) fn name_host() -> Result<(), SandboxError> {
    sethostname(HOST_NAME).step("set the host name")
}

/// Raises the only interface of a new network namespace, which begins down (netdevice(7)).
pub(super) fn raise_loopback() -> Result<(), SandboxError> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)
        .step("open a socket")?;

    // SAFETY: all-zero bytes are a valid `ifreq`, a C struct of integers and byte arrays.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    for (target, source) in request.ifr_name.iter_mut().zip(b"lo") {
        // C's characters are signed on x86-64, and unsigned on aarch64.
        *target = libc::c_char::from_ne_bytes([*source]);
    }
    let flags = libc::IFF_UP | libc::IFF_RUNNING;
    request.ifr_ifru.ifru_flags = libc::c_short::try_from(flags).expect("flags of an interface are a short");

    // SAFETY: SIOCSIFFLAGS reads one `ifreq`, which lives until the call returns.
    let answer = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }.step("raise the loopback interface")
}
