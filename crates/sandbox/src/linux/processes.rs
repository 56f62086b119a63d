//! The `/proc` of a session: its own processes, without what it says of the machine and no snippet needs.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::unistd::geteuid;

use crate::error::{SandboxError, StepContext};
use crate::linux::mounts::{NOTHING, bind};
use crate::linux::paths::EMPTY;

/// What the machine was started with, its disks, devices and keys, and which start this is. Memory, processors, load
/// and version stay: programs choose by them what they do.
const FILES: [&str; 5] =
    ["/proc/cmdline", "/proc/diskstats", "/proc/keys", "/proc/partitions", "/proc/sys/kernel/random/boot_id"];
const FOLDERS: [&str; 3] = ["/proc/bus", "/proc/fs", "/proc/scsi"];

/// Mounts a `/proc` over the lane's, which stays mounted: taking it off again would wait for the whole kernel
/// (`synchronize_rcu_expedited`).
pub(super) fn mount_own() -> Result<(), SandboxError> {
    let mut flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // The machine's root owns its settings, which ask for no capability, also under another name in a namespace.
    if fs::metadata("/proc/sys").is_ok_and(|settings| settings.uid() == geteuid().as_raw()) {
        flags |= MsFlags::MS_RDONLY;
    }

    mount(Some("proc"), "/proc", Some("proc"), flags, NOTHING).step("mount `/proc`")?;

    let files = FILES.map(|file| (file, "/dev/null"));
    let folders = FOLDERS.map(|folder| (folder, EMPTY));
    for (path, cover) in files.into_iter().chain(folders) {
        match bind(Path::new(cover), Path::new(path)) {
            // Not every kernel has each of these paths.
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(error) => return Err(error).step_with(|| format!("hide `{path}`")),
        }
    }
    Ok(())
}
