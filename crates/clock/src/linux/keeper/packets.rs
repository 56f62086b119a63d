//! Whether data is under way between sockets of the session (`/proc/net/tcp`, `proc_pid_net(5)`).
//!
//! Pipes and Unix sockets deliver while the sender still runs. Packets of the loopback interface are delivered by
//! interrupts, and TCP waits for acknowledgements.

use std::fs;

/// What a TCP connection has sent and not had acknowledged, or what it runs a timer of the protocol for.
pub(super) fn unacknowledged() -> bool {
    [("sockstat", "TCP: ", "tcp"), ("sockstat6", "TCP6: ", "tcp6")].iter().any(|(counts, name, table)| {
        // The table takes milliseconds where the kernel keeps a large one.
        read(counts).lines().any(|line| line.strip_prefix(name).is_some_and(has_some))
            && read(table).lines().skip(1).any(is_under_way)
    })
}

fn read(table: &str) -> String {
    fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default()
}

/// Names and numbers; `mem` counts pages of all networks.
fn has_some(counts: &str) -> bool {
    let words: Vec<&str> = counts.split(' ').collect();
    words.chunks_exact(2).any(|pair| pair[0] != "mem" && pair[0] != "alloc" && pair[1] != "0")
}

/// Packets that wait for an interrupt, of all networks of the machine (`net/core/net-procfs.c` of the kernel).
pub(super) fn undelivered() -> bool {
    /// Of the numbers in a processor's line, all in hexadecimal.
    const BACKLOG: usize = 11;
    read("softnet_stat").lines().any(|line| {
        let backlog = line.split_ascii_whitespace().nth(BACKLOG);
        backlog.is_some_and(|count| count.bytes().any(|digit| digit != b'0'))
    })
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
    use super::is_under_way;

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
        assert!(!is_under_way(""));
    }
}
