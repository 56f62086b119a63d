//! What a snippet meets where a resource ends, with namespaces and without. The snippet and the document after it run.

use serde_json::Value;

use crate::project::{Project, document};

/// How the first snippet ends, and which limit it blames.
#[derive(Clone, Copy)]
struct Blamed {
    /// With namespaces, and without.
    endings: [&'static [&'static str]; 2],
    kind: &'static str,
    limit: f64,
    unit: &'static str,
}

const RAISED: &[&str] = &["raised"];
const KILLED: &[&str] = &["killed"];
const TIMED_OUT: &[&str] = &["timed-out"];

fn memory(limit: f64) -> Blamed {
    Blamed { endings: [KILLED; 2], kind: "memory", limit, unit: "MiB" }
}

#[track_caller]
fn check(word: &str, code: &str, expected: Blamed) {
    for (tier, endings) in ["a", "b"].into_iter().zip(expected.endings) {
        let (ended, used) = blamed(tier, &["--limit", word], code, expected);
        assert!(endings.contains(&&*ended), "{ended} in tier {tier}");
        assert!(used >= expected.limit, "used {used} of {} in tier {tier}", expected.limit);
    }
}

/// The ending and what was used.
#[track_caller]
fn blamed(tier: &str, words: &[&str], code: &str, expected: Blamed) -> (String, f64) {
    let files = [("a.md", &*document(&[code, "print('after')"])), ("b.md", &*document(&["print('other')"]))];
    let project = Project::new(&files);
    let call =
        project.call(&[&["run", "--format", "json", "--clock", "real", "a.md", "b.md"], words].concat());
    let run = if tier == "a" { call } else { call.contained() }.run();
    let snippets = run.snippets();
    let found = |path: &str, stdout: &str| {
        snippets.iter().any(|snippet| snippet["path"] == path && snippet["stdout"] == stdout)
    };
    assert!(found("a.md", "after\n") && found("b.md", "other\n"), "{run:?}");
    let summary = run.summary();
    let counts = ["sandbox", "failed", "passed", "exit_code"].map(|key| summary[key].clone());
    let expected_counts = [Value::from(tier), Value::from(1), Value::from(2), Value::from(1)];
    assert_eq!(counts, expected_counts, "{run:?}");
    let snippet = snippets.iter().find(|snippet| snippet["verdict"] == "failed").unwrap();
    let cause = &snippet["cause"];
    assert_eq!(
        [&cause["kind"], &cause["limit"], &cause["unit"]],
        [&Value::from(expected.kind), &expected.limit.into(), &expected.unit.into()],
        "{snippet}"
    );
    (snippet["ending"].as_str().unwrap().to_owned(), cause["used"].as_f64().unwrap())
}

/// The kernel refuses what would be too much.
#[test]
fn memory_of_one_process() {
    let code = "
        def fill():
            kept = []
            while True:
                kept.append(bytearray(1 << 20))

        fill()
    ";
    for tier in ["a", "b"] {
        let (ending, used) =
            blamed(tier, &["--limit", "memory=64MiB", "--limit", "tasks=16"], code, memory(64.0));
        assert!(ending == "raised" && (64.0..=112.0).contains(&used), "{ending} with {used} in tier {tier}");
    }
}

#[test]
fn memory_of_many_processes() {
    let code = "
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                x = b'x' * (40 << 20)
                time.sleep(100)
        time.sleep(100)
    ";
    check("memory=100MiB", code, memory(100.0));
}

#[test]
fn memory_of_a_shared_mapping() {
    let code = "
        import mmap, time
        shared = mmap.mmap(-1, 500 << 20)
        for offset in range(0, len(shared), mmap.PAGESIZE):
            shared[offset] = 1
        time.sleep(100)
    ";
    check("memory=64MiB", code, memory(64.0));
}

