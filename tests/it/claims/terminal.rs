//! What a reader of a terminal sees: both streams in their order, no colours, the last state of a line, warnings.

use crate::project::{Project, Run};

/// The verdicts of a document's snippets.
#[track_caller]
fn check(document: &str, expected: &[&str]) {
    let project = Project::new(&[("a.md", document)]);
    let run = project.json(&["a.md"]);
    assert_eq!(verdicts(&run), expected, "{document}\n{}", run.stdout);
}

fn verdicts(run: &Run) -> Vec<String> {
    run.snippets().iter().map(|snippet| snippet["verdict"].as_str().unwrap_or_default().to_owned()).collect()
}

/// A snippet with a block of output below it.
fn shown(code: &str, output: &str) -> String {
    format!("```py\n{code}```\n\nOutput:\n\n```text\n{output}```\n")
}

/// What an update leaves of a document.
fn updated(document: &str) -> String {
    let project = Project::new(&[("a.md", document)]);
    project.run(&["update", "--yes", "a.md"]);
    let once = project.read("a.md");
    project.run(&["update", "--yes", "a.md"]);
    assert_eq!(project.read("a.md"), once, "a second update changes more");
    once
}

const LOG: &str = "import logging\nlogging.basicConfig(level='INFO')\n";

#[test]
fn logs_and_prints_stand_in_the_order_of_a_terminal() {
    let code = format!("{LOG}for n in range(2):\n    logging.info('round %d', n)\n    print(n)\n");
    check(&shown(&code, "INFO:root:round 0\n0\nINFO:root:round 1\n1\n"), &["passed"]);
    // As a pipe has them: one stream after the other.
    check(&shown(&code, "0\n1\nINFO:root:round 0\nINFO:root:round 1\n"), &["passed"]);
    check(&shown(&code, "INFO:root:round 0\nINFO:root:round 1\n0\n1\n"), &["passed"]);
    check(&shown(&code, "0\n1\n"), &["passed"]);
    for wrong in [
        "ERROR:root:round 0\n0\nINFO:root:round 1\n1\n",
        "INFO:root:round 0\n0\nINFO:root:round 1\n2\n",
        "0\nINFO:root:round 0\n1\nINFO:root:round 1\n",
        "INFO:root:round 0\n0\n1\n",
    ] {
        check(&shown(&code, wrong), &["failed"]);
    }
}

#[test]
fn complaints_of_other_kinds_are_shown_as_well() {
    let code =
        "import sys\nprint('start')\nprint('low on tea', file=sys.stderr)\nsys.stdout.write('end\\n')\n";
    check(&shown(code, "start\nlow on tea\nend\n"), &["passed"]);
    check(&shown(code, "start\nlow on rum\nend\n"), &["failed"]);
    check("```py\nimport sys\nprint('x', file=sys.stderr)\n#> x\n```\n", &["passed"]);
    check("```py\nimport sys\nprint('x', file=sys.stderr)\n#> y\n```\n", &["failed"]);
    // In a later snippet stderr may be the first stream that is written to.
    let two = format!(
        "```py\nimport sys\nprint(1)\n```\n\n{}",
        shown("print(2, file=sys.stderr)\nprint(3)\n", "2\n3\n")
    );
    check(&two, &["passed", "passed"]);
}

#[test]
fn an_update_leaves_true_log_lines() {
    let code = format!("{LOG}logging.info('started')\nprint('done')\n");
    let after = shown(&code, "INFO:root:started\ndone\n");
    assert_eq!(updated(&shown(&code, "INFO:root:started\nfinished\n")), after);
    assert_eq!(updated(&shown(&code, "ERROR:root:started\ndone\n")), after);
    assert_eq!(updated(&shown(&code, "finished\n")), shown(&code, "done\n"));
    assert_eq!(updated(&after), after);
}

#[test]
fn colours_are_no_text() {
    let code = "print('\\x1b[1;32mok\\x1b[0m all good')\n";
    check(&shown(code, "ok all good\n"), &["passed"]);
    check(&shown(code, "no all good\n"), &["failed"]);
    assert_eq!(updated(&shown(code, "no all good\n")), shown(code, "ok all good\n"));
    check(
        "```py\nprint('\\x1b[31mred\\x1b[0m')  # red\nprint('\\x1b[31mred\\x1b[0m')\n#> red\n```\n",
        &["passed"],
    );
    check("```py\nprint('\\x1b[31m3\\x1b[0m')  # 4\n```\n", &["failed"]);
    let link = "print('\\x1b]8;;https://example.org\\x1b\\\\page\\x1b]8;;\\x1b\\\\')\n";
    check(&shown(link, "page\n"), &["passed"]);
    let bell = "print('a\\x07\\x00b')\n";
    assert_eq!(updated(&shown(bell, "x\n")), shown(bell, "x\n"));
}

