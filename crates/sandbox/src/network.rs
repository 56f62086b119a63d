//! The network of a lane: whether one of its sessions has left traces there.

use std::fs::File;
use std::io::Read;

/// More bytes than the counters of a network with one interface take.
const USUAL: usize = 4096;

/// Whether a session has used the network namespace of this lane: ports in `TIME_WAIT` would meet the next session, and
/// counters show what was sent.
///
/// Unix sockets are not counted: they die with their processes, abstract names included.
pub fn network_used() -> bool {
    let mut text = String::with_capacity(USUAL);
    // A file of `/proc` says that it is empty: without room for its text it would be read in many pieces.
    let read = File::open("/proc/net/dev").and_then(|file| file.take(u64::MAX).read_to_string(&mut text));
    if read.is_err() {
        return false;
    }
    let Some(counts) = text.lines().find_map(|line| line.trim_start().strip_prefix("lo:")) else {
        return false;
    };
    counts.split_whitespace().any(|count| count != "0")
}
