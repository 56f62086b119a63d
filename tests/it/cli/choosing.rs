//! Flags for build servers: what takes part in a run, and when a run ends.

use crate::project::{Project, document};

#[test]
fn a_run_without_snippets_is_what_the_caller_says() {
    let project = Project::new(&[("a.md", "Only words.\n"), ("b.md", &document(&["1 / 0"]))]);
    let warning = "warning: there was no Python snippet to run\n";
    for (mode, code, stderr) in [
        (None, 4, ""),
        (Some("--no-tests=fail"), 4, ""),
        (Some("--no-tests=warn"), 0, warning),
        (Some("--no-tests=pass"), 0, ""),
    ] {
        for format in ["human", "json"] {
            let words: Vec<&str> = ["run", "a.md", "--format", format].into_iter().chain(mode).collect();
            let run = project.run(&words);
            assert_eq!((run.code, &*run.stderr), (code, stderr), "{words:?}\n{}", run.stdout);
            if format == "json" {
                assert_eq!(run.summary()["exit_code"], code, "{words:?}");
            }
        }
    }

    // Neither a failure nor a problem is hidden by it.
    let failing = project.run(&["run", "--no-tests=warn", "b.md"]);
    assert_eq!((failing.code, &*failing.stderr), (1, ""), "{}", failing.stdout);
    let missing = project.run(&["run", "--no-tests=pass", "c.md"]);
    assert_eq!(missing.code, 1, "{}", missing.stdout);
}

#[test]
fn named_documents_are_excluded_on_request() {
    let settings = "[tool.snipcheck]\nexclude = ['drafts']\n";
    let files =
        [("a.md", &*document(&["1"])), ("drafts/b.md", &document(&["1 / 0"])), ("pyproject.toml", settings)];
    let project = Project::new(&files);

    assert_eq!(project.run(&["run", "a.md", "drafts/b.md"]).code, 1);
    for named in ["drafts/b.md", "drafts", "drafts/b.md:2"] {
        let run = project.json(&["--force-exclude", "a.md", named]);
        run.tells(&["passed completed | value 1"]);
        assert_eq!((run.code, &*run.stderr), (0, ""), "{named}: {}", run.stdout);
    }

    let nothing = ["run", "--force-exclude", "drafts/b.md"];
    assert_eq!(project.run(&nothing).code, 4);
    assert_eq!(project.run(&[&nothing[..], &["--no-tests=pass"]].concat()).code, 0);
}

/// How the documents of a run ended that fails in the first two of four.
#[track_caller]
fn ended_early(words: &[&str], expected: [&str; 4]) {
    let failing = document(&["1 / 0", "'of the same session'"]);
    let passing = document(&["'fine'"]);
    let project =
        Project::new(&[("a.md", &failing), ("b.md", &failing), ("c.md", &passing), ("d.md", &passing)]);
    let run = project.json(&[&["-j", "1", "."], words].concat());
    let mut endings: Vec<(String, String)> = run
        .snippets()
        .iter()
        .map(|snippet| ["id", "ending"].map(|key| snippet[key].as_str().unwrap().to_owned()).into())
        .filter(|(id, _): &(String, String)| id.ends_with("::1"))
        .collect();
    endings.sort();
    let endings: Vec<&str> = endings.iter().map(|(_, ending)| &**ending).collect();
    assert_eq!((endings, run.code), (expected.to_vec(), 1), "{words:?}: {}", run.stdout);
}

#[test]
fn no_session_starts_after_enough_failures() {
    ended_early(&["-x"], ["raised", "not-run", "not-run", "not-run"]);
    ended_early(&["--max-fail", "1"], ["raised", "not-run", "not-run", "not-run"]);
    ended_early(&["--max-fail=2"], ["raised", "raised", "not-run", "not-run"]);
    ended_early(&["--max-fail=3"], ["raised", "raised", "completed", "completed"]);
}

#[test]
fn a_run_that_ends_early_says_what_did_not_run() {
    let project = Project::new(&[
        ("a.md", &document(&["1 / 0", "print('goes on')  # goes on"])),
        ("b.md", &document(&["2", "3"])),
    ]);
    let run = project.run(&["run", "-j", "1", "-x", "."]);
    let left =
        "2 snippets did not run: as many snippets had failed as `--max-fail` allows\n  b.md:2\n  b.md:6\n";
    assert!(run.stdout.contains(left), "{}", run.stdout);
    assert!(run.stdout.contains("1 passed, 3 failed (2 not run)"), "{}", run.stdout);
    assert_eq!((run.code, &*run.stderr), (1, ""));

    // They are what a next run begins with.
    let next = project.json(&["--last-failed", "."]);
    assert_eq!(next.snippets().len(), 3, "{}", next.stdout);
}