#[test]
fn what_processes_share_counts_once() {
    let code = "
        import mmap, os, time
        shared = mmap.mmap(-1, 80 << 20)
        for _ in range(3):
            if os.fork() == 0:
                for offset in range(0, len(shared), mmap.PAGESIZE):
                    shared[offset] = 1
                time.sleep(0.3)
                os._exit(0)
        print([os.wait()[1] for _ in range(3)])
    ";
    for contained in [false, true] {
        let project = Project::document(&[code]);
        let call = project.call(&["run", "--format", "json", "a.md", "--limit", "memory=200MiB"]);
        let run = if contained { call.contained() } else { call }.run();
        run.tells(&["passed completed | stdout [0, 0, 0]⏎"]);
    }
}

#[test]
fn one_request_for_too_much_memory() {
    let code = "x = bytearray(1 << 30)";
    for tier in ["a", "b"] {
        let (ending, used) = blamed(tier, &["--limit", "memory=64MiB"], code, memory(64.0));
        assert!(ending == "raised" && used < 32.0, "{ending} with {used} in tier {tier}");
    }
}

/// Without namespaces whoever is first: the kernel, which counts the user's, or the supervisor, which looks.
#[test]
fn threads_and_processes() {
    let threads = "
        import threading, time
        for _ in range(50):
            threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    ";
    let forks = "
        import os, time
        for _ in range(50):
            if os.fork() == 0:
                time.sleep(100)
    ";
    let expected = Blamed { endings: [RAISED, KILLED], kind: "processes", limit: 20.0, unit: "tasks" };
    let (ending, used) = blamed("a", &["--limit", "tasks=20"], threads, expected);
    assert!(ending == "raised" && used >= 20.0, "{ending} with {used}");
    let (ending, used) = blamed("a", &["--limit", "tasks=20"], forks, expected);
    assert!(ending == "raised" && used >= 20.0, "{ending} with {used}");
    if nix::unistd::geteuid().is_root() {
        for code in [threads, forks] {
            let waiting = format!("{}\n        time.sleep(100)", code.trim_end());
            let (ending, used) = blamed("b", &["--limit", "tasks=20"], &waiting, expected);
            assert!(["raised", "killed"].contains(&&*ending) && used >= 15.0, "{ending} with {used}");
        }
    }
}

/// Whoever made them: children of children, of threads, and those whose parents are gone.
#[test]
fn processes_of_others_than_the_session() {
    let nested = "
        import os, time
        depth = 0
        while os.fork() == 0:
            depth += 1
            if depth == 12:
                time.sleep(100)
        if depth:
            time.sleep(100)
        for _ in range(50):
            if os.fork() == 0:
                time.sleep(100)
    ";
    let of_threads = "
        import subprocess, threading
        children = []
        def start():
            for _ in range(3):
                children.append(subprocess.Popen(['sleep', '100']))
        for _ in range(5):
            thread = threading.Thread(target=start)
            thread.start()
            thread.join()
        while True:
            children.append(subprocess.Popen(['sleep', '100']))
    ";
    let orphans = "
        import os, time
        for _ in range(12):
            if os.fork() == 0:
                if os.fork() == 0:
                    time.sleep(100)
                os._exit(0)
            os.wait()
        for _ in range(50):
            if os.fork() == 0:
                time.sleep(100)
    ";
    let expected = Blamed { endings: [RAISED, KILLED], kind: "processes", limit: 20.0, unit: "tasks" };
    for code in [nested, of_threads, orphans] {
        for tier in ["a", "b"] {
            let waiting = format!("{}\n        time.sleep(100)", code.trim_end());
            let code = if tier == "a" { code } else { &waiting };
            let (ending, used) = blamed(tier, &["--limit", "tasks=20"], code, expected);
            assert!(["raised", "killed"].contains(&&*ending) && used >= 15.0, "{ending} with {used}: {code}");
        }
    }
}

