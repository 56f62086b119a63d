//! Threads, processes and sockets that snippets start: they work, and nothing of them stays.

use crate::project::{Project, document, eventually, marker, processes};
use crate::story::check;

#[test]
fn a_spawned_process_imports_the_snippet() {
    check(
        &[
            "import multiprocessing\n\ndef double(x):\n    return 2 * x",
            "
                if __name__ == '__main__':
                    with multiprocessing.get_context('spawn').Pool(2) as pool:
                        print(pool.map(double, [1, 2, 3]))
            ",
        ],
        &["passed completed", "passed completed | stdout [2, 4, 6]⏎"],
    );
}

#[test]
fn functions_travel_to_an_executor() {
    check(
        &[
            "from concurrent.futures import ProcessPoolExecutor\n\ndef double(x):\n    return 2 * x",
            "with ProcessPoolExecutor(2) as executor:\n    print(list(executor.map(double, [1, 2, 3])))",
        ],
        &["passed completed", "passed completed | stdout [2, 4, 6]⏎"],
    );
}

#[test]
fn a_thread_of_one_fence_serves_the_next() {
    check(
        &[
            "
                import queue, threading
                asked, answered = queue.Queue(), queue.Queue()

                def serve():
                    for word in iter(asked.get, None):
                        answered.put(word.upper())

                server = threading.Thread(target=serve)
                server.start()
            ",
            "asked.put('hello')\nprint(answered.get())",
            "asked.put(None)\nserver.join()\nprint(server.is_alive())",
        ],
        &["passed completed", "passed completed | stdout HELLO⏎", "passed completed | stdout False⏎"],
    );
}

#[test]
fn a_thread_that_never_ends_is_left_behind() {
    check(
        &[
            "import threading\nthreading.Thread(target=threading.Event().wait, name='endless').start()",
            "print('goes on')",
        ],
        &[
            "passed completed",
            "passed completed | stdout goes on⏎ | - threads were left behind and killed: `endless`",
        ],
    );
}

