//! The network of a lane: whether one of its sessions has left traces there.

use std::fs;

/// Whether a session has used the network namespace of this lane: ports in `TIME_WAIT` would meet the next session, and
/// counters show what was sent.
///
/// Unix sockets are not counted: they die with their processes, abstract names included.
pub(crate) fn network_used() -> bool {
    let Ok(text) = fs::read_to_string("/proc/net/dev") else { return false };
    let Some(counts) = text.lines().find_map(|line| line.trim_start().strip_prefix("lo:")) else {
        return false;
    };
    counts.split_whitespace().any(|count| count != "0")
}
