//! Whether data is under way between sockets of the session (`/proc/net/tcp`, proc_pid_net(5)).
//!
//! Pipes and Unix sockets deliver while the sender still runs. Packets of the loopback interface are delivered by
//! interrupts, and TCP waits for acknowledgements.

use std::fs;

/// Sent and not acknowledged, a timer of the protocol runs, or a processor has packets to deliver.
pub(super) fn under_way() -> bool {
    let any = |table: &str, is_under_way: fn(&str) -> bool| {
        fs::read_to_string(table).unwrap_or_default().lines().any(is_under_way)
    };
    any("/proc/net/softnet_stat", is_queued)
        || any("/proc/net/tcp", is_under_way)
        || any("/proc/net/tcp6", is_under_way)
}

/// A line of `softnet_stat`: the twelfth number is how many packets wait for this processor, of whatever sandbox
/// (`softnet_seq_show` in the kernel).
fn is_queued(line: &str) -> bool {
    line.split_ascii_whitespace().nth(11).is_some_and(|count| count.bytes().any(|byte| byte != b'0'))
}

/// A line of the table: number, two addresses, state, `tx_queue:rx_queue`, `timer:when`.
fn is_under_way(line: &str) -> bool {
    /// Of a listener `rx_queue` counts connections, and nothing is under way.
    const LISTEN: &str = "0A";
    let mut words = line.split_ascii_whitespace().skip(3);
    let (Some(state), Some(queues), Some(timer)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let sending = queues.split(':').next().is_some_and(|queue| queue.bytes().any(|byte| byte != b'0'));
    // 1 sends again, 4 asks whether there is room; 2 and 3 keep what is over.
    let waiting = timer.starts_with("01:") || timer.starts_with("04:");
    state != LISTEN && (sending || waiting)
}

#[cfg(test)]
mod tests {
    use super::{is_queued, is_under_way};

    #[test]
    fn what_waits_for_an_answer_is_under_way() {
        let line = |state: &str, queues: &str, timer: &str| {
            format!("   1: 0100007F:1F90 0100007F:B2C4 {state} {queues} {timer} 00000000  1000        0 1")
        };
        for (state, queues, timer, wanted) in [
            ("01", "00000000:00000000", "00:00000000", false),
            ("01", "00000010:00000000", "01:00000014", true),
            ("01", "00000000:00000000", "01:00000014", true),
            ("01", "00000000:00000010", "00:00000000", false),
            ("01", "00000000:00000000", "02:00001000", false),
            ("06", "00000000:00000000", "03:00001000", false),
            ("0A", "00000000:00000001", "00:00000000", false),
        ] {
            assert_eq!(is_under_way(&line(state, queues, timer)), wanted, "{state} {queues} {timer}");
        }
        assert!(
            !is_under_way("") && !is_under_way("  sl  local_address rem_address   st tx_queue rx_queue tr")
        );
    }

    #[test]
    fn what_waits_for_a_processor_is_queued() {
        let line = |queued: &str| {
            format!("0000beef 00000000 00000001 0 0 0 0 0 0 00000007 00000000 {queued} 00000001")
        };
        assert!(is_queued(&line("00000002")));
        assert!(!is_queued(&line("00000000")) && !is_queued("0000beef"));
    }
}
