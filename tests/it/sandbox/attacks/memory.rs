//! Memory that hides from who counts it. All of it is far more than the limit, and than the machine may lose before a
//! session is suspected.

use serde_json::Value;

use crate::sandbox::attacks::{project, run};

/// Is killed for its memory, by whichever figure, and its neighbour is not. What is kept for a virtual while is gone
/// before anybody looks.
#[track_caller]
fn is_counted(attack: &str) {
    is_counted_above("160MiB", attack);
}

#[track_caller]
fn is_counted_above(limit: &str, attack: &str) {
    let run = run(&project(&[attack]), &["--limit", &format!("memory={limit}"), "--clock", "real"]);
    let snippets = run.snippets();
    assert_eq!(snippets[0]["cause"]["kind"], "memory", "{}", run.stdout);
    assert_eq!(snippets.last().map(|snippet| &snippet["stdout"]), Some(&Value::from("undisturbed\n")));
}

#[test]
fn of_a_process_with_an_odd_name() {
    is_counted(
        "
            import ctypes, os, time
            ctypes.CDLL(None).prctl(15, b'\\xff) 1 Z', 0, 0, 0)
            children = [os.fork() for _ in range(3)]
            kept = [bytearray(b'x' * (10 << 20)) for _ in range(6)]
            time.sleep(5)
        ",
    );
}

#[test]
fn of_a_process_whose_first_thread_has_ended() {
    is_counted(
        "
            import ctypes, os, threading, time

            def keep():
                while ') Z ' not in open('/proc/self/stat').read():
                    time.sleep(0.001)
                kept = [bytearray(b'x' * (10 << 20)) for _ in range(6)]
                time.sleep(5)
                os._exit(0)

            for _ in range(3):
                if os.fork() == 0:
                    threading.Thread(target=keep).start()
                    ctypes.CDLL(None).syscall(60 if os.uname().machine == 'x86_64' else 93, 0)
            time.sleep(5)
        ",
    );
}

const MAP: &str = "
            import ctypes
            libc = ctypes.CDLL(None, use_errno=True)
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
            libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]";

#[test]
fn in_page_tables() {
    is_counted(&format!(
        "{MAP}
            size = 1 << 40
            start = libc.mmap(None, size, 1, 0x4022, -1, 0)
            libc.madvise(start, size, 15)
            for address in range(start, start + (400 << 30), 2 << 20):
                ctypes.string_at(address, 1)
            import time
            time.sleep(2)
        "
    ));
}

#[test]
fn shared_and_not_mapped() {
    is_counted_above(
        "80MiB",
        &format!(
            "{MAP}
            for _ in range(60):
                start = libc.mmap(None, 10 << 20, 3, 0x21, -1, 0)
                ctypes.memset(start, 1, 10 << 20)
                libc.madvise(start, 10 << 20, 4)
            import time
            time.sleep(1)
        "
        ),
    );
}

#[test]
fn beside_snippets_too_short_to_be_looked_at() {
    let greedy = "
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                kept = [bytearray(b'x' * (10 << 20)) for _ in range(6)]
                time.sleep(8)
                os._exit(0)
    ";
    let mut snippets = vec![greedy];
    snippets.extend(["time.sleep(0.003)"; 300]);
    let run = run(&project(&snippets), &["--limit", "memory=160MiB"]);
    assert!(run.snippets().iter().any(|snippet| snippet["cause"]["kind"] == "memory"), "{}", run.stdout);
}

#[test]
fn pages_lent_to_a_pipe() {
    let project = project(&["import ctypes\nprint(ctypes.CDLL(None).vmsplice(1, None, 0, 0))"]);
    crate::sandbox::attacks::tells(&run(&project, &[]), &["passed completed | stdout -1⏎"]);
}
