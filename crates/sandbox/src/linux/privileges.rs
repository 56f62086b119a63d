//! Who a process is and what it may still become: users, capabilities, terminal.

use std::fs;
use std::io;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd::{Gid, Uid, geteuid, setgroups, setresgid, setresuid, setsid};

use crate::error::{SandboxError, StepContext};

/// Makes this process the leader of a new session: it has no controlling terminal, and Ctrl-C at the user's terminal
/// does not reach it.
pub(super) fn leave_terminal() -> Result<(), SandboxError> {
    match setsid() {
        // EPERM: already the leader of its group, which is what was wanted.
        Ok(_) | Err(Errno::EPERM) => Ok(()),
        Err(error) => Err(error).step("leave the terminal"),
    }
}

/// Gives this process a new session keyring: the caller's may hold tokens (`keyctl(2)`, `KEYCTL_JOIN_SESSION_KEYRING`).
pub(super) fn leave_keyring() -> Result<(), SandboxError> {
    const JOIN_SESSION_KEYRING: libc::c_long = 1;
    // SAFETY: the name is null, so the call makes an anonymous keyring and touches no memory.
    let answer =
        unsafe { libc::syscall(libc::SYS_keyctl, JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) };

    match Errno::last() {
        // A kernel without keyrings has none to leave.
        Errno::ENOSYS => Ok(()),
        error if answer < 0 => Err(error).step("leave the caller's keyring"),
        _ => Ok(()),
    }
}

/// Whether this process is root and may change to this user: inside a user namespace root is often the only user there
/// is.
pub fn may_become(user: u32) -> bool {
    let covers = |line: &str| {
        let numbers: Vec<u32> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        matches!(numbers[..], [first, _, count] if user.checked_sub(first).is_some_and(|offset| offset < count))
    };

    geteuid().is_root()
        && fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| map.lines().any(covers))
        && fs::read_to_string("/proc/self/setgroups").map_or(true, |word| word.trim() == "allow")
}

/// Changes from root to a user who owns nothing on this machine.
pub(super) fn become_user(user: u32) -> Result<(), SandboxError> {
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    setgroups(&[]).step("drop groups")?;
    setresgid(gid, gid, gid).step("change the group")?;
    setresuid(uid, uid, uid).step("change the user")?;
    // The kernel takes /proc/self from a process that changes its user, and the maps of a user namespace are written
    // there.
    prctl::set_dumpable(true).step("stay readable to ourselves")
}

/// Makes setuid programs and file capabilities give nothing (`PR_SET_NO_NEW_PRIVS`, prctl(2)).
pub(super) fn forbid_gaining() -> Result<(), SandboxError> {
    prctl::set_no_new_privs().step("forbid new privileges")
}

/// Locks what exec could give back, and the ways to it, for this process and its children (capabilities(7)).
///
/// Needs `CAP_SETPCAP`; who has none has nothing to lose either.
pub(super) fn lock_capabilities() -> Result<(), SandboxError> {
    /// `SECBIT_NOROOT`, `SECBIT_NO_SETUID_FIXUP` and `SECBIT_NO_CAP_AMBIENT_RAISE` with their locks, and the lock of
    /// `SECBIT_KEEP_CAPS` (linux/securebits.h).
    const SECURE_BITS: libc::c_ulong = 0b1110_1111;
    /// More than any kernel has; the first that it does not know ends the list.
    const CAPABILITIES: libc::c_ulong = 64;
    const STEP: &str = "lock capabilities";

    // SAFETY: these operations of prctl(2) take plain numbers.
    let secured = unsafe { libc::prctl(libc::PR_SET_SECUREBITS, SECURE_BITS, 0, 0, 0) };
    if secured < 0 {
        return Err(Errno::last()).step(STEP);
    }

    for capability in 0..CAPABILITIES {
        // SAFETY: this operation of prctl(2) takes plain numbers.
        let dropped = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        match Errno::last() {
            Errno::EINVAL if dropped < 0 => break,
            error if dropped < 0 => return Err(error).step(STEP),
            _ => {}
        }
    }
    Ok(())
}

/// Gives up every capability. With no-new-privileges set none comes back.
pub(super) fn drop_capabilities() -> Result<(), SandboxError> {
    set_capabilities([Sets::default(); 2]).step("drop capabilities")
}

/// Has the next program of this process begin with the capabilities that it has now, as [`lose_inherited`] says.
///
/// Comes before [`lock_capabilities`], which allows no more of it.
pub(super) fn pass_capabilities_on() -> Result<(), SandboxError> {
    const STEP: &str = "pass capabilities on";
    let words = capabilities().step(STEP)?.map(|sets| Sets { inheritable: sets.permitted, ..sets });
    set_capabilities(words).step(STEP)?;

    let owned = words.iter().zip([0_u8, 32]).flat_map(|(sets, first)| {
        let permitted = sets.permitted;
        (0..32_u8).filter(move |bit| permitted & (1 << bit) != 0).map(move |bit| first + bit)
    });
    for capability in owned {
        // SAFETY: this operation of prctl(2) takes plain numbers.
        let raised = unsafe {
            libc::prctl(
                libc::PR_CAP_AMBIENT,
                libc::PR_CAP_AMBIENT_RAISE,
                libc::c_ulong::from(capability),
                0,
                0,
            )
        };
        if raised < 0 {
            return Err(Errno::last()).step(STEP);
        }
    }
    Ok(())
}

/// From here on no program of this process begins with capabilities. Those that the process has stay.
pub fn lose_inherited() -> Result<(), SandboxError> {
    const STEP: &str = "keep capabilities from programs";
    // SAFETY: this operation of prctl(2) takes plain numbers.
    let cleared = unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) };
    if cleared < 0 {
        return Err(Errno::last()).step(STEP);
    }
    let words = capabilities().step(STEP)?.map(|sets| Sets { inheritable: 0, ..sets });
    set_capabilities(words).step(STEP)
}

/// 32 capabilities of a process, one bit each (`struct __user_cap_data_struct` of linux/capability.h).
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Sets {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// `_LINUX_CAPABILITY_VERSION_3` of linux/capability.h: there are two words of [`Sets`].
const CAPABILITY_VERSION: [u32; 2] = [0x2008_0522, 0];

fn capabilities() -> io::Result<[Sets; 2]> {
    let mut words = [Sets::default(); 2];
    let mut header = CAPABILITY_VERSION;
    // SAFETY: capget(2) reads a header of two words and, for this version, fills in two structs.
    let answer = unsafe { libc::syscall(libc::SYS_capget, header.as_mut_ptr(), words.as_mut_ptr()) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(words) }
}

fn set_capabilities(words: [Sets; 2]) -> io::Result<()> {
    let mut header = CAPABILITY_VERSION;
    // SAFETY: capset(2) reads a header of two words and, for this version, two structs.
    let answer = unsafe { libc::syscall(libc::SYS_capset, header.as_mut_ptr(), words.as_ptr()) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
