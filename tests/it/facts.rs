//! What is seen of a snippet on its way, as far as claims show it: values, callers, examples, and all of it before a death.

use serde_json::Value;

use crate::project::Project;

/// Claims of all snippets, as `line kind verdict: actual`.
fn claims(document: &str) -> Vec<String> {
    let run = Project::document(&[document]).json(&["a.md"]);
    let snippets = run.snippets();
    let claims = snippets.iter().flat_map(|snippet| snippet["claims"].as_array().unwrap());
    let actual =
        |claim: &Value| claim["actual"].as_str().map_or("-".to_owned(), |text| text.replace('\n', "⏎"));
    claims
        .map(|claim| {
            let (kind, verdict) = (claim["kind"].as_str().unwrap(), claim["verdict"].as_str().unwrap());
            format!("{} {kind} {verdict}: {}", claim["line"], actual(claim))
        })
        .collect()
}

#[track_caller]
fn check(document: &str, expected: &[&str]) {
    assert_eq!(claims(document), expected, "{document}");
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
