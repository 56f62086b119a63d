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
