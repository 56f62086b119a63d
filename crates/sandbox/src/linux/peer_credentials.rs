//! What the kernel itself says of processes: who sent something, whose children they are, which file they run.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, RawFd};
use std::path::PathBuf;

use nix::errno::Errno;
use nix::sys::socket::sockopt::PassCred;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, UnixAddr, UnixCredentials, recvmsg, setsockopt};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

/// The file that this process runs, whatever its path leads to by now.
pub fn executable() -> io::Result<PathBuf> {
    Ok(PathBuf::from("/proc/self/exe"))
}

/// Makes the kernel add to everything that arrives who sent it (`SO_PASSCRED`, unix(7)).
pub fn name_senders(socket: &impl AsFd) -> io::Result<()> {
    Ok(setsockopt(socket, PassCred, &true)?)
}

/// Reads bytes and who sent them: a pid that the sender cannot choose.
pub fn receive_vouched(socket: RawFd, buffer: &mut [u8]) -> io::Result<(usize, Option<Pid>)> {
    let mut parts = [IoSliceMut::new(buffer)];
    let mut space = nix::cmsg_space!(UnixCredentials);
    let message = recvmsg::<UnixAddr>(socket, &mut parts, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)?;

    let sender = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmCredentials(credentials) => Some(Pid::from_raw(credentials.pid())),
        _ => None,
    });
    // A sender in another pid namespace has no number here, and 0 would name the caller of a system call.
    let sender = sender.filter(|sender| sender.as_raw() > 0);

    match sender {
        None if message.bytes > 0 => Err(io::Error::from(io::ErrorKind::PermissionDenied)),
        sender => Ok((message.bytes, sender)),
    }
}

/// Whether a session's init is this process's child, as [`crate::start`] makes it.
pub fn started_here(init: Pid) -> bool {
    let seen = waitid(Id::Pid(init), WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT);
    seen != Err(Errno::ECHILD)
}

/// Whether a child of this process has ended. It is not collected.
pub fn has_ended(child: Pid) -> bool {
    let seen = waitid(Id::Pid(child), WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT);
    matches!(seen, Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)))
}
