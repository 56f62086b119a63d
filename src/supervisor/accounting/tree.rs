//! The processes below a session's init, as the kernel lists them (`proc_tid_children(5)`): none without a `/proc`.

use std::fs;

use nix::unistd::Pid;

/// All of them, parents first. Children belong to threads, so those of every thread are asked for.
pub(super) fn descendants(init: Pid) -> Vec<Pid> {
    let mut found = Vec::new();
    let mut open = vec![init];
    while let Some(process) = open.pop() {
        let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { continue };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            let children = children.split_ascii_whitespace().filter_map(|word| word.parse().ok());
            for child in children.map(Pid::from_raw) {
                found.push(child);
                open.push(child);
            }
        }
    }
    found
}
