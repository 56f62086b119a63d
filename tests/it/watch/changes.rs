//! What runs again after a change, and what does not.

use std::fs;

use nix::sys::signal::Signal;

use super::{Watch, headlines, last, replace};
use crate::project::{Project, document};

/// A document that fails with the text of a file which nobody is told of.
fn telling(file: &str) -> String {
    document(&[&format!("raise ValueError(open('{file}').read())")])
}

#[test]
fn only_a_changed_document_runs_and_all_failures_are_shown() {
    let project = Project::new(&[
        (".gitignore", "*.txt\n"),
        ("docs/a.md", &telling("state.txt")),
        ("docs/b.md", &document(&["1 + 1"])),
        ("docs/state.txt", "one"),
    ]);
    let mut watch = Watch::start(&project, &[]);
    replace(&project, "docs/state.txt", "two");
    replace(&project, "docs/b.md", document(&["1 / 0"]));
    watch.wait_for_change_of("docs/b.md");
    replace(&project, "docs/b.md", document(&["2 / 1"]));
    watch.wait_for_change_of("docs/b.md");

    let run = watch.finish();
    assert_eq!(headlines(&run), ["changed: docs/b.md; ran 1 of 2 documents"; 2], "{run:?}");
    assert_eq!(run.stdout.matches("FAIL docs/a.md:2").count(), 3, "{run:?}");
    assert!(last(&run).contains("ValueError: one") && !run.stdout.contains("two"), "{run:?}");
    assert_eq!(run.stdout.matches("FAIL docs/b.md:2").count(), 1, "{run:?}");
    assert!(last(&run).contains("2 snippets in 2 documents: 1 passed, 1 failed"), "{run:?}");
    assert_eq!((run.code, &*run.stderr), (1, ""));
}

#[test]
fn documents_come_and_go() {
    let project = Project::new(&[("docs/a.md", &document(&["1 / 0"]))]);
    let mut watch = Watch::start(&project, &[]);
    replace(&project, "docs/new/deep/b.md", document(&["[][0]"]));
    watch.wait_for_change_of("docs/new/deep/b.md");
    fs::rename(project.path("docs/a.md"), project.path("docs/c.md")).unwrap();
    watch.wait_for_change_of("docs/a.md");
    fs::remove_dir_all(project.path("docs/new")).unwrap();
    watch.wait_for_change_of("docs/new/deep/b.md");

    let run = watch.finish();
    let expected = [
        "changed: docs/new/deep/b.md; ran 1 of 2 documents",
        "changed: docs/a.md, docs/c.md; ran 1 of 2 documents",
        "changed: docs/new/deep/b.md",
    ];
    assert_eq!(headlines(&run), expected, "{run:?}");
    assert!(last(&run).contains("FAIL docs/c.md:2") && !last(&run).contains("docs/a.md"), "{run:?}");
    assert!(last(&run).contains("1 snippet in 1 document: 1 failed\n"), "{run:?}");
}

#[test]
fn a_folder_by_an_old_name_is_followed() {
    let project = Project::new(&[("docs/in/a.md", &document(&["1"])), ("docs/b.md", &document(&["2"]))]);
    let mut watch = Watch::start(&project, &[]);
    for text in ["3", "4"] {
        watch.running.signal(Signal::SIGSTOP);
        fs::remove_dir_all(project.path("docs/in")).unwrap();
        replace(&project, "docs/in/a.md", document(&[text]));
        watch.running.signal(Signal::SIGCONT);
        watch.wait_for_change_of("docs/in/a.md");
        replace(&project, "docs/in/a.md", document(&[text, "5"]));
        watch.wait_for_change_of("docs/in/a.md");
    }
    assert!(last(&watch.finish()).contains("3 snippets in 2 documents: 3 passed"));
}

