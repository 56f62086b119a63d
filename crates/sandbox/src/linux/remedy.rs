//! What a person can do about a machine that grants no namespaces.

use std::fs;
use std::path::Path;

/// Looks for the usual reasons, the most likely first.
pub fn remedy() -> String {
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