#[test]
fn a_daemon_thread_is_no_matter() {
    check(
        &["
                import threading
                threading.Thread(target=threading.Event().wait, daemon=True).start()
                print('done')
            "],
        &["passed completed | stdout done⏎"],
    );
}

#[test]
fn a_thread_that_ends_soon_belongs_to_its_snippet() {
    check(
        &["import threading\nthreading.Timer(0.05, print, ['late']).start()", "print('next')"],
        &["passed completed | stdout late⏎", "passed completed | stdout next⏎"],
    );
}

#[test]
fn a_thread_that_sleeps_long_belongs_to_its_snippet() {
    check(
        &["import threading\nthreading.Timer(45, print, ['late']).start()", "print('next')"],
        &["passed completed | stdout late⏎", "passed completed | stdout next⏎"],
    );
}

#[test]
fn a_thread_that_sleeps_again_and_again_is_left_to_itself() {
    check(
        &[
            "
                import threading, time
                beats = []

                def beat():
                    while len(beats) < 1000:
                        time.sleep(1)
                        beats.append(time.monotonic())

                thread = threading.Thread(target=beat)
                thread.start()
            ",
            "print(50 < len(beats) < 70)",
            "thread.join()\nprint(len(beats))",
        ],
        &["passed completed", "passed completed | stdout True⏎", "passed completed | stdout 1000⏎"],
    );
}

#[test]
fn an_executor_that_nobody_closes_finishes_what_it_was_given() {
    check(
        &[
            "
                import time
                from concurrent.futures import ThreadPoolExecutor

                def brew(cup):
                    time.sleep(2.5 - cup)
                    print('cup', cup)

                pool = ThreadPoolExecutor(max_workers=2)
                for cup in range(3):
                    pool.submit(brew, cup)
                print('ordered')
            ",
            "pool.submit(print, 'again').result()",
            "_ = ThreadPoolExecutor().submit(lambda: print(sum(range(3_000_000))))",
        ],
        &[
            "passed completed | stdout ordered⏎cup 1⏎cup 2⏎cup 0⏎",
            "passed completed | stdout again⏎",
            "passed completed | stdout 4499998500000⏎",
        ],
    );
}

#[test]
fn a_worker_that_waits_for_the_next_fence_is_left_to_it() {
    check(
        &[
            "
                import queue
                from concurrent.futures import ThreadPoolExecutor
                orders = queue.Queue()
                pool = ThreadPoolExecutor()
                order = pool.submit(orders.get)
            ",
            "orders.put('tea')\nprint(order.result())",
        ],
        &["passed completed", "passed completed | stdout tea⏎"],
    );
}

#[test]
fn exit_handlers_belong_to_the_last_snippet() {
    check(
        &["import atexit\n_ = atexit.register(print, 'handler')", "print('last')"],
        &["passed completed", "passed completed | stdout last⏎handler⏎"],
    );
}

#[test]
fn servers_are_reached_on_loopback() {
    check(
        &[
            "
                import http.server, threading, urllib.request

                class Hello(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        self.send_response(200)
                        self.end_headers()
                        self.wfile.write(b'hello')

                    def log_message(self, *args): pass

                server = http.server.ThreadingHTTPServer(('127.0.0.1', 8000), Hello)
                threading.Thread(target=server.serve_forever).start()
            ",
            "print(urllib.request.urlopen('http://localhost:8000').read())",
            "server.shutdown()\nserver.server_close()",
        ],
        &["passed completed", "passed completed | stdout b'hello'⏎", "passed completed"],
    );
}

#[test]
fn documents_bind_the_same_port() {
    let text = document(&["
            import socket
            server = socket.create_server(('127.0.0.1', 5000))
            client = socket.create_connection(('127.0.0.1', 5000))
            server.accept()[0].sendall(b'mine')
            print(client.recv(4))
        "]);
    let files: Vec<(String, &str)> = (0..6).map(|number| (format!("{number}.md"), &*text)).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, *text)).collect();
    let project = Project::new(&files);
    for jobs in ["1", "3"] {
        project.json(&["-j", jobs, "."]).tells(&["passed completed | stdout b'mine'⏎"; 6]);
    }
}

#[test]
fn a_daemonised_process_is_killed() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    let daemon = format!(
        "
            import os, subprocess, sys
            read, write = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    code = 'import time; print(1, flush=True); time.sleep(1000)'
                    command = [sys.executable, '-c', code, '{marker}']
                    subprocess.Popen(command, stdout=write, start_new_session=True)
                os._exit(0)
            os.close(write)
            os.read(read, 1)
        "
    );
    project.write("a.md", document(&[&daemon, "print('next')"]));
    project.json(&["a.md"]).tells(&["passed completed | value b'1'", "passed completed | stdout next⏎"]);
    eventually("the daemon is gone", || processes(&marker).is_empty());
}

/// The line of `a.md` comes although somebody of `a.md` could still write; `b.md` waits for it to be told.
#[test]
fn an_orphan_that_holds_stdout_does_not_delay_the_end() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    let orphan = format!(
        "
            import subprocess
            subprocess.Popen(['sh', '-c', 'trap \"\" TERM HUP INT; sleep 1000; true', '{marker}'], start_new_session=True)
            print('done')
        "
    );
    project.write("a.md", document(&[&orphan]));
    project.write("b.md", document(&["print('next')"]));
    let mut running = project.call(&["run", "-v", "-j", "1", "a.md", "b.md"]).start();
    running.wait_for("PASS");
    running.wait_for("PASS");
    let run = running.finish();
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    assert!(run.stdout.contains("b.md:2") && run.stdout.contains("2 passed"), "{}", run.stdout);
    eventually("all of it is gone", || processes(&marker).is_empty());
}

#[test]
fn a_child_outlives_its_fence_and_dies_with_its_document() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    let start = format!(
        "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)', '{marker}'])"
    );
    project.write("a.md", document(&[&start, "print(child.poll())"]));
    project.json(&["a.md"]).tells(&["passed completed", "passed completed | stdout None⏎"]);
    eventually("all of it is gone", || processes(&marker).is_empty());
}

#[test]
fn the_tool_itself_leaves_nothing_when_killed() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    // Sleeping would take no time.
    let endless =
        format!("import subprocess\nsubprocess.run(['sh', '-c', 'while :; do :; done', '{marker}'])");
    project.write("a.md", document(&[&endless]));
    let running = project.call(&["run", "a.md", "--timeout", "60"]).start();
    eventually("the child runs", || !processes(&marker).is_empty());
    running.signal(nix::sys::signal::Signal::SIGKILL);
    assert_eq!(running.finish().code, -9);
    eventually("the child is gone", || processes(&marker).is_empty());
}

#[test]
fn a_fork_does_not_run_the_rest_twice() {
    check(
        &[
            "
                import os
                child = os.fork()
                if child == 0:
                    os._exit(0)
                print(os.waitpid(child, 0)[1])
            ",
            "print('once')",
        ],
        &["passed completed | stdout 0⏎", "passed completed | stdout once⏎"],
    );
}
