//! Where a snippet stood that did not come to its end.

use crate::project::{Project, document};
use crate::story::check;

#[test]
fn a_timeout_tells_where_every_thread_was() {
    let workers = "\
import queue, threading
q = queue.Queue()
def worker():
    q.get()
for _ in range(3):
    threading.Thread(target=worker).start()
event = threading.Event()
event.wait()";
    let project = Project::new(&[("a.md", &format!("```python timeout=0.5s\n{workers}\n```\n"))]);
    let run = project.json(&["a.md", "--clock=real"]);
    run.tells(&["failed timed-out | cause wall over 0.5 s | - took more than 0.5 s of wall time | \
                 - the main thread was in `Event.wait` at line 9 | - 3 threads were in `Queue.get` at line 5"]);
    let snippet = &run.snippets()[0];
    let lines: Vec<_> =
        snippet["stacks"].as_array().unwrap().iter().map(|stack| stack["line"].clone()).collect();
    assert_eq!(lines, [5, 5, 5, 9], "{snippet}");
    let main = &snippet["stacks"][3];
    assert_eq!(
        (&main["main"], &main["process"], &main["call"]),
        (&true.into(), &0.into(), &"Event.wait".into())
    );
    assert_eq!(main["frames"][0]["file"], "a.md", "{main}");
}

#[test]
fn a_timeout_points_at_the_line_that_hangs() {
    let text = "# é\n\n```python timeout=0.3s\ndef spin():\n    while True: pass\nspin()\n```\n";
    let project = Project::new(&[("é.md", text)]);
    let run = project.run(&["run", "é.md"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.contains(
            "5 |     while True: pass\n  |     ^^^^^^^^^^^^^^^^ timed out: took more than 0.3 s of wall time"
        ),
        "{run:?}"
    );
}

#[test]
fn children_are_asked_too() {
    let code = "\
import multiprocessing
def child():
    while True: pass
process = multiprocessing.get_context('fork').Process(target=child)
process.start()
process.join()";
    let project = Project::new(&[("a.md", &format!("```python timeout=0.5s\n{code}\n```\n"))]);
    project
        .json(&["a.md"])
        .tells(&["failed timed-out | cause wall over 0.5 s | - took more than 0.5 s of wall time | \
         - the main thread was in `Process.join` at line 7 | - a child process was at line 4"]);
}

#[test]
fn nobody_has_to_answer() {
    let deaf = "import signal\nsignal.pthread_sigmask(signal.SIG_SETMASK, range(1, 65))\nwhile True: pass";
    let flood = "\
import os
# Whatever is written to descriptors that are not the snippet's says nothing of it.
for descriptor in map(int, os.listdir('/proc/self/fd')):
    if descriptor > 2:
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, b'Process 1\\nThread 0x1 (most recent call first):\\n' * 5)
        except OSError:
            pass
while True:
    pass";
    for code in [deaf, flood] {
        let project = Project::new(&[("a.md", &format!("```python timeout=0.5s\n{code}\n```\n"))]);
        let run = project.json(&["a.md"]);
        let snippet = &run.snippets()[0];
        assert!(snippet["wall_ms"].as_f64().unwrap() < 2000.0, "{snippet}");
        assert_eq!(snippet["verdict"], "failed", "{snippet}");
    }
}

#[test]
fn snippets_do_not_see_how_they_are_asked() {
    check(
        &[
            "import signal, sys\nprint('faulthandler' in sys.modules, signal.getsignal(63))\nimport faulthandler\nprint(faulthandler.is_enabled())",
        ],
        &["passed completed | stdout False 0⏎False⏎"],
    );
}

#[test]
fn a_deadlock_tells_who_waits_for_what() {
    let code = "\
import queue, threading
q = queue.Queue()
def worker():
    q.get()
for _ in range(3):
    threading.Thread(target=worker).start()
threading.Event().wait()";
    let project = Project::document(&[code, "print('after')"]);
    let run = project.json(&["a.md"]);
    run.tells(&[
        "failed deadlocked | - deadlocked: nothing in it could ever run again | - the main thread waits in \
         `Event.wait` at line 8 | - 3 threads wait in `Queue.get` at line 5",
        "passed completed | stdout after⏎",
    ]);
    assert!(run.snippets()[0]["wall_ms"].as_f64().unwrap() < 5000.0, "{run:?}");
}

#[test]
fn what_nobody_can_end_ends_with_the_session() {
    let code = "import threading\nthreading.Thread(target=threading.Event().wait, name='endless').start()\nprint('ran')";
    check(&[code], &["passed completed | stdout ran⏎ | - threads were left behind and killed: `endless`"]);
}

#[test]
fn virtual_time_has_an_end() {
    let project = Project::document(&["import time\nwhile True: time.sleep(100)"]);
    let run = project.run(&["run", "a.md"]);
    assert_eq!(run.code, 1, "{run:?}");
    let headline = "while True: time.sleep(100)\n  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^ timed out: took 100";
    assert!(run.stdout.contains(headline), "{run:?}");
    assert!(run.stdout.contains(" s of virtual time and came to no end\n"), "{run:?}");
    assert!(!run.stdout.contains("of waiting took none"), "{run:?}");
}

/// The signal that asks for the stacks ends what these wait for. What happens then is too late.
#[test]
fn a_deadlock_is_final() {
    let waits = [
        "signal.pause()",
        "libc.poll(None, 0, -1)",
        "libc.select(0, None, None, None, None)",
        "libc.sigsuspend(ctypes.create_string_buffer(128))",
        "libc.read(read, ctypes.create_string_buffer(9), 9)",
        "signal.sigwait({signal.SIGUSR1})",
        "signal.sigwaitinfo({signal.SIGUSR1})",
        "select.select([read], [], [])",
        "select.epoll().poll()",
        "libc.syscall(202, ctypes.byref(ctypes.c_int(0)), 0, 0, None, None, 0)",
        "(os.fork() or libc.pause() or os.write(1, b'child')) and os.wait()",
        "(t := threading.Thread(target=lambda: (libc.pause(), print('thread', flush=True)))).start()\nt.join()",
    ];
    let documents = waits.map(|wait| {
        let imports =
            "import ctypes, os, select, signal, threading\nlibc = ctypes.CDLL(None)\nread, write = os.pipe()";
        document(&[&format!("{imports}\n{wait}\nprint('after', flush=True)")])
    });
    let names: Vec<String> = (0..waits.len()).map(|number| format!("{number:02}.md")).collect();
    let files: Vec<(&str, &str)> =
        names.iter().zip(&documents).map(|(name, text)| (&**name, &**text)).collect();
    let run = Project::new(&files).json(&["."]);
    let snippets = run.snippets();
    assert_eq!((run.code, snippets.len()), (1, waits.len()), "{run:?}");
    for snippet in &snippets {
        let told = ["verdict", "ending", "stdout"].map(|key| snippet[key].as_str().unwrap());
        assert_eq!(told, ["failed", "deadlocked", ""], "{snippet:#}");
    }
}

/// A snippet may take the runner's own signal for itself, and go on.
#[test]
fn a_snippet_that_answers_for_the_runner_stays_deadlocked() {
    let project =
        Project::document(&["import signal\nsignal.signal(63, lambda *_: None)\nsignal.pause()\nx = 1"]);
    let run = project.json(&["a.md"]);
    let snippet = &run.snippets()[0];
    assert_eq!([&snippet["verdict"], &snippet["ending"]], ["failed", "deadlocked"], "{snippet:#}");
}
