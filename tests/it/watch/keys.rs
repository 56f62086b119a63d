//! Keys at a terminal.

use super::READY;
use crate::project::{Project, document, eventually};
use crate::terminal::Session;

pub(super) const KEYS: &str = "q quit";

pub(super) fn watch(project: &Project, words: &[&str]) -> Session {
    let mut call = project.call(&[&["watch", "--color", "never"], words].concat());
    let mut session = Session::start(call.command(), (100, 40));
    session.wait_for(&[READY, KEYS]);
    session
}

/// Two documents: an output that has changed, and words that are wrong.
fn project() -> Project {
    let project =
        Project::new(&[("a.md", &document(&["print('tea')"])), ("b.md", &document(&["1 + 1  # 3"]))]);
    assert_eq!(project.run(&["accept", "a.md"]).code, 0);
    project.write("a.md", document(&["print('milk')"]));
    project
}

const SNAP: &str = "expected/a.md/top-1.snap";

fn snapshot(project: &Project) -> String {
    project.read(SNAP)
}

#[test]
fn what_waits_is_accepted() {
    let project = project();
    let mut session = watch(&project, &["a.md", "b.md"]);
    assert!(snapshot(&project).contains("tea"));
    session.press("a");
    session.wait_for(&["accepted 1 output; ran 1 of 2 documents", "1 passed, 1 failed", KEYS]);
    assert!(snapshot(&project).contains("milk") && !project.path(&format!("{SNAP}.new")).exists());
    session.press("a");
    session.wait_for(&["nothing waits to be accepted"]);
    session.press("q");
    let end = session.finish();
    assert!(end.is_restored && end.code == 1, "{}", end.text);
}

#[test]
fn documents_are_corrected() {
    let project = project();
    let mut session = watch(&project, &["a.md", "b.md"]);
    session.press("u");
    session.wait_for(&["updated b.md: 1 line; ran 1 of 2 documents", "1 passed, 1 failed", KEYS]);
    assert_eq!(project.read("b.md"), document(&["1 + 1  # 2"]));
    session.press("u");
    session.wait_for(&["nothing to update"]);
    session.press("q");
    session.finish();
}

#[test]
fn all_or_what_fails_runs_again() {
    let text = document(&["raise ValueError(open('state.txt').read())"]);
    let project = Project::new(&[
        (".gitignore", "*.txt\n"),
        ("state.txt", "one"),
        ("a.md", &text),
        ("b.md", &document(&["print(open('state.txt').read())"])),
    ]);
    let mut session = watch(&project, &["a.md", "b.md"]);
    project.write("state.txt", "two");
    session.press("f");
    session.wait_for(&["ran what fails: 1 of 2 documents", "ValueError: two", KEYS]);
    project.write("state.txt", "three");
    for key in ["\r", "r"] {
        session.press(key);
        session.wait_for(&["ran all 2 documents", "ValueError: three", KEYS]);
        project.write("a.md", document(&["1"]));
        session.wait_for(&["changed: a.md", "2 passed", KEYS]);
        project.write("a.md", &text);
        session.wait_for(&["changed: a.md", "1 passed, 1 failed", KEYS]);
    }
    project.write("a.md", document(&["1"]));
    session.wait_for(&["2 passed", KEYS]);
    session.press("f");
    session.wait_for(&["nothing fails"]);
    session.press("q");
    assert_eq!(session.finish().code, 0);
}

#[test]
fn a_paste_and_other_keys_mean_nothing() {
    let project = project();
    let mut session = watch(&project, &["a.md", "b.md"]);
    session.press("\x1b[A\x1bOa");
    session.press("quaqua");
    session.press("\x1c");
    session.press("x");
    project.write("b.md", document(&["1 + 1  # 2"]));
    session.wait_for(&["changed: b.md; ran 1 of 2 documents", KEYS]);
    assert!(snapshot(&project).contains("tea"));
    session.press("q");
    assert_eq!(session.finish().code, 1);
}

#[test]
fn the_terminal_is_as_it_was_however_it_ends() {
    let project = Project::document(&["1"]);
    for (key, code) in [("q", 0), ("\x03", 130), ("\x04", 0)] {
        let mut session = watch(&project, &["a.md"]);
        assert!(!session.is_cooked());
        session.press(key);
        let end = session.finish();
        assert!(end.is_restored && end.code == code, "{key:?}: {} {}", end.code, end.text);
    }
}

#[test]
fn a_terminal_that_a_shell_has_had_is_taken_again() {
    let project = Project::document(&["1"]);
    let mut session = watch(&project, &["a.md"]);
    session.cook();
    eventually("keys one by one", || !session.is_cooked());
    session.press("r");
    session.wait_for(&["ran all 1 document", KEYS]);
    session.press("q");
    assert!(session.finish().is_restored);
}

#[test]
fn nobody_accepts_what_was_not_shown_yet() {
    let project = project();
    project.write(".gitignore", "go.txt\n");
    let mut session = watch(&project, &["a.md", "b.md", "--timeout", "50s"]);
    let go = project.path("go.txt");
    let waiting = format!("import os\nwhile not os.path.exists({go:?}): pass\nprint('coffee')");
    project.write("a.md", document(&[&waiting]));
    session.wait_for(&["a.md:2 "]);
    session.press("a");
    // The next key is taken after the first one has been.
    session.wait_for(&["a.md:2 0.5"]);
    session.press("f");
    project.write("go.txt", "");
    session.wait_for(&["ran what fails: 2 of 2 documents", "+ coffee", KEYS]);
    assert!(snapshot(&project).contains("tea"));
    session.press("a");
    session.wait_for(&["accepted 1 output"]);
    assert!(snapshot(&project).contains("coffee"));
    session.press("q");
    session.finish();
}

#[test]
fn a_run_ends_early() {
    let project = Project::document(&["1"]);
    for (keys, code) in [("q", 0), ("\x03", 130)] {
        project.write("a.md", document(&["1"]));
        let mut session = watch(&project, &["a.md", "--timeout", "50s"]);
        project.write("a.md", document(&["while True: pass"]));
        session.wait_for(&["a.md:2 "]);
        session.press(keys);
        session.wait_for(&["Ctrl-C again ends them"]);
        session.press("\x03");
        let end = session.finish();
        assert!(end.is_restored && end.code == code, "{}: {}", end.code, end.text);
    }
}
