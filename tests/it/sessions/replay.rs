//! After a snippet that took its process with it, the next ones find what the earlier ones had made.

use crate::project::Project;
use crate::story::check;

const LEFT: &str = "failed exited | cause exit 1.0 (it left without unwinding, as `os._exit` does) | \
                    - exited with code 1: it left without unwinding, as `os._exit` does";

#[test]
fn names_files_and_folders_are_restored() {
    check(
        &[
            "
                import os
                names = ['first']
                os.mkdir('made')
                os.chdir('made')
                open('file', 'w').write('kept')
            ",
            "names.append('second')\nos.environ['MADE'] = 'here'",
            "os._exit(1)",
            "print(names, os.path.basename(os.getcwd()), open('file').read(), os.environ['MADE'])",
        ],
        &[
            "passed completed | value 4",
            "passed completed",
            LEFT,
            "passed completed | stdout ['first', 'second'] made kept here⏎",
        ],
    );
}

#[test]
fn what_a_dead_snippet_did_is_undone() {
    check(
        &[
            "x = 1",
            "import os\nx = 2\nopen('traces', 'w').close()\nos._exit(1)",
            "print(x, os.listdir())",
            "import os\nprint(x, os.path.exists('traces'))",
        ],
        &[
            "passed completed",
            LEFT,
            "failed raised | NameError: name 'os' is not defined @13",
            "passed completed | stdout 1 False⏎",
        ],
    );
}

#[test]
fn repeated_output_is_shown_once() {
    check(
        &["import os\nprint('once')\nos.system('echo child')", "os._exit(1)", "print('after')"],
        &["passed completed | value 0 | stdout once⏎child⏎", LEFT, "passed completed | stdout after⏎"],
    );
}

#[test]
fn two_deaths_are_survived() {
    check(
        &["import os\nseen = [1]", "os._exit(1)", "seen.append(2)", "os._exit(1)", "print(seen)"],
        &["passed completed", LEFT, "passed completed", LEFT, "passed completed | stdout [1, 2]⏎"],
    );
}

#[test]
fn an_exception_is_repeated_with_what_it_had_done() {
    check(
        &[
            "seen = []\nseen.append(1)\nraise KeyError(1)\nseen.append(2)",
            "import os\nos._exit(1)",
            "print(seen)",
        ],
        &["failed raised | KeyError: 1 @4", LEFT, "passed completed | stdout [1]⏎"],
    );
}

#[test]
fn after_four_deaths_the_rest_does_not_run() {
    let reason = "failed not-run | - the session had to be started again too often";
    check(
        &[
            "import os",
            "os._exit(1)",
            "os._exit(1)",
            "os._exit(1)",
            "os._exit(1)",
            "print('five')",
            "print('six')",
        ],
        &["passed completed", LEFT, LEFT, LEFT, LEFT, reason, reason],
    );
}

#[test]
fn a_snippet_that_waited_long_is_not_repeated() {
    let fast = "fast = True";
    check(
        &[
            "import ctypes\nctypes.CDLL('libc.so.6').usleep(1_000_000)\nslow = True",
            fast,
            "import os\nos._exit(1)",
            "print('slow' in globals(), fast)",
            "print(fast)",
        ],
        &[
            "passed completed",
            "passed completed",
            LEFT,
            "passed completed | stdout False True⏎ | - the session started again without the slow snippet at line 2",
            "passed completed | stdout True⏎",
        ],
    );
}

#[test]
fn what_did_not_run_is_counted() {
    let project = Project::document(&[
        "import os",
        "os._exit(1)",
        "os._exit(1)",
        "os._exit(1)",
        "os._exit(1)",
        "x = 1",
        "y = 2",
    ]);
    let run = project.json(&["a.md"]);
    assert_eq!((run.code, &run.summary()["not_run"], &run.summary()["failed"]), (1, &2.into(), &6.into()));
}

#[test]
fn deaths_of_one_session_are_none_of_another() {
    let project = Project::document(&[
        "import os\nos._exit(1)",
        "os._exit(1)",
        "import os\nos._exit(1)",
        "import os\nos._exit(1)",
        "import os\nos._exit(1)",
        "print('six')",
    ]);
    let run = project.json(&["--share", "none", "a.md"]);
    run.tells(&[
        LEFT,
        "failed raised | NameError: name 'os' is not defined @7",
        LEFT,
        LEFT,
        LEFT,
        "passed completed | stdout six⏎",
    ]);
}

/// Only what comes from outside of the session tells a snippet that it runs again.
#[test]
fn a_snippet_that_goes_another_way_the_second_time_is_told() {
    let unsteady = "import time\nstart = time.monotonic()";
    let project = Project::document(&[
        unsteady,
        "seen = open('/dev/urandom', 'rb').read(1)[0]\nif seen % 2:\n    raise ValueError('odd')",
        "import os\nos._exit(1)",
        "print('after')",
    ]);
    // A coin comes up the same way twenty times in a row once in a million runs.
    let told = (0..20).any(|_| {
        let run = project.json(&["a.md"]);
        let after = run.snippets().pop().unwrap();
        assert_eq!((&after["verdict"], &after["stdout"]), (&"passed".into(), &"after\n".into()));
        let reasons = after["reasons"].to_string();
        assert!(reasons == "[]" || reasons.contains("line 7 ended in another way"), "{reasons}");
        reasons != "[]"
    });
    assert!(told);
}
