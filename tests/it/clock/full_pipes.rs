//! Whoever waits until the supervisor reads waits for something that will happen: no deadlock, and no time to jump over.

use crate::project::Project;

const WITH: [&str; 5] =
    ["a.md", "--sandbox=require-a", "--timeout=50s", "--limit=tasks=400", "--limit=output=100MiB"];

#[track_caller]
fn completes(code: &str) {
    let run = Project::document(&[code]).json(&WITH);
    let snippet = &run.snippets()[0];
    assert_eq!(
        (&snippet["ending"], &snippet["verdict"], &snippet["clock"]),
        (&"completed".into(), &"passed".into(), &"virtual".into()),
        "exception {}, reasons {}",
        snippet["exception"],
        snippet["reasons"],
    );
}

/// Others that sleep make each look at the session long: the supervisor reads while one is under way.
const CROWD: &str = "
        import ctypes, mmap, os, random, select, threading, time

        random.seed(1)
        gate, held = os.pipe()
        for _ in range(200):
            if not os.fork():
                os.close(held); os.read(gate, 1); os._exit(0)

        def compute():
            end = time.thread_time() + random.uniform(0, 0.002)
            while time.thread_time() < end:
                pass

        text = b'x' * 70_000
        copy = os.dup(1)
        with open('text', 'wb') as file:
            file.write(text)

        def plain():
            os.write(copy, text)

        def gathered():
            os.writev(1, [text[:10], text[10:]])

        def sent():
            with open('text', 'rb') as file:
                os.sendfile(copy, file.fileno(), 0, len(text))

        def spliced():
            with open('text', 'rb') as file:
                os.splice(file.fileno(), 1, len(text))

        def when(wait):
            os.set_blocking(1, False)
            left = text
            while left:
                try:
                    left = left[os.write(1, left):]
                except BlockingIOError:
                    wait()
            os.set_blocking(1, True)

        def selected():
            when(lambda: select.select([gate], [gate, copy], []))

        def polled():
            poll = select.poll()
            poll.register(copy, select.POLLOUT)
            when(poll.poll)

        def watched():
            with select.epoll() as epoll:
                epoll.register(copy, select.EPOLLOUT)
                when(epoll.poll)

        def by_child():
            if not (child := os.fork()):
                plain(); os._exit(0)
            os.waitpid(child, 0)

        ways = [plain, gathered, sent, spliced, selected, polled, watched, by_child]
";

#[test]
fn time_waits_for_the_supervisor() {
    completes(&format!(
        "{CROWD}
        threading.Thread(target=lambda: time.sleep(1000), daemon=True).start()
        time.sleep(0.01)
        for way in ways:
            began = time.monotonic()
            for _ in range(12):
                way(); compute()
            passed = time.monotonic() - began
            assert passed < 5, (way, passed)
        os.close(held)
        "
    ));
}

#[test]
fn what_the_supervisor_will_read_is_no_deadlock() {
    completes(&format!(
        "{CROWD}
        for way in ways:
            for _ in range(12):
                way(); compute()
        os.close(held)
        "
    ));
}

/// The only task of a session moves the clock by itself.
#[test]
fn one_that_is_alone_waits_for_the_supervisor_too() {
    completes(
        "
        import os, select, time

        poll = select.poll()
        poll.register(1, select.POLLOUT)
        epoll = select.epoll()
        epoll.register(1, select.EPOLLOUT)
        waits = [lambda: select.select([], [1], [], 500), lambda: poll.poll(500_000), lambda: epoll.poll(500)]
        # Whoever has waited once while all others slept is known to be alone.
        time.sleep(1)
        began = time.monotonic()
        os.set_blocking(1, False)
        for wait in waits:
            for _ in range(20):
                try:
                    while True:
                        os.write(1, b'x' * 70_000)
                except BlockingIOError:
                    assert wait()
        os.set_blocking(1, True)
        passed = time.monotonic() - began
        assert passed < 5, passed
        ",
    );
}
