//! Snippets that take away what the runner stands on: it says what happened to them and goes on.

use crate::project::Project;
use crate::story::check;

#[test]
fn builtins_can_go() {
    check(
        &[
            "import builtins, sys\nprint('before')\nsys.modules.clear()",
            "1 + 1",
            "del builtins.len\ndel builtins.isinstance\nprint('after')",
            "2 + 2",
        ],
        &[
            "passed completed | stdout before⏎",
            "passed completed | value 2",
            "passed completed | stdout after⏎",
            "passed completed | value 4",
        ],
    );
}

#[test]
fn names_of_the_runner_can_be_reused() {
    check(
        &[
            "time = sys = os = print = str = 1\nimport builtins",
            "builtins.print(time + sys + os)",
            "__name__ = __file__ = None\n3",
        ],
        &["passed completed", "passed completed | stdout 3⏎", "passed completed | value 3"],
    );
}

#[test]
fn descriptors_can_be_closed() {
    let project = Project::document(&[
        "
            import os
            for number in range(3, 300):
                try:
                    os.close(number)
                except OSError:
                    pass
            print('closed')
        ",
        "print('after')",
    ]);
    let run = project.json(&["a.md"]);
    let [closing, after] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!(closing["stdout"], "closed\n");
    assert!(closing["verdict"] == "passed" || closing["ending"] == "exited", "{closing}");
    assert!(after["stdout"] == "after\n" || closing["verdict"] == "failed", "{after}");
    assert_eq!(run.stderr, "");
}

#[test]
fn the_standard_streams_can_be_replaced() {
    check(
        &[
            "import io, sys\nsys.stdout = io.StringIO()\nprint('kept')",
            "sys.stderr.write(sys.stdout.getvalue())\nsys.stdout = None\nprint('nowhere')",
            "sys.stdout = sys.__stdout__\nprint('back')",
        ],
        &["passed completed", "passed completed | stderr kept⏎", "passed completed | stdout back⏎"],
    );
}

#[test]
fn signals_reach_the_snippet() {
    check(
        &[
            "
                import signal
                signal.signal(signal.SIGALRM, lambda *_: print('rang'))
                signal.raise_signal(signal.SIGALRM)
            ",
            "import os\nos.kill(os.getpid(), signal.SIGINT)\nwhile True:\n    pass",
            "signal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.raise_signal(signal.SIGALRM)",
            "os.killpg(0, signal.SIGTERM)\nsignal.pause()",
            "print('after')",
        ],
        &[
            "passed completed | stdout rang⏎",
            "failed raised | KeyboardInterrupt @9",
            "failed killed | cause signal (SIGALRM) | - killed by SIGALRM",
            "failed killed | cause signal (SIGTERM) | - killed by SIGTERM",
            "passed completed | stdout after⏎",
        ],
    );
}

#[test]
fn exceptions_can_be_strange() {
    check(
        &[
            "class Mute(Exception):\n    def __str__(self):\n        raise RuntimeError\n\nraise Mute",
            "def down():\n    down()\n\ndown()",
            "raise BaseException('base')",
            "raise GeneratorExit",
        ],
        &[
            "failed raised | Mute: <str() of it raised RuntimeError> @6",
            "failed raised | RecursionError: maximum recursion depth exceeded @11",
            "failed raised | BaseException: base @17",
            "failed raised | GeneratorExit @21",
        ],
    );
}

#[test]
fn an_exception_of_a_thread_is_output() {
    let project = Project::document(&["
            import threading
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
        "]);
    let run = project.json(&["a.md"]);
    let snippet = &run.snippets()[0];
    assert_eq!(snippet["verdict"], "passed");
    let stderr = snippet["stderr"].as_str().unwrap();
    assert!(
        stderr.starts_with("Exception in thread Thread-1")
            && stderr.ends_with("ZeroDivisionError: division by zero\n"),
        "{stderr}"
    );
    assert!(stderr.contains("File \"a.md\", line 3, in <lambda>\n"), "{stderr}");
}

#[test]
fn nothing_is_a_snippet_too() {
    check(
        &["", "\n\n", "# only a comment", "pass;", "'''only a string'''"],
        &["passed completed", "passed completed", "passed completed", "passed completed", "passed completed"],
    );
}

#[test]
fn test_frameworks_find_the_snippet() {
    check(
        &[
            "
                import doctest

                def double(x):
                    \"\"\"
                    >>> double(2)
                    4
                    \"\"\"
                    return 2 * x

                print(doctest.testmod())
            ",
            "
                import dataclasses, pickle, typing

                @dataclasses.dataclass
                class Node:
                    next: 'Node | None' = None

                print(pickle.loads(pickle.dumps(Node())), typing.get_type_hints(Node))
            ",
        ],
        &[
            "passed completed | stdout TestResults(failed=0, attempted=1)⏎",
            "passed completed | stdout Node(next=None) {'next': __main__.Node | None}⏎",
        ],
    );
}
