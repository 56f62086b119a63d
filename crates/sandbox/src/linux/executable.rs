//! The file that a lane runs: this executable, where its owner cannot change it.
//!
//! Every process reaches its file through `/proc/self/exe`, past all mounts of its namespace, and the file's owner can
//! change its mode, times and attributes there, unless it runs from a mount that is read-only. An interpreter that a lane
//! starts in place of this executable is in the lane's root, which is read-only as well.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sched::{CloneFlags, unshare};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{getegid, geteuid};

use crate::error::{SandboxError, StepContext};
use crate::linux::mounts::{bind_tree, make_tree_read_only};
use crate::linux::namespaces::USER;

const EXECUTABLE: &str = "/proc/self/exe";

/// A command that starts this executable again, from a read-only mount in a namespace of its own. `None` if the path of
/// the executable no longer leads to it.
///
/// Where the namespace is refused the executable starts all the same and refuses tier A by itself, see
/// [`require_read_only`].
pub fn read_only() -> Option<Command> {
    let file = program()?;
    let (user, group) = (geteuid(), getegid());
    // Sessions see the user of this namespace as the one outside of theirs.
    let maps = [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("{USER} {user} 1")),
        ("/proc/self/gid_map", format!("{USER} {group} 1")),
        ("/proc/self/projid_map", "0 0 1".to_owned()),
    ];

    let mut command = Command::new(&file);
    let prepare = move || {
        if unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).is_ok() {
            for (path, map) in &maps {
                let _ = fs::write(path, map);
            }
            let _ = mount_read_only(&file);
        }
        Ok(())
    };

    // SAFETY: between fork and exec only system calls are made; glibc lets a fork of several threads allocate.
    unsafe { command.pre_exec(prepare) };
    Some(command)
}

/// The path of the file that this process runs, if it still leads there.
fn program() -> Option<PathBuf> {
    fs::read_link(EXECUTABLE).ok().filter(|path| path.is_file())
}

/// Mounts the folder of a file on itself. The file alone would have no name there.
fn mount_read_only(file: &Path) -> io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    bind_tree(folder, folder)?;
    make_tree_read_only(folder)
}

/// Fails unless this executable runs from a read-only mount, for a lane whose sessions may be the file's owner.
pub(super) fn require_read_only() -> Result<(), SandboxError> {
    const STEP: &str = "keep the executable as it is";
    let flags = statvfs(EXECUTABLE).step(STEP)?.flags();
    if flags.contains(FsFlags::ST_RDONLY) {
        return Ok(());
    }
    Err(io::Error::from(io::ErrorKind::PermissionDenied)).step(STEP)
}
