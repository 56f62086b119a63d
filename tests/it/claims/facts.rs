//! What is seen of a snippet on its way, as far as claims show it: values, callers, examples, and all of it before a death.

use serde_json::Value;

use crate::project::{Project, Run};

/// Claims of all snippets, as `line kind verdict: actual`.
fn claims_of(run: &Run) -> Vec<String> {
    let snippets = run.snippets();
    let claims = snippets.iter().flat_map(|snippet| snippet["claims"].as_array().unwrap());
    let actual =
        |claim: &Value| claim["actual"].as_str().map_or("-".to_owned(), |text| text.replace('\n', "⏎"));
    claims
        .map(|claim| {
            let (kind, verdict) = (claim["kind"].as_str().unwrap(), claim["verdict"].as_str().unwrap());
            format!("{} {kind} {verdict}: {}", claim["line"], actual(claim).trim_end_matches('⏎'))
        })
        .collect()
}

#[track_caller]
fn check(document: &str, expected: &[&str]) {
    assert_eq!(claims_of(&Project::document(&[document]).json(&["a.md"])), expected, "{document}");
}

#[test]
fn statements_are_watched_at_any_depth() {
    check(
        "
        class Counter:
            step = 1 + 1  # 2

            def go(self, by):
                self.seen = by * self.step  # 6
                return self.seen

        total: int = Counter().go(3)  # 6
        total += 1  # 7
        for word in ['a', 'a']:
            letter = word.upper()  # 'A'
        ",
        &[
            "3 binding holds: 2",
            "6 binding holds: 6",
            "9 binding holds: 6",
            "10 binding holds: 7",
            "12 binding holds: 'A'",
        ],
    );
}

#[test]
fn what_is_printed_belongs_to_the_lines_that_led_to_it() {
    check(
        "
        import threading

        def shout(word):
            print(word.upper())

        def greet(name):
            shout('hi ' + name)

        greet('ann')  # HI ANN
        greet('bob')  # HI BOB
        thread = threading.Thread(target=lambda: print('from a thread'))  # from a thread
        thread.start(); thread.join()
        ",
        &["10 output holds: HI ANN", "11 output holds: HI BOB", "12 output holds: from a thread"],
    );
}

#[test]
fn a_recursion_belongs_to_the_line_that_starts_it() {
    check(
        "
        def down(number):
            if number:
                return down(number - 1)
            print('ground')

        down(150)  # ground
        ",
        &["7 output holds: ground"],
    );
}

#[test]
fn what_was_seen_before_a_death_is_known() {
    let seen = "6 * 7  # 42\nint('x')  # ValueError\nprint('a')  # a\n";
    for death in ["import os; os._exit(3)", "import os; os.kill(os.getpid(), 9)", "while True: pass"] {
        let document = format!("```python timeout=1\n{seen}{death}\n1 + 1  # 2\n```");
        check(
            &document,
            &[
                "2 value holds: 42",
                "3 exception holds: ValueError: invalid literal for int() with base 10: 'x'",
                "4 output holds: a",
                "6 value not-reached: -",
            ],
        );
    }
}

#[test]
fn a_fork_does_not_speak_for_its_parent() {
    check(
        "
        import os
        child = os.fork()
        who = 'child' if child == 0 else 'parent'  # 'parent'
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        ",
        &["4 binding holds: 'parent'"],
    );
}

#[test]
fn facts_without_end_do_not_outlive_the_time_limit() {
    let run = Project::document(&["```python timeout=1\nwhile True:\n    x = 'x' * 9000  # 'y'\n```"])
        .json(&["a.md"]);
    let snippets = run.snippets();
    assert_eq!(snippets[0]["ending"], "timed-out", "{run:?}");
}

/// Claims of a run where namespaces are refused, as above.
fn claims_without_namespaces(project: &Project, target: &str) -> Vec<String> {
    let run = project.call(&["run", "--format", "json", target]).contained().run();
    let snippets = run.snippets();
    assert!(snippets.iter().all(|snippet| snippet["sandbox"] == "b"), "{run:?}");
    claims_of(&run)
}

#[test]
fn an_exception_does_not_end_a_session_of_prompts() {
    check(
        "```pycon\n>>> seen = ['a']\n>>> seen.append('b'); seen.gone\nTraceback (most recent call last):\n\
         AttributeError: 'list' object has no attribute 'gone'\n>>> for word in seen:\n...     print(word)\na\nb\n\
         >>> raise KeyboardInterrupt\n>>> seen\n['a', 'b']\n```",
        &[
            "4 doctest holds: Traceback (most recent call last):⏎    ...⏎AttributeError: 'list' object has no attribute 'gone'",
            "8 doctest holds: a⏎b",
            "12 doctest not-reached: -",
        ],
    );
}

#[test]
fn examples_before_a_death_are_judged() {
    let prompts = "```pycon timeout=1\n>>> print('a'); 1\na\n1\n>>> 2\n3\n";
    for death in [
        "import os; os._exit(3)",
        "import os; os.kill(os.getpid(), 9)",
        "import itertools; all(itertools.repeat(1))",
    ] {
        let document = format!("{prompts}>>> print('last'); {death}\nlast\n>>> 4\n4\n```");
        let project = Project::document(&[&document]);
        let ends = ["3 doctest holds: a⏎1", "6 doctest broken: 2", "10 doctest not-reached: -"];
        let known = |claims: Vec<String>| -> Vec<String> {
            // Whether an example that never ended keeps its promise is not the matter here.
            claims.into_iter().filter(|claim| !claim.starts_with("8 ")).collect()
        };
        assert_eq!(known(claims_of(&project.json(&["a.md"]))), ends, "{death}");
        assert_eq!(known(claims_without_namespaces(&project, "a.md")), ends, "{death}");
    }
}

#[test]
fn docstrings_have_copies_of_their_module_without_namespaces_too() {
    let module = "from __future__ import annotations\nfrom . import near\nLIMIT = 3\n\n\
                  def first():\n    '''\n    >>> LIMIT, near.NAME, __name__\n    (3, 'near', 'a.box')\n    >>> LIMIT = 4\n    \
                  >>> LIMIT\n    4\n    '''\n\n\
                  def second():\n    '''\n    >>> LIMIT\n    3\n    >>> def f(x: nowhere): pass\n    >>> first() is None\n    \
                  True\n    '''\n";
    let project = Project::new(&[
        ("src/a/__init__.py", ""),
        ("src/a/near.py", "NAME = 'near'\n"),
        ("src/a/box.py", module),
    ]);
    let expected = [
        "8 doctest holds: (3, 'near', 'a.box')",
        "11 doctest holds: 4",
        "17 doctest holds: 3",
        "20 doctest holds: True",
    ];
    assert_eq!(claims_without_namespaces(&project, "src/a/box.py"), expected);
    assert_eq!(claims_of(&project.json(&["src/a/box.py"])), expected);
}

#[test]
fn what_is_between_prints_on_one_line_belongs_to_them() {
    check(
        "
        def show(word):
            print(word, end=' ')

        show('a')  # a
        show('b')  # b
        print('c', 'd')  # c d
        print('e', end='')  # e
        print()
        print('f')  # f
        ",
        &[
            "5 output holds: a",
            "6 output holds: b",
            "7 output holds: c d",
            "8 output holds: e",
            "10 output holds: f",
        ],
    );
}
