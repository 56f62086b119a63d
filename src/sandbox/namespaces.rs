//! Namespaces of a lane: users, mounts, network, host name, SysV memory (namespaces(7)).

use std::fs;
use std::io;
use std::mem;
use std::os::fd::AsRawFd;

use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::{Gid, Uid, getegid, geteuid, sethostname};

use crate::policy::Network;
use crate::sandbox::{SandboxError, Step};

/// The user and group of every snippet, as it sees itself.
pub(super) const USER: u32 = 1000;

const HOST_NAME: &str = "snipcheck";

/// Leaves the host's namespaces; without privileges through a user namespace of our own.
pub(super) fn separate(privileged: bool, network: Network) -> Result<(), SandboxError> {
    let (user, group) = (geteuid(), getegid());
    let mut flags = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    if network == Network::Loopback {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    if !privileged {
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    unshare(flags).step("make namespaces")?;
    if privileged { Ok(()) } else { map(user, group) }
}

/// A user namespace around an ordinary user that root has become: it may mount, it may not touch the host's mounts.
pub(super) fn separate_user(user: u32) -> Result<(), SandboxError> {
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).step("make a user namespace")?;
    map(Uid::from_raw(user), Gid::from_raw(user))
}

/// `user_namespaces(7)`: a single line that maps the writer itself needs no privilege, once `setgroups` is denied.
/// Inside, the user is the same in every run and on every machine.
fn map(user: Uid, group: Gid) -> Result<(), SandboxError> {
    fs::write("/proc/self/setgroups", "deny").step("deny setgroups")?;
    fs::write("/proc/self/uid_map", format!("{USER} {user} 1")).step("map the user")?;
    fs::write("/proc/self/gid_map", format!("{USER} {group} 1")).step("map the group")
}

/// A snippet must not become root of a user namespace of its own. Where the limit cannot be written, in a container
/// with a read-only `/proc`, the kernel's own checks have to do.
pub(super) fn forbid_user_namespaces() {
    let _ = fs::write("/proc/sys/user/max_user_namespaces", "0");
}

pub(super) fn name_host() -> Result<(), SandboxError> {
    sethostname(HOST_NAME).step("set the host name")
}

/// The only interface of a new network namespace, down until told otherwise (netdevice(7)).
pub(super) fn raise_loopback() -> Result<(), SandboxError> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)
        .step("open a socket")?;
    // SAFETY: all-zero bytes are a valid `ifreq`, a C struct of integers and byte arrays.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    for (target, source) in request.ifr_name.iter_mut().zip(b"lo") {
        *target = source.cast_signed();
    }
    let flags = libc::IFF_UP | libc::IFF_RUNNING;
    request.ifr_ifru.ifru_flags = libc::c_short::try_from(flags).expect("flags of an interface are a short");
    // SAFETY: SIOCSIFFLAGS reads one `ifreq`, which lives until the call returns.
    let answer = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }.step("raise the loopback interface")
}
