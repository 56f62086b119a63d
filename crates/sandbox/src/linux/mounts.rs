//! Mounts, and the places that they cover.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};

/// For the arguments of `mount(2)` that a bind mount does not need.
pub(super) const NOTHING: Option<&str> = None;

/// A path of a sandbox while its root is made somewhere else.
pub(super) fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Makes something of the same kind as the original, for a mount to cover.
pub(super) fn make_place(place: &Path, original: &fs::Metadata) -> io::Result<()> {
    if original.is_dir() {
        return fs::create_dir_all(place);
    }
    fs::create_dir_all(place.parent().unwrap_or(Path::new("/")))?;
    fs::File::create(place).map(drop)
}

/// Binds a path with all mounts below it.
pub(super) fn bind_tree(source: &Path, place: &Path) -> nix::Result<()> {
    mount(Some(source), place, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)
}

/// Binds a path without the mounts below it.
pub(super) fn bind(source: &Path, place: &Path) -> nix::Result<()> {
    mount(Some(source), place, NOTHING, MsFlags::MS_BIND, NOTHING)
}

pub(super) fn bind_read_only(source: &Path, place: &Path) -> io::Result<()> {
    bind(source, place)?;
    make_read_only(place)
}

/// Makes one mount read-only.
pub(super) fn make_read_only(place: &Path) -> io::Result<()> {
    restrict(place, 0)
}

/// Makes a mount and all mounts below it read-only.
pub(super) fn make_tree_read_only(place: &Path) -> io::Result<()> {
    restrict(place, libc::AT_RECURSIVE)
}

/// `mount_setattr(2)`: keeps the flags that are locked, and reaches mounts below, which a remount does not.
fn restrict(place: &Path, flags: libc::c_int) -> io::Result<()> {
    let path = CString::new(place.as_os_str().as_bytes())?;
    let attributes = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };

    // SAFETY: the path and the attributes live until the call returns, and their size is given.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