#[test]
fn the_last_state_of_a_line_counts() {
    let code = "for n in (0, 50, 100):\n    print(f'\\r{n:3d} %', end='')\nprint()\n";
    check(&shown(code, "100 %\n"), &["passed"]);
    check(&shown(code, " 90 %\n"), &["failed"]);
    assert_eq!(updated(&shown(code, " 90 %\n")), shown(code, "100 %\n"));
    let cleared = "import sys\nsys.stdout.write('loading...\\r\\x1b[Kready\\n')\n";
    check(&shown(cleared, "ready\n"), &["passed"]);
    check(&shown(cleared, "loading...\n"), &["failed"]);
    check(&shown("print('a', end='\\r\\n')\nprint('b')\n", "a\nb\n"), &["passed"]);
    check(&shown("print('12\\b3')\n", "13\n"), &["passed"]);
}

#[test]
fn the_place_of_a_warning_does_not_count() {
    let code = "import warnings\nwarnings.warn('careful')\n";
    check(&shown(code, "<stdin>:1: UserWarning: careful\n"), &["passed"]);
    check(&shown(code, "/home/ann/a.py:7: UserWarning: careful\n  warnings.warn('careful')\n"), &["passed"]);
    check(&shown(code, "UserWarning: careful\n"), &["passed"]);
    check(&shown(code, "<stdin>:1: FutureWarning: careful\n"), &["failed"]);
    check(&shown(code, "<stdin>:1: UserWarning: carefree\n"), &["failed"]);
    assert_eq!(
        updated(&shown(code, "<stdin>:1: FutureWarning: careful\n")),
        shown(code, "<stdin>:1: UserWarning: careful\n")
    );
    assert_eq!(
        updated(&shown(code, "a.py:7: UserWarning: bold\n  warn('bold')\n")),
        shown(code, "a.py:7: UserWarning: careful\n  warn('bold')\n")
    );
}

#[test]
fn comments_name_warnings() {
    let code = |comment: &str| {
        format!(
            "```py\nimport warnings\ndef old():\n    warnings.warn('use new()', DeprecationWarning, stacklevel=2)\n    \
             return 1\nold()  # {comment}\n```\n"
        )
    };
    for comment in [
        "DeprecationWarning",
        "DeprecationWarning: use new()",
        "-> DeprecationWarning",
        "warns DeprecationWarning (see above)",
        "gives a DeprecationWarning: use new() (soon)",
        "Warning",
    ] {
        check(&code(comment), &["passed"]);
    }
    for comment in ["FutureWarning", "DeprecationWarning: use newer()", "raises ValueError"] {
        check(&code(comment), &["failed"]);
    }
    check("```py\nint('3')  # DeprecationWarning\n```\n", &["failed"]);
    check("```py\nimport warnings\nx = warnings.warn('y')  # UserWarning: y\n```\n", &["passed"]);
    // A filter may raise it.
    let raised = "```py\nimport warnings\nwarnings.simplefilter('error')\nwarnings.warn('y')  # UserWarning\nprint(1)  # 1\n```\n";
    check(raised, &["passed"]);
}

#[test]
fn a_marker_excuses_its_line_and_no_other() {
    let code = "import time\nprint(time.time())  # may vary\nprint(2 + 2)\n";
    check(&shown(code, "1700000000.25\n4\n"), &["passed"]);
    check(&shown(code, "1700000000.25\n5\n"), &["failed"]);
    let bare = "import time\nprint(time.time())\nprint(2 + 2)\n";
    check(&shown(bare, "1700000000.25  # may vary\n4\n"), &["passed"]);
    check(&shown(bare, "1700000000.25  # may vary\n5\n"), &["failed"]);
    check("```py\nimport time\nprint(time.time())  # result will differ\n#> 17.5\n```\n", &["passed"]);
    check("```py\nprint(1 + 1)\n#> 3\n```\n", &["failed"]);
    for document in [shown(code, "1700000000.25\n5\n"), shown(bare, "1.5  # may vary\n5\n")] {
        assert_eq!(updated(&document), document);
    }
}

#[test]
fn streams_that_a_snippet_closes_are_open_for_the_next_one() {
    for closing in ["exit()", "import sys\nsys.stdin.close()", "import sys\nsys.stdout.close()", "quit()"] {
        let document = format!(
            "```py raises=SystemExit\n{closing}\nraise SystemExit\n```\n\n```py\nhelp(len)\n```\n\n```py\nimport sys\n\
             print(sys.stdin.read(), 'x')  # x\nprint('y', file=sys.stderr)\n```\n"
        );
        let project = Project::new(&[("a.md", &document)]);
        let run = project.json(&["a.md"]);
        assert_eq!(verdicts(&run), ["passed", "passed", "passed"], "{}", run.stdout);
    }
}
