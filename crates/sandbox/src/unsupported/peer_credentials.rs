//! Stands in for what a kernel says of processes, where it says nothing that every such system agrees on.

use std::io;
use std::os::fd::{AsFd, RawFd};
use std::path::PathBuf;

use nix::sys::socket::{MsgFlags, recv};
use nix::unistd::Pid;

/// The file that this process runs, by the path it was started with.
pub fn executable() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// Does nothing: the kernel does not say who sent what arrives.
pub fn name_senders(_socket: &impl AsFd) -> io::Result<()> {
    Ok(())
}

/// Reads bytes, whose sender is unknown.
pub fn receive_vouched(socket: RawFd, buffer: &mut [u8]) -> io::Result<(usize, Option<Pid>)> {
    Ok((recv(socket, buffer, MsgFlags::empty())?, None))
}

/// Whether a session's init is this process's child. It is a child of its lane, and only the lane could tell.
pub fn started_here(_init: Pid) -> bool {
    true
}

/// Whether a child of this process has ended. Inits are children of their lanes, and the lane collects them.
pub fn has_ended(_child: Pid) -> bool {
    false
}