#[test]
fn editors_write_by_rename_and_leave_files_behind() {
    let project = Project::new(&[("docs/a.md", &document(&["1"])), ("docs/b.md", &document(&["2"]))]);
    let mut watch = Watch::start(&project, &[]);
    for passing in ["docs/.a.md.swp", "docs/4913", "docs/a.md~", "docs/#a.md#", "docs/a.md___jb_tmp___"] {
        replace(&project, passing, "passing");
    }
    project.write("docs/.a.md.new", document(&["1 / 0"]));
    fs::rename(project.path("docs/.a.md.new"), project.path("docs/a.md")).unwrap();
    watch.wait_for_change_of("");

    let run = watch.finish();
    let ran = headlines(&run);
    assert!(ran.len() == 1 && ran[0].ends_with("ran 1 of 2 documents"), "{run:?}");
    assert!(last(&run).contains("FAIL docs/a.md:2"), "{run:?}");
}

#[test]
fn reading_a_document_and_writing_what_git_ignores_is_no_change() {
    let project = Project::new(&[
        (".gitignore", "/build/\n"),
        ("README.md", &document(&["1"])),
        ("docs/b.md", &document(&["2"])),
        ("build/out.py", ""),
        ("target/debug/x", ""),
        ("__pycache__/x.pyc", ""),
    ]);
    let mut watch = Watch::start(&project, &[]);
    project.read("README.md");
    for ignored in
        ["build/out.py", "target/debug/x", "__pycache__/x.pyc", ".git/index", "expected/b.md/x.snap.new"]
    {
        replace(&project, ignored, "changed");
    }
    replace(&project, "docs/b.md", document(&["3"]));
    watch.wait_for_change_of("");
    let run = watch.finish();
    assert!(last(&run).contains("docs/b.md") && last(&run).contains("ran 1 of 2 documents"), "{run:?}");
    assert_eq!(headlines(&run).len(), 1, "{run:?}");
}

#[test]
fn many_files_at_once_are_one_run() {
    let names: Vec<String> = (0..40).map(|number| format!("docs/{number:02}.md")).collect();
    let text = document(&["1"]);
    let files: Vec<(&str, &str)> = names.iter().map(|name| (&**name, &*text)).collect();
    let project = Project::new(&files);
    let mut watch = Watch::start(&project, &[]);
    watch.running.signal(Signal::SIGSTOP);
    for name in &names[..39] {
        replace(&project, name, document(&["2"]));
    }
    watch.running.signal(Signal::SIGCONT);
    watch.wait_for_change_of("docs/00.md");
    let run = watch.finish();
    let expected = ["changed: docs/00.md, docs/01.md, docs/02.md and 36 more; ran 39 of 40 documents"];
    assert_eq!(headlines(&run), expected, "{run:?}");
}

#[test]
fn a_change_during_a_run_runs_after_it() {
    let project = Project::new(&[
        (".gitignore", "go.txt\n"),
        ("docs/a.md", &document(&["1"])),
        ("docs/b.md", &document(&["2"])),
    ]);
    let go = project.path("docs/go.txt");
    let waiting = format!("import os\nwhile not os.path.exists({go:?}): pass");
    let mut watch = Watch::start(&project, &["--timeout", "50s"]);
    replace(&project, "docs/a.md", document(&[&waiting]));
    // Processes of sessions are children of lanes.
    crate::project::eventually("a run", || !watch.running.children().is_empty());
    replace(&project, "docs/b.md", document(&["1 / 0"]));
    replace(&project, "docs/go.txt", "");
    watch.wait_for_change_of("docs/b.md");
    let run = watch.finish();
    let ran = headlines(&run);
    let together = ["changed: docs/a.md, docs/b.md; ran 2 of 2 documents"];
    let apart = ["changed: docs/a.md; ran 1 of 2 documents", "changed: docs/b.md; ran 1 of 2 documents"];
    assert!(ran == apart || ran == together, "{run:?}");
    assert!(last(&run).contains("1 passed, 1 failed"), "{run:?}");
}
