//! Virtual time jumps only when nobody could do anything any more, and ends waits of nobody but those whose time it is.

use crate::project::Project;

const WITH: [&str; 4] = ["a.md", "--sandbox=require-a", "--timeout=50s", "--limit=cpu=50s"];

#[track_caller]
fn holds(code: &str) {
    let run = Project::document(&[code]).json(&WITH);
    let snippet = &run.snippets()[0];
    assert_eq!(
        (&snippet["verdict"], &snippet["clock"]),
        (&"passed".into(), &"virtual".into()),
        "{snippet:#}"
    );
}

/// One computes for a moment and wakes the other, while a third one sleeps again and again. The parent is in the middle
/// of `fork` or `waitpid` when the child begins or ends.
#[test]
fn what_is_under_way_arrives() {
    holds(
        "
        import os, random, select, threading, time

        random.seed(1)

        def compute():
            end = time.thread_time() + random.uniform(10e-6, 500e-6)
            while time.thread_time() < end:
                pass

        def disturb():
            while not over.is_set():
                time.sleep(random.choice([0.003, 0.01, 0.7]))

        over = threading.Event()
        threading.Thread(target=disturb, daemon=True).start()
        for number in range(300):
            length = random.choice([0, 0.01, 2.0])
            read, write = os.pipe()
            began = time.monotonic()
            if not (child := os.fork()):
                compute(); time.sleep(length); os._exit(0)
            os.close(write)
            assert select.select([read], [], [], 5)[0], number
            took = time.monotonic() - began
            assert abs(took - length) < 0.01, (number, took, length)
            os.close(read)
            os.waitpid(child, 0)
        for number in range(300):
            event = threading.Event()
            threading.Thread(target=lambda: (compute(), time.sleep(1), event.set())).start()
            assert event.wait(1.5), number
        over.set()
        ",
    );
}

#[test]
fn the_killed_and_the_stopped_hold_nobody_up() {
    holds(
        "
        import os, signal, time

        began = time.monotonic()
        for _ in range(20):
            if not (child := os.fork()):
                time.sleep(100)
            time.sleep(0.1)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        if not (child := os.fork()):
            time.sleep(1)
            os._exit(3)
        time.sleep(0.5)
        os.kill(child, signal.SIGSTOP)
        time.sleep(2)
        os.kill(child, signal.SIGCONT)
        assert os.waitpid(child, 0)[1] >> 8 == 3
        assert abs(time.monotonic() - began - 4.5) < 0.01, time.monotonic() - began
        ",
    );
}

#[test]
fn time_jumps_again_once_nobody_waits_past_it() {
    holds(
        "
        import ctypes, time

        libc = ctypes.CDLL('libc.so.6')
        libc.usleep(100_000)
        time.sleep(3600)
        ",
    );
}

#[test]
fn handlers_run_when_their_signal_comes() {
    holds(
        "
        import signal, threading, time

        rang = []
        signal.signal(signal.SIGALRM, lambda *_: rang.append(round(time.monotonic() - began, 2)))
        signal.siginterrupt(signal.SIGALRM, False)
        lock = threading.Lock()
        lock.acquire()
        began = time.monotonic()
        signal.alarm(1)
        time.sleep(3)
        signal.alarm(1)
        assert not lock.acquire(timeout=3)
        assert rang == [1.0, 4.0], rang
        ",
    );
}
