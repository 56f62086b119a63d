//! Every way a snippet can end, its cause and its verdict.

use crate::project::{Project, marker, processes};
use crate::story::check;

#[test]
fn a_snippet_completes_with_its_value() {
    check(
        &["print(1)\n1 + 1", "x = 1", "None", "'te' + 'xt'"],
        &[
            "passed completed | value 2 | stdout 1⏎",
            "passed completed",
            "passed completed",
            "passed completed | value 'text'",
        ],
    );
}

#[test]
fn an_exception_is_located_at_its_innermost_line_of_the_document() {
    check(
        &[
            "raise ValueError('here')",
            "def fail(x):\n    return 1 / x\n\nprint('before')\nfail(0)\nprint('never')",
            "import json\njson.loads('{')",
            "fail(0)",
        ],
        &[
            "failed raised | ValueError: here @2",
            "failed raised | ZeroDivisionError: division by zero @7 | stdout before⏎",
            "failed raised | json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: \
             line 1 column 2 (char 1) @16",
            "failed raised | ZeroDivisionError: division by zero @7",
        ],
    );
}

#[test]
fn a_traceback_is_that_of_the_document() {
    let project = Project::document(&["def fail(x):\n    return 1 / x\n\n\nfail(0)"]);
    let run = project.json(&["a.md"]);
    let traceback = run.snippets()[0]["exception"]["traceback"].as_str().unwrap().to_owned();
    let marks = ["  File \"a.md\", line 6, in <module>\n    fail(0)\n", "  File \"a.md\", line 3, in fail\n"];
    for mark in marks {
        assert!(traceback.contains(mark), "{traceback}");
    }
    assert!(traceback.starts_with("Traceback (most recent call last):\n"), "{traceback}");
    assert!(traceback.ends_with("ZeroDivisionError: division by zero\n"), "{traceback}");
    assert_eq!(traceback.matches("File \"").count(), 2, "{traceback}");
}

#[test]
fn chained_exceptions_show_where_they_come_from() {
    let project = Project::document(&[
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('k') from error",
    ]);
    let run = project.json(&["a.md"]);
    run.tells(&["failed raised | KeyError: 'k' @5"]);
    let traceback = run.snippets()[0]["exception"]["traceback"].as_str().unwrap().to_owned();
    let cause = traceback.find("ZeroDivisionError: division by zero").expect("the cause is there");
    let link = traceback.find("direct cause of the following").expect("the link is there");
    let effect = traceback.find("KeyError: 'k'").expect("the effect is there");
    assert!(cause < link && link < effect, "{traceback}");
}

#[test]
fn an_exception_group_shows_its_members() {
    let project = Project::document(&["raise ExceptionGroup('both', [ValueError(1), TypeError(2)])"]);
    let run = project.json(&["a.md"]);
    run.tells(&["failed raised | ExceptionGroup: both (2 sub-exceptions) @2"]);
    let traceback = run.snippets()[0]["exception"]["traceback"].as_str().unwrap().to_owned();
    assert!(traceback.contains("| ValueError: 1\n") && traceback.contains("| TypeError: 2\n"), "{traceback}");
}

#[test]
fn a_syntax_error_is_located_in_the_document() {
    check(
        &["x = 1\ny = = 2", "print('next')", "if True:\nprint(1)"],
        &[
            "failed raised | SyntaxError: invalid syntax (a.md, line 3) @3",
            "passed completed | stdout next⏎",
            "skipped not-run | - line 12 has lost its indentation: `print(1)`",
        ],
    );
}

#[test]
fn an_error_of_the_compiler_is_located_in_the_document() {
    check(
        &["x = 1\n\nreturn x", "def f():\n    nonlocal y\n"],
        &[
            "failed raised | SyntaxError: 'return' outside function (a.md, line 4) @4",
            "failed raised | SyntaxError: no binding for nonlocal 'y' found (a.md, line 9) @9",
        ],
    );
}

#[test]
fn lines_count_in_fences_within_lists_and_quotes() {
    let text = "\
# T

1. one

   - two

     ```python
     x = 1
     raise ValueError(x)
     ```

> ```py
> if True:
>     raise TypeError(2)
> ```
";
    let project = Project::new(&[("a.md", text)]);
    project.json(&["a.md"]).tells(&["failed raised | ValueError: 1 @9", "failed raised | TypeError: 2 @14"]);
}

