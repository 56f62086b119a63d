//! Files that are no documents, and which documents they touch.

use std::fs;

use super::{Watch, headlines, last, replace};
use crate::project::{Project, document};

fn with_fixtures() -> Project {
    Project::new(&[
        ("docs/a.md", &document(&["```python setup=one\nx\n```"])),
        ("docs/b.md", &document(&["```python files=data.csv\nprint(open('data.csv').read())\n```"])),
        ("docs/in/c.md", &document(&["1 + 1"])),
        ("fixtures/one.py", "x = 1"),
        ("fixtures/data.csv", "1"),
        ("docs/in/beside.json", "{}"),
        ("lib/module.py", ""),
        ("lib/data.bin", ""),
    ])
}

#[track_caller]
fn check(file: &str, ran: &str) {
    let project = with_fixtures();
    let mut watch = Watch::start(&project, &[]);
    replace(&project, file, "1 / 0");
    watch.wait_for_change_of(file);
    let run = watch.finish();
    assert_eq!(headlines(&run), [format!("changed: {file}; ran {ran} documents")], "{run:?}");
}

#[test]
fn a_fixture_touches_those_that_use_it() {
    check("fixtures/one.py", "1 of 3");
    check("fixtures/data.csv", "1 of 3");
}

#[test]
fn a_fixture_that_nobody_names_may_be_used_by_another_one() {
    check("fixtures/support.py", "3 of 3");
}

#[test]
fn a_file_touches_documents_that_it_lies_beside() {
    check("docs/in/beside.json", "3 of 3");
    let project = with_fixtures();
    let mut watch = Watch::start(&project, &["docs/a.md", "docs/in"]);
    fs::remove_file(project.path("docs/in/beside.json")).unwrap();
    watch.wait_for_change_of("docs/in/beside.json");
    replace(&project, "docs/in/c.md", document(&["3"]));
    watch.wait_for_change_of("docs/in/c.md");
    let run = watch.finish();
    let expected =
        ["changed: docs/in/beside.json; ran 2 of 2 documents", "changed: docs/in/c.md; ran 1 of 2 documents"];
    assert_eq!(headlines(&run), expected, "{run:?}");
}

#[test]
fn modules_and_what_lies_beside_no_document_touch_all() {
    check("lib/module.py", "3 of 3");
    check("lib/data.bin", "3 of 3");
}

#[test]
fn other_settings_run_everything_and_broken_ones_are_told() {
    let project = with_fixtures();
    let mut watch = Watch::start(&project, &[]);
    replace(&project, "pyproject.toml", "[tool.snipcheck]\npaths = [\"docs/in\"]\n");
    watch.wait_for_change_of("pyproject.toml");
    replace(&project, "pyproject.toml", "[tool.snipcheck]\npats = []\n");
    watch.wait_for_change_of("pyproject.toml");
    replace(&project, "pyproject.toml", "[tool.snipcheck]\npaths = [\"docs\"]\n");
    watch.wait_for_change_of("pyproject.toml");
    replace(&project, ".gitignore", "/docs/in/\n");
    watch.wait_for_change_of(".gitignore");

    let run = watch.finish();
    let expected = [
        "changed: pyproject.toml; ran 1 of 1 document",
        "changed: pyproject.toml",
        "changed: pyproject.toml; ran 3 of 3 documents",
        "changed: .gitignore, docs/in/beside.json, docs/in/c.md; ran 2 of 2 documents",
    ];
    assert_eq!(headlines(&run), expected, "{run:?}");
    assert!(run.stderr.contains("pats") && run.stderr.contains("hint: did you mean `paths`?"), "{run:?}");
    assert!(last(&run).contains("watching 2 documents"), "{run:?}");
}

#[test]
fn a_snapshot_that_somebody_changes_touches_its_document() {
    let project =
        Project::new(&[("docs/a.md", &document(&["print(1)"])), ("docs/b.md", &document(&["print(2)"]))]);
    assert_eq!(project.run(&["accept"]).code, 0);
    let file = project.files().into_iter().find(|file| file.contains("a.md/")).unwrap();
    let mut watch = Watch::start(&project, &[]);
    let text = project.read(&file).replace("\n1\n", "\n3\n");
    replace(&project, &file, text);
    watch.wait_for_change_of(&file);
    let run = watch.finish();
    assert_eq!(headlines(&run), [format!("changed: {file}; ran 1 of 2 documents")], "{run:?}");
    assert!(last(&run).contains("FAIL docs/a.md:2"), "{run:?}");
    assert!(project.path(&format!("{file}.new")).exists());
}

#[test]
fn documents_that_git_ignores_are_watched_where_they_are_named() {
    let project = Project::new(&[
        (".gitignore", "/notes/\n"),
        ("notes/a.md", &document(&["1"])),
        ("README.md", &document(&["2"])),
    ]);
    let mut watch = Watch::start(&project, &["notes/a.md", "README.md"]);
    replace(&project, "notes/other.md", "ignored");
    replace(&project, "notes/a.md", document(&["1 / 0"]));
    watch.wait_for_change_of("notes/a.md");
    let run = watch.finish();
    assert_eq!(headlines(&run), ["changed: notes/a.md; ran 1 of 2 documents"], "{run:?}");
}

#[test]
fn documents_elsewhere_are_watched_with_what_lies_beside_them() {
    let project = Project::new(&[("README.md", &document(&["1"]))]);
    let elsewhere = project.home().join("elsewhere");
    fs::create_dir_all(elsewhere.join("deep")).unwrap();
    fs::write(elsewhere.join("a.md"), document(&["open('beside.txt').read()"])).unwrap();
    let named = elsewhere.join("a.md");
    let mut watch = Watch::start(&project, &["README.md", named.to_str().unwrap()]);
    fs::write(elsewhere.join("deep/unseen.txt"), "").unwrap();
    fs::rename(elsewhere.join("deep/unseen.txt"), elsewhere.join("beside.txt")).unwrap();
    watch.running.wait_for("ran 1 of 2 documents");
    watch.running.wait_for("watching ");
    replace(&project, "../elsewhere/a.md", document(&["1 / 0"]));
    watch.running.wait_for("ran 1 of 2 documents");
    watch.running.wait_for("watching ");
    let run = watch.finish();
    assert_eq!(headlines(&run).len(), 2, "{run:?}");
    assert_eq!(run.stdout.matches("2 passed").count(), 1, "{run:?}");
}
