//! How much there is below a folder that somebody else fills, who would rather not have it found, and on its file system.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{Mode, SFlag, fstatat};
use nix::sys::statvfs::statvfs;

/// Bytes of a path, from the last folder that was kept open for it: the kernel takes twice as many.
const FARTHEST: usize = 2048;
/// Folders that were kept open.
const MAX_ANCHORS: u32 = 128;

/// Bytes that are free on the file system of a folder. Files count there before they are written to the disk.
pub(super) fn free(folder: &Path) -> Option<u64> {
    let facts = statvfs(folder).ok()?;
    Some(wide(facts.blocks_free()).saturating_mul(wide(facts.fragment_size())))
}

/// Integers of `statvfs`, whose types differ from system to system.
fn wide(count: impl Into<u64>) -> u64 {
    count.into()
}

/// Bytes on disk and files below a folder. `None` where one of its folders cannot be listed.
pub(super) fn contents(folder: &Path) -> Option<(u64, u64)> {
    let mut open = vec![(Rc::new(enter(None, folder).ok()?), PathBuf::from("."))];
    let (mut bytes, mut files, mut anchors) = (0, 0, 0);
    while let Some((anchor, folder)) = open.pop() {
        let entered = match enter(Some(&anchor), &folder) {
            Ok(entered) => entered,
            Err(Errno::ENOENT) => continue,
            Err(_) => return None,
        };
        let (anchor, folder) = if folder.as_os_str().len() < FARTHEST {
            (anchor, folder)
        } else {
            anchors += 1;
            (Rc::new(entered.try_clone().ok()?), PathBuf::from("."))
        };
        for entry in Dir::from_fd(entered).ok()?.into_iter().flatten() {
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let path = folder.join(OsStr::from_bytes(name.to_bytes()));
            let Ok(status) = fstatat(&anchor, &path, AtFlags::AT_SYMLINK_NOFOLLOW) else { continue };
            bytes += u64::try_from(status.st_blocks).unwrap_or(0) * 512;
            files += 1;
            if SFlag::from_bits_truncate(status.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFDIR {
                open.push((Rc::clone(&anchor), path));
            }
        }
        if anchors > MAX_ANCHORS {
            return None;
        }
    }
    Some((bytes, files))
}

fn enter(anchor: Option<&OwnedFd>, folder: &Path) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    match anchor {
        Some(anchor) => openat(anchor, folder, flags, Mode::empty()),
        None => open(folder, flags, Mode::empty()),
    }
}