#[test]
fn leaving_with_zero_at_the_end_passes() {
    check(
        &["import sys\nprint('bye')\nsys.exit(0)", "sys.exit()", "exit()", "print(sys.exit.__name__)"],
        &["passed exited | stdout bye⏎", "passed exited", "passed exited", "passed completed | stdout exit⏎"],
    );
}

#[test]
fn leaving_before_the_last_statement_fails() {
    check(
        &["import sys\nx = 1\nsys.exit(0)\nprint(1)", "sys.exit()\nprint(1)\nprint(2)", "print(x)"],
        &[
            "failed exited | cause exit 0.0 (1 statement was not reached) | - exited with code 0: \
             1 statement was not reached",
            "failed exited | cause exit 0.0 (2 statements were not reached) | - exited with code 0: \
             2 statements were not reached",
            "passed completed | stdout 1⏎",
        ],
    );
}

#[test]
fn leaving_with_another_code_fails() {
    check(
        &["import sys\nsys.exit(3)", "sys.exit('sorry')", "print('goes on')"],
        &[
            "failed exited | cause exit 3.0 | - exited with code 3",
            "failed exited | cause exit 1.0 | stderr sorry⏎ | - exited with code 1",
            "passed completed | stdout goes on⏎",
        ],
    );
}

#[test]
fn leaving_without_a_trace_fails() {
    check(
        &[
            "import os\nprint('before')\nos._exit(0)",
            "import os\nos.execv('/bin/true', ['true'])",
            "print('after')",
        ],
        &[
            "failed exited | cause exit 0.0 (it left without unwinding, as `os._exit` does) | stdout before⏎ | \
             - exited with code 0: it left without unwinding, as `os._exit` does",
            "failed exited | cause exit 0.0 (it left without unwinding, as `os._exit` does) | \
             - exited with code 0: it left without unwinding, as `os._exit` does",
            "passed completed | stdout after⏎",
        ],
    );
}

#[test]
fn an_endless_loop_is_out_of_time() {
    check(
        &["```python timeout=300ms\nprint('before')\nwhile True:\n    pass", "print('after')"],
        &[
            "failed timed-out | cause wall over 0.3 s | stdout before⏎ | - took more than 0.3 s of wall time",
            "passed completed | stdout after⏎",
        ],
    );
}

#[test]
fn the_flag_limits_every_snippet() {
    let project = Project::document(&["while True: pass", "print('after')"]);
    project.json(&["a.md", "--timeout", "400ms"]).tells(&[
        "failed timed-out | cause wall over 0.4 s | - took more than 0.4 s of wall time",
        "passed completed | stdout after⏎",
    ]);
}

