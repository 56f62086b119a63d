//! What a person can do about a machine that grants no namespaces.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Others may enter.
const ENTER: u32 = 0o001;

/// Nothing makes this system have them.
#[cfg(not(sandboxed))]
pub(crate) fn remedy() -> String {
    "there are sandboxes on Linux only".to_owned()
}

/// Looks for the usual reasons, the most likely first.
#[cfg(sandboxed)]
pub(crate) fn remedy() -> String {
    let is = |path: &str, value: &str| fs::read_to_string(path).is_ok_and(|text| text.trim() == value);
    let remedy = if is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") {
        "this system restricts user namespaces: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`"
    } else if is("/proc/sys/user/max_user_namespaces", "0") {
        "user namespaces are switched off: `sudo sysctl -w user.max_user_namespaces=10000`"
    } else if is("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        "user namespaces are switched off: `sudo sysctl -w kernel.unprivileged_userns_clone=1`"
    } else if Path::new("/.dockerenv").exists() {
        "in Docker: `docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined \
         --security-opt apparmor=unconfined`"
    } else {
        "the kernel or a container around this process refuses namespaces"
    };
    remedy.to_owned()
}

/// The outermost folder on the way to a file that other users than its owner may not enter.
pub(crate) fn closed(file: &Path) -> Option<PathBuf> {
    let file = fs::canonicalize(file).ok()?;
    let folders: Vec<&Path> = file.ancestors().skip(1).collect();
    let is_closed =
        |folder: &Path| fs::metadata(folder).is_ok_and(|facts| facts.permissions().mode() & ENTER == 0);
    folders.into_iter().rev().find(|folder| is_closed(folder)).map(Path::to_path_buf)
}
