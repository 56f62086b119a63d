//! Who a process is and what it may still become: users, capabilities, terminal.

use std::io;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid, setsid};

use crate::sandbox::{SandboxError, Step};

/// A session of its own: no controlling terminal, and Ctrl-C at the user's terminal does not reach it.
pub(super) fn leave_terminal() -> Result<(), SandboxError> {
    match setsid() {
        // EPERM: already the leader of its group, which is what was wanted.
        Ok(_) | Err(Errno::EPERM) => Ok(()),
        Err(error) => Err(error).step("leave the terminal"),
    }
}

/// A session keyring of its own: the caller's may hold tokens (`keyctl(2)`, `KEYCTL_JOIN_SESSION_KEYRING`).
pub(super) fn leave_keyring() -> Result<(), SandboxError> {
    const JOIN_SESSION_KEYRING: libc::c_long = 1;
    // SAFETY: without a name the call makes an anonymous keyring and touches no memory of ours.
    let answer =
        unsafe { libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) };
    match Errno::last() {
        // A kernel without keyrings has none to leave.
        Errno::ENOSYS => Ok(()),
        error if answer < 0 => Err(error).step("leave the caller's keyring"),
        _ => Ok(()),
    }
}

/// From root to a user that owns nothing on this machine.
pub(super) fn become_user(user: u32) -> Result<(), SandboxError> {
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    setgroups(&[]).step("drop groups")?;
    setresgid(gid, gid, gid).step("change the group")?;
    setresuid(uid, uid, uid).step("change the user")?;
    // A change of user hides /proc/self from ourselves, and the maps of a user namespace are written there.
    prctl::set_dumpable(true).step("stay readable to ourselves")
}

/// No setuid program and no file capability gives anything from here on (`PR_SET_NO_NEW_PRIVS`, prctl(2)).
pub(super) fn forbid_gaining() -> Result<(), SandboxError> {
    prctl::set_no_new_privs().step("forbid new privileges")
}

/// Gives up every capability. With no-new-privileges set none comes back.
pub(super) fn drop_capabilities() -> Result<(), SandboxError> {
    /// `_LINUX_CAPABILITY_VERSION_3` of linux/capability.h.
    const VERSION: u32 = 0x2008_0522;
    let header = [VERSION, 0];
    let none = [[0_u32; 3]; 2];
    // SAFETY: capset(2) reads a header of two words and, for version 3, two structs of three words.
    let answer = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }.step("drop capabilities")
}
