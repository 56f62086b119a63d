//! Snapshots: asked for, accepted, compared, moved, rejected, and what is left of them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::project::{Project, Run, document};

const SNAP: &str = "expected/a.md/top-1.snap";
const NEW: &str = "expected/a.md/top-1.snap.new";
const FAILED: &str = "failed completed | stdout two⏎ | - the output differs from the accepted snapshot";

fn accepted(snippets: &[&str]) -> Project {
    let project = Project::document(snippets);
    let run = project.run(&["accept", "a.md"]);
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    project
}

fn paths(files: &[&str]) -> BTreeSet<String> {
    files.iter().map(|&file| file.to_owned()).collect()
}

#[track_caller]
fn shows(run: &Run, code: i32, texts: &[&str]) {
    assert_eq!((run.code, &*run.stderr), (code, ""), "{}", run.stdout);
    for text in texts {
        assert!(run.stdout.contains(text), "no `{text}` in\n{}", run.stdout);
    }
}

#[test]
fn required_snapshots_are_unreviewed_until_accepted() {
    let project = Project::document(&["print('one')"]);
    let unreviewed = "unreviewed completed | stdout one⏎ | - nobody has accepted its output yet";
    let required = ["--snapshots", "required", "a.md"];
    let run = project.json(&[&["--check"], &required[..]].concat());
    run.tells(&[unreviewed]);
    assert_eq!(run.code, 1);
    assert_eq!(project.files(), paths(&["a.md"]), "--check writes nothing");
    for (value, code) in [("true", 1), ("0", 0), ("", 0)] {
        let run = project.call(&["run", "--snapshots", "required", "a.md"]).env("CI", value).run();
        assert_eq!(run.code, code, "CI={value}");
    }
    let run = project.json(&required);
    run.tells(&[unreviewed]);
    assert_eq!(run.code, 0);
    assert_eq!(project.files(), paths(&["a.md", NEW]));
    shows(&project.run(&["accept", "a.md"]), 0, &["1 passed"]);
    assert_eq!(project.files(), paths(&["a.md", SNAP]));
    project.json(&required).tells(&["passed completed | stdout one⏎"]);
    project.json(&[&["--check"], &required[..]].concat()).tells(&["passed completed | stdout one⏎"]);
}

#[test]
fn optional_snapshots_are_not_written_by_a_run() {
    let project = Project::document(&["print('one')"]);
    project.json(&["a.md"]).tells(&["passed completed | stdout one⏎"]);
    assert_eq!(project.files(), paths(&["a.md"]));
}

#[test]
fn a_snapshot_can_be_read() {
    let project = accepted(&["import sys\nprint('out')\nprint('err', file=sys.stderr)\n1 + 1"]);
    insta::assert_snapshot!(project.read(SNAP));
}

#[test]
fn a_change_fails_with_its_difference() {
    let project = accepted(&["print('one')"]);
    project.write("a.md", document(&["print('two')"]));
    project.json(&["--check", "a.md"]).tells(&[FAILED]);
    assert_eq!(project.files(), paths(&["a.md", SNAP]), "--check writes nothing");
    let run = project.run(&["run", "a.md"]);
    shows(&run, 1, &["the output differs from the accepted snapshot", "one", "two", SNAP]);
    assert_eq!(project.files(), paths(&["a.md", SNAP, NEW]));
    assert!(project.read(SNAP).ends_with("one\n") && project.read(NEW).ends_with("two\n"));
}

#[test]
fn pending_snapshots_are_listed_and_rejected() {
    let project = accepted(&["print('one')"]);
    project.run(&["pending"]).assert(0, "", "");
    project.write("a.md", document(&["print('two')"]));
    project.json(&["a.md"]).tells(&[FAILED]);
    let shown = format!("a.md:2  a.md::top::1\n  {NEW}: - accepted, + waiting\n  │ - one\n  │ + two\n");
    project.run(&["pending"]).assert(0, &shown, "");
    project.run(&["pending", "a.md"]).assert(0, &shown, "");
    project.run(&["reject", "a.md"]).assert(0, &format!("rejected {NEW}\n"), "");
    assert_eq!(project.files(), paths(&["a.md", SNAP]));
    project.run(&["reject"]).assert(0, "", "");
}

/// Two snippets of one document and one of another, whose outputs are no longer those that were accepted.
fn three_pending() -> Project {
    let text = |word: &str| document(&[&format!("print('{word}')"), &format!("print('{word}', 2)")]);
    let project = Project::new(&[("a.md", &text("one")), ("b.md", &document(&["print('one')"]))]);
    assert_eq!(project.run(&["accept", "a.md", "b.md"]).code, 0);
    project.write("a.md", text("two"));
    project.write("b.md", document(&["print('two')"]));
    assert_eq!(project.run(&["run", "a.md", "b.md"]).code, 1);
    project
}