#[test]
fn timeout_kills_grandchildren() {
    let project = Project::new(&[]);
    let marker = marker(&project);
    let sleeper = format!(
        "
            ```python timeout=1500ms
            import subprocess
            subprocess.run(['sh', '-c', 'while :; do :; done & while :; do :; done # {marker}'])
        "
    );
    project.write("a.md", crate::project::document(&[&sleeper, "print('after')"]));
    let mut running = project.call(&["run", "-v", "a.md"]).start();
    crate::project::eventually("the grandchild runs", || !processes(&marker).is_empty());
    running.wait_for("FAIL");
    running.wait_for("PASS");
    let run = running.finish();
    assert_eq!((run.code, &*run.stderr), (1, ""));
    crate::project::eventually("all of it is gone", || processes(&marker).is_empty());
}

#[test]
fn a_crash_names_its_signal() {
    check(
        &[
            "import ctypes\nprint('before')\nctypes.string_at(0)",
            "import os\nos.kill(os.getpid(), 9)",
            "print('after')",
        ],
        &[
            "failed killed | cause signal (SIGSEGV) | stdout before⏎ | - killed by SIGSEGV",
            "failed killed | cause signal (SIGKILL) | - killed by SIGKILL",
            "passed completed | stdout after⏎",
        ],
    );
}

#[test]
fn a_flood_of_output_is_stopped() {
    let project = Project::document(&[
        "import os\nline = b'x' * 65535 + b'\\n'\nwhile True:\n    os.write(1, line)",
        "print('after')",
    ]);
    let run = project.json(&["a.md"]);
    let [flood, after] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!((&flood["verdict"], &flood["ending"]), (&"failed".into(), &"killed".into()));
    assert_eq!(flood["cause"]["kind"], "output");
    assert_eq!((&flood["cause"]["limit"], &flood["cause"]["unit"]), (&64.0.into(), &"MiB".into()));
    assert!(flood["stdout_bytes"].as_u64() > Some(64 << 20), "{}", flood["stdout_bytes"]);
    let kept = flood["stdout"].as_str().unwrap();
    assert!(kept.len() <= (1 << 20) + 100, "{} bytes kept", kept.len());
    assert!(kept.contains(" bytes not kept]\n"));
    assert_eq!((&after["verdict"], &after["stdout"]), (&"passed".into(), &"after\n".into()));
    assert_eq!((run.code, &*run.stderr), (1, ""));
}

#[test]
fn too_much_memory_is_blamed() {
    check(
        &["x = bytearray(1 << 30)", "print('after')"],
        &[
            "failed raised | cause memory over 512 MiB | MemoryError @2 | - asked for more than 512 MiB of memory",
            "passed completed | stdout after⏎",
        ],
    );
}

#[test]
fn a_missing_package_is_counted_apart() {
    let project = Project::document(&[
        "import not_installed_anywhere.part",
        "from not_installed_anywhere import x",
        "import json.nowhere",
    ]);
    project.json(&["a.md"]).tells(&[
        "failed raised | cause missing-package (not_installed_anywhere) | \
         ModuleNotFoundError: No module named 'not_installed_anywhere' @2 | - package `not_installed_anywhere` is not installed",
        "failed raised | cause missing-package (not_installed_anywhere) | \
         ModuleNotFoundError: No module named 'not_installed_anywhere' @6 | - package `not_installed_anywhere` is not installed",
        "failed raised | ModuleNotFoundError: No module named 'json.nowhere' @10",
    ]);
    let run = project.run(&["run", "a.md"]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let remedy = "  not_installed_anywhere  2 snippets  (a.md)  no package is known under this name\n";
    assert!(run.stdout.contains(remedy), "{}", run.stdout);
    assert!(run.stdout.contains("3 failed (2 for missing packages)"), "{}", run.stdout);
}

#[test]
fn nobody_is_there_to_type() {
    let reason = "waits for somebody to type, and nobody is there";
    check(
        &["input('name? ')", "breakpoint()", "print('after')"],
        &[
            &format!(
                "failed raised | cause interactive | EOFError: EOF when reading a line @2 | stdout name?  | - {reason}"
            ),
            &format!(
                "failed raised | cause interactive | EOFError: breakpoint() needs a terminal @6 | - {reason}"
            ),
            "passed completed | stdout after⏎",
        ],
    );
    // Where a debugger stops differs between versions.
    let run = Project::document(&["import pdb\npdb.set_trace()\nx = 1"]).json(&["a.md"]);
    assert_eq!(run.snippets()[0]["cause"]["kind"], "interactive");
}

#[test]
fn stdin_can_be_read_after_an_exit() {
    let look =
        "import sys\nprint(sys.stdin.closed, sys.stdin.name, sys.stdin.fileno(), repr(sys.stdin.read()))";
    let open = "passed completed | stdout False <stdin> 0 ''⏎";
    for exit in ["exit()", "quit()", "import sys\nsys.exit()", "import sys\nsys.stdin.close()\nsys.exit()"] {
        let project = Project::document(&[exit, look]);
        let run = project.json(&["a.md"]);
        assert_eq!(run.snippets()[1]["stdout"], "False <stdin> 0 ''\n", "{exit}: {run:?}");
    }

    check(
        &["exit()  # SystemExit\nimport sys\nprint(sys.stdin.closed)  # False", look],
        &["passed completed | stdout False⏎", open],
    );
    let console = "```pycon\n>>> quit()\nTraceback (most recent call last):\nSystemExit: None\n>>> import sys\n>>> sys.stdin.closed\nFalse\n>>> input()\n\
                   Traceback (most recent call last):\nEOFError: EOF when reading a line";
    let run = Project::document(&[console, look]).json(&["a.md"]);
    let verdicts: Vec<_> = run.snippets().iter().map(|snippet| snippet["verdict"].clone()).collect();
    assert_eq!(verdicts, ["passed", "passed"], "{run:?}");
}