/// `EAGAIN` is also what an empty pipe says.
#[test]
fn waiting_would_be_no_lack_of_processes() {
    let code = "
        import os
        reading, _ = os.pipe()
        os.set_blocking(reading, False)
        os.read(reading, 1)
    ";
    for sandbox in ["a", "b", "off"] {
        let project = Project::document(&[code]);
        let words = ["run", "--format", "json", "a.md", "--limit", "tasks=40"];
        let call =
            project.call(&[&words[..], if sandbox == "off" { &["--sandbox=off"] } else { &[] }].concat());
        let run = if sandbox == "b" { call.contained() } else { call }.run();
        let snippets = run.snippets();
        let [snippet] = snippets.as_slice() else { panic!("{run:?}") };
        assert_eq!(run.summary()["sandbox"], sandbox, "{run:?}");
        let seen = ["ending", "cause"].map(|key| snippet[key].clone());
        assert_eq!(seen, ["raised".into(), Value::Null], "{snippet}");
        assert_eq!(snippet["exception"]["type"], "BlockingIOError", "{snippet}");
    }
}

#[test]
fn cpu_time_of_one_process() {
    let expected = Blamed { endings: [TIMED_OUT; 2], kind: "cpu", limit: 0.5, unit: "s" };
    check("cpu=500ms", "while True:\n    pass", expected);
}

#[test]
fn cpu_time_of_many_processes() {
    let code = "
        import os, time
        for _ in range(3):
            if os.fork() == 0:
                while True:
                    pass
        time.sleep(100)
    ";
    let expected = Blamed { endings: [TIMED_OUT; 2], kind: "cpu", limit: 0.5, unit: "s" };
    check("cpu=500ms", code, expected);
}

#[test]
fn wall_time() {
    let expected = Blamed { endings: [TIMED_OUT; 2], kind: "wall", limit: 0.3, unit: "s" };
    for tier in ["a", "b"] {
        let (ending, used) = blamed(tier, &["--timeout", "300ms"], "while True:\n    pass", expected);
        assert!(ending == "timed-out" && (0.3..5.0).contains(&used), "{ending} after {used}");
    }
}

#[test]
fn output_of_either_stream() {
    let expected = Blamed { endings: [KILLED; 2], kind: "output", limit: 0.25, unit: "MiB" };
    for stream in ["stdout", "stderr"] {
        let code = format!("import sys\nwhile True:\n    print('x' * 1000, file=sys.{stream})");
        check("output=256KiB", &code, expected);
    }
}

#[test]
fn disk_space_of_one_file() {
    let code = "
        import time
        with open('big', 'wb') as file:
            for _ in range(100):
                file.write(bytes(1 << 18))
        time.sleep(100)
    ";
    let expected = Blamed { endings: [RAISED; 2], kind: "disk", limit: 2.0, unit: "MiB" };
    check("disk=2MiB", code, expected);
}

#[test]
fn disk_space_of_many_files() {
    let code = "
        import os, time
        for folder in ['.', os.environ['TMPDIR'], os.environ['HOME']]:
            for number in range(4):
                with open(f'{folder}/{number}', 'wb') as file:
                    file.write(bytes(1 << 18))
        time.sleep(100)
    ";
    let expected = Blamed { endings: [RAISED, KILLED], kind: "disk", limit: 2.0, unit: "MiB" };
    check("disk=2MiB", code, expected);
}

#[test]
fn files() {
    let code = "
        import time
        for number in range(300):
            open(str(number), 'w').close()
        time.sleep(100)
    ";
    let expected = Blamed { endings: [RAISED, KILLED], kind: "inodes", limit: 100.0, unit: "files" };
    check("inodes=100", code, expected);
}

#[test]
fn descriptors() {
    let code = "files = [open('/dev/null') for _ in range(100)]";
    let expected = Blamed { endings: [RAISED; 2], kind: "descriptors", limit: 50.0, unit: "descriptors" };
    check("descriptors=50", code, expected);
}