#[test]
fn ids_lines_ranges_and_texts_choose_what_is_rejected() {
    for (words, rejected) in [
        (&["a.md:6"][..], &["a.md/top-2"][..]),
        (&["a.md::top::1"], &["a.md/top-1"]),
        (&["a.md:1-9"], &["a.md/top-1", "a.md/top-2"]),
        (&["a.md:1-9", "b.md"], &["a.md/top-1", "a.md/top-2", "b.md/top-1"]),
        (&["-k", "top::1", "."], &["a.md/top-1", "b.md/top-1"]),
        (&["-k", "top::1", "a.md"], &["a.md/top-1"]),
        (&[], &["a.md/top-1", "a.md/top-2", "b.md/top-1"]),
    ] {
        let project = three_pending();
        let lines = rejected.iter().map(|name| format!("rejected expected/{name}.snap.new\n"));
        let lines = lines.collect::<Vec<_>>().concat();
        project.run(&[&["reject"], words].concat()).assert(0, &lines, "");
        assert_eq!(waiting(&project), 3 - rejected.len(), "{words:?}");
    }
}

#[test]
fn a_place_without_a_snippet_rejects_nothing() {
    let project = three_pending();
    let run = project.run(&["reject", "a.md:4"]);
    assert_eq!((run.code, &*run.stdout), (1, ""));
    assert!(run.stderr.contains("a.md:4") && run.stderr.contains("no Python block at this line"), "{run:?}");
    assert_eq!(waiting(&project), 3);
}

fn waiting(project: &Project) -> usize {
    project
        .files()
        .iter()
        .filter(|file| Path::new(file).extension().is_some_and(|ending| ending == "new"))
        .count()
}

