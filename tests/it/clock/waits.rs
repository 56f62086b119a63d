//! Virtual time: waits cost nothing, measure what they were told to, and end as they would.

use crate::project::Project;

const WITH: [&str; 2] = ["a.md", "--sandbox=require-a"];

/// Runs one snippet and gives its record.
fn record(code: &str) -> serde_json::Value {
    let run = Project::document(&[code]).json(&WITH);
    let snippet = run.snippets()[0].clone();
    assert_eq!(snippet["clock"], "virtual", "{code}");
    snippet
}

#[track_caller]
fn prints(code: &str, expected: &str) {
    let snippet = record(code);
    assert_eq!(snippet["stdout"], expected, "{snippet:#}");
    // None of the waits was real: the shortest of them is longer than all the rest takes.
    assert!(snippet["wall_ms"].as_f64().unwrap() < snippet["virtual_ms"].as_f64().unwrap(), "{snippet:#}");
}

#[test]
fn a_sleep_lasts_as_long_as_it_says() {
    prints(
        "
        import datetime, time

        start = time.perf_counter()
        time.sleep(86400)
        print(f'{time.perf_counter() - start:.2f}', datetime.datetime.now().date())
        ",
        "86400.00 2025-01-02\n",
    );
}

#[test]
fn threads_sleep_side_by_side_and_wake_in_order() {
    prints(
        "
        import threading, time

        def work(seconds):
            time.sleep(seconds)
            print(seconds)

        start = time.monotonic()
        threads = [threading.Thread(target=work, args=(seconds,)) for seconds in (300, 100, 200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f'{time.monotonic() - start:.2f}')
        ",
        "100\n200\n300\n300.00\n",
    );
}

#[test]
fn whoever_waits_in_vain_waits_as_long_as_asked() {
    prints(
        "
        import asyncio, queue, select, signal, socket, subprocess, sys, threading, time

        def lasts(wait):
            start = time.monotonic()
            try:
                wait()
            except (queue.Empty, TimeoutError, subprocess.TimeoutExpired):
                pass
            print(f'{time.monotonic() - start:.1f}', end=' ')

        condition = threading.Condition()
        condition.acquire()
        held = threading.Lock()
        held.acquire()
        reader, writer = socket.socketpair()
        reader.settimeout(600)
        child = [sys.executable, '-c', 'import signal; signal.pause()']
        lasts(lambda: queue.Queue().get(timeout=100))
        lasts(lambda: threading.Event().wait(200))
        lasts(lambda: held.acquire(timeout=300))
        lasts(lambda: condition.wait(400))
        lasts(lambda: asyncio.run(asyncio.wait_for(asyncio.Event().wait(), 500)))
        lasts(lambda: reader.recv(1))
        lasts(lambda: select.select([reader], [], [], 700))
        lasts(lambda: signal.sigtimedwait({signal.SIGUSR1}, 800))
        lasts(lambda: subprocess.run(child, timeout=9))
        ",
        "100.0 200.0 300.0 400.0 500.0 600.0 700.0 800.0 9.0 ",
    );
}

#[test]
fn processes_share_the_clock() {
    // Starting a process takes real time, more than a twentieth of a second on a busy machine.
    prints(
        "
        import multiprocessing, subprocess, sys, time
        from concurrent.futures import ProcessPoolExecutor

        def work(seconds):
            time.sleep(seconds)
            return seconds

        if __name__ == '__main__':
            for method in 'fork', 'spawn', 'forkserver':
                start = time.time()
                process = multiprocessing.get_context(method).Process(target=work, args=(100,))
                process.start()
                process.join()
                print(method, process.exitcode, f'{time.time() - start:.0f}')
            start = time.time()
            with ProcessPoolExecutor(2) as pool:
                print(list(pool.map(work, [100] * 4)), f'{time.time() - start:.0f}')
            subprocess.run([sys.executable, '-c', 'import time; time.sleep(100)'])
            print(f'{time.time() - start:.0f}')
        ",
        "fork 0 100\nspawn 0 100\nforkserver 0 100\n[100, 100, 100, 100] 200\n300\n",
    );
}

#[test]
fn alarms_ring_while_somebody_sleeps() {
    prints(
        "
        import signal, time

        def ring(signal, frame):
            rung.append(f'{time.time() - start:.1f}')

        rung = []
        start = time.time()
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 100, 50)
        time.sleep(220)
        print(rung, signal.setitimer(signal.ITIMER_REAL, 0)[1], signal.alarm(7), signal.alarm(0))
        ",
        "['100.0', '150.0', '200.0'] 50.0 0 7\n",
    );
}