#[test]
fn programs_read_what_is_pending() {
    let project = three_pending();
    let run = project.run(&["pending", "--format", "json", "a.md:6-7"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    let found: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let expected = serde_json::json!([{
        "id": "a.md::top::2", "path": "a.md", "line": 6,
        "snapshot": "expected/a.md/top-2.snap", "waiting": "expected/a.md/top-2.snap.new",
        "accepted": "one 2", "actual": "two 2",
    }]);
    assert_eq!(found, expected);
    project.run(&["reject"]);
    project.run(&["pending", "--format", "json"]).assert(0, "[]\n", "");
}

#[test]
fn accepting_updates() {
    let project = accepted(&["print('one')"]);
    project.write("a.md", document(&["print('two')"]));
    project.json(&["a.md"]).tells(&[FAILED]);
    shows(&project.run(&["accept", "a.md"]), 0, &["1 passed"]);
    assert_eq!(project.files(), paths(&["a.md", SNAP]));
    assert!(project.read(SNAP).ends_with("two\n"));
    project.json(&["--check", "a.md"]).tells(&["passed completed | stdout two⏎"]);
}

#[test]
fn a_pending_snapshot_goes_when_the_output_is_right_again() {
    let project = accepted(&["print('one')"]);
    project.write("a.md", document(&["print('two')"]));
    project.json(&["a.md"]).tells(&[FAILED]);
    project.write("a.md", document(&["print('one')"]));
    project.json(&["a.md"]).tells(&["passed completed | stdout one⏎"]);
    assert_eq!(project.files(), paths(&["a.md", SNAP]));
}

#[test]
fn one_snippet_is_accepted_alone() {
    let project = Project::document(&["print('one')", "print('two')"]);
    shows(&project.run(&["accept", "a.md:6"]), 0, &["1 passed"]);
    assert_eq!(project.files(), paths(&["a.md", "expected/a.md/top-2.snap"]));
}

#[test]
fn orphans_are_reported_and_pruned() {
    let project = accepted(&["print('one')", "print('two')"]);
    let orphan = "expected/a.md/top-2.snap";
    project.write("a.md", document(&["print('one')"]));
    shows(&project.run(&["run", "a.md"]), 0, &["1 orphaned snapshot", orphan]);
    shows(&project.run(&["run", "a.md", "--check"]), 1, &["1 orphaned snapshot", orphan]);
    shows(&project.run(&["accept", "a.md"]), 0, &["1 orphaned snapshot"]);
    assert_eq!(project.files(), paths(&["a.md", SNAP, orphan]));
    shows(&project.run(&["accept", "a.md", "--prune"]), 0, &["removed `expected/a.md/top-2.snap`"]);
    assert_eq!(project.files(), paths(&["a.md", SNAP]));
}

#[test]
fn snapshots_of_a_document_that_is_gone_are_orphans_of_the_project() {
    let project = Project::new(&[
        ("README.md", "```python\nx = 1\n```\n"),
        ("docs/a.md", "```python\nprint('one')\n```\n"),
    ]);
    shows(&project.run(&["accept"]), 0, &["2 passed"]);
    std::fs::remove_file(project.path("docs/a.md")).unwrap();
    shows(&project.run(&["run"]), 0, &["1 orphaned snapshot", "expected/docs/a.md/top-1.snap"]);
    shows(&project.run(&["accept", "--prune"]), 0, &["removed `expected/docs/a.md/top-1.snap`"]);
    assert!(!project.path("expected/docs").exists());
}

#[test]
fn a_snapshot_follows_its_snippet() {
    let project = accepted(&["print('one')"]);
    project.write("a.md", format!("# Title\n\n{}", document(&["print('one')"])));
    let reason = format!("its snapshot is still at `{SNAP}`; `snipcheck accept` moves it");
    project.json(&["a.md"]).tells(&[&format!("passed completed | stdout one⏎ | - {reason}")]);
    assert_eq!(project.files(), paths(&["a.md", SNAP]));
    shows(&project.run(&["accept", "a.md"]), 0, &["1 passed"]);
    assert_eq!(project.files(), paths(&["a.md", "expected/a.md/title-1.snap"]));
}

#[test]
fn a_broken_snapshot_is_a_problem() {
    let project = accepted(&["print('one')"]);
    for broken in ["", "no header\n", "---\nsource: [\n---\none\n", "\0"] {
        project.write(SNAP, broken);
        let run = project.json(&["a.md"]);
        let problems: Vec<_> = run.events().into_iter().filter(|event| event["event"] == "problem").collect();
        assert_eq!(problems.len(), 1, "{broken:?}: {}", run.stdout);
        assert_eq!((&problems[0]["path"], &run.snippets()[0]["verdict"]), (&SNAP.into(), &"failed".into()));
        assert_eq!((run.code, &*run.stderr), (1, ""));
        assert_eq!(project.read(SNAP), broken, "a run leaves it alone");
    }
    shows(&project.run(&["accept", "a.md"]), 0, &["1 passed"]);
    assert!(project.read(SNAP).ends_with("one\n"));
}

#[test]
fn an_announced_exception_has_a_snapshot() {
    let project = accepted(&["```python raises=ValueError\nprint('before')\nint('x')"]);
    assert!(
        project
            .read(SNAP)
            .ends_with("before\n[exception]\nValueError: invalid literal for int() with base 10: 'x'\n")
    );
    project.write("a.md", document(&["```python raises=ValueError\nprint('before')\nint('y')"]));
    let run = project.json(&["--check", "a.md"]);
    run.tells(&[
        "failed raised | ValueError: invalid literal for int() with base 10: 'y' @3 | stdout before⏎ | \
                 - the output differs from the accepted snapshot",
    ]);
}

#[test]
fn an_exception_is_accepted_only_on_request() {
    let project = Project::document(&["1 / 0"]);
    shows(&project.run(&["accept", "a.md"]), 1, &["`snipcheck accept --errors` would accept its exception"]);
    assert_eq!(project.files(), paths(&["a.md"]));
    shows(&project.run(&["accept", "a.md", "--errors"]), 0, &["1 passed"]);
    assert_eq!(project.files(), paths(&["a.md", SNAP]));
    let run = project.json(&["a.md"]);
    assert_eq!((run.code, &run.snippets()[0]["verdict"]), (0, &"passed".into()), "{}", run.stdout);
}

#[test]
fn endings_that_prove_nothing_are_never_accepted() {
    let project = Project::document(&[
        "import os\nos._exit(1)",
        "import nowhere_at_all",
        "```python timeout=300ms\nwhile True: pass",
    ]);
    let run = project.run(&["accept", "a.md", "--errors"]);
    assert_eq!((run.code, &*run.stderr), (1, ""), "{}", run.stdout);
    assert_eq!(project.files(), paths(&["a.md"]));
}

#[test]
fn what_changes_from_run_to_run_is_redacted() {
    let project = accepted(&[
        "object()",
        "import tempfile\nprint(tempfile.mkdtemp())",
        "import time\nprint(f'{time.perf_counter():.6f} s')",
    ]);
    let again = project.json(&["--check", "a.md"]);
    let verdicts: Vec<_> = again.snippets().iter().map(|snippet| snippet["verdict"].to_string()).collect();
    assert_eq!((again.code, verdicts), (0, vec!["\"passed\"".to_owned(); 3]));
    assert!(project.read(SNAP).ends_with("[value]\n<object object at 0x…>\n"));
}