#[test]
fn what_computes_is_waited_for() {
    let snippet = record(
        "
        import threading, time

        def compute():
            total = 0
            for number in range(300_000):
                total += number
            done.set()

        done = threading.Event()
        threading.Thread(target=compute).start()
        print(done.wait(60))
        ",
    );
    assert_eq!(snippet["stdout"], "True\n", "{snippet:#}");
}

/// What asks the kernel itself has a clock of its own.
#[test]
fn a_wait_that_nobody_knows_is_real() {
    let snippet = record(
        "
        import ctypes, threading, time

        libc = ctypes.CDLL('libc.so.6')
        nap = threading.Thread(target=libc.usleep, args=(200_000,))
        nap.start()
        nap.join(60)
        print(nap.is_alive())
        ",
    );
    assert_eq!(snippet["stdout"], "False\n", "{snippet:#}");
}

#[test]
fn nothing_that_could_ever_happen_is_a_deadlock() {
    for (code, line) in [
        ("import threading\n\nthreading.Event().wait()\n", 4),
        ("import socket\n\nsocket.create_server(('127.0.0.1', 0)).accept()\n", 4),
        ("import os\n\nreader, writer = os.pipe()\nos.read(reader, 1)\n", 5),
    ] {
        let snippet = record(code);
        assert_eq!(snippet["ending"], "deadlocked", "{snippet:#}");
        assert_eq!(snippet["stacks"][0]["line"], line, "{snippet:#}");
    }
}

#[test]
fn nobody_needs_a_thousand_jumps_and_an_hour() {
    let snippet = record("import time\n\nwhile True:\n    time.sleep(60)\n");
    assert_eq!((&snippet["ending"], &snippet["cause"]["kind"]), (&"timed-out".into(), &"virtual".into()));
    let snippet = record("import time\n\nfor _ in range(900):\n    time.sleep(60)\n");
    assert_eq!(snippet["ending"], "completed", "{snippet:#}");
}

#[test]
fn a_session_may_spoil_its_clock_and_nobody_elses() {
    let spoil = "
        import mmap, time

        with open('/.session/clock', 'r+b') as file, mmap.mmap(file.fileno(), 0) as page:
            page[:] = b'\\xff' * len(page)
        time.sleep(1)
        ";
    let good = "import time\n\ntime.sleep(100)\nprint('well')\n";
    let project = Project::new(&[
        ("a.md", &crate::project::document(&[spoil, good])),
        ("b.md", &crate::project::document(&[good])),
    ]);
    let run = project.json(&["a.md", "b.md", "--sandbox=require-a", "--timeout=3"]);
    let snippets = run.snippets();
    assert_eq!(snippets.len(), 3, "{snippets:#?}");
    let other = snippets.iter().find(|snippet| snippet["path"] == "b.md").unwrap();
    assert_eq!((&other["stdout"], &other["clock"]), (&"well\n".into(), &"virtual".into()), "{snippets:#?}");
}

#[test]
fn durations_are_claims_where_nothing_is_computed() {
    let claims = |code: &str| {
        let snippet = record(code);
        let claims = snippet["claims"].as_array().unwrap().clone();
        claims.iter().map(|claim| format!("{} {}", claim["line"], claim["verdict"])).collect::<Vec<_>>()
    };
    let waits = "
        import time

        start = time.time()
        time.sleep(2)
        print(f'{time.time() - start:.2f}s')  # 2.00s
        print(f'{time.time() - start:.2f}s')  # 3.00s
        ";
    assert_eq!(claims(waits), ["6 \"holds\"", "7 \"broken\""]);
    let computes = "
        import time

        start = time.time()
        sum(number * number for number in range(3_000_000))
        print(f'{time.time() - start:.2f}s')  # 9.00s
        ";
    assert_eq!(claims(computes), ["6 \"unstable\""]);
}

/// While threads compute, CPython looks at the clock for reasons of its own.
#[test]
fn what_threads_compute_takes_its_time() {
    let snippet = record(
        "
        import threading, time

        def compute():
            sum(number * number for number in range(4_000_000))

        start, effort = time.time(), time.process_time()
        threads = [threading.Thread(target=compute) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        passed, effort = time.time() - start, time.process_time() - effort
        print(abs(passed - effort) < 0.2, effort > 0.2)
        ",
    );
    assert_eq!(snippet["stdout"], "True True\n", "{snippet:#}");
}
