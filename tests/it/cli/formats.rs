//! Several reports of one run, on standard output and in files.

use crate::project::{Project, document};

fn failing() -> Project {
    Project::document(&[
        "print('fine')",
        "x = 1\n1 / 0  # 2",
        "print('::error::forged')\nraise ValueError(']]>\\n::error::x')",
    ])
}

#[test]
fn one_run_has_many_reports() {
    let project = failing();
    let run = project.run(&[
        "run",
        "--format",
        "human",
        "--format",
        "junit=out.xml",
        "--format",
        "sarif=out.sarif",
        "--format",
        "gitlab=out.json",
        "--format",
        "tap=out.tap",
        "--format",
        "short=out.txt",
        "--format",
        "json=out.jsonl",
        "a.md",
    ]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    assert!(run.stdout.contains("Summary"), "{}", run.stdout);

    let short = project.read("out.txt");
    let lines: Vec<&str> = short.lines().collect();
    assert_eq!(lines.len(), 2, "{short}");
    assert!(lines[0].starts_with("a.md:7:1: error: "), "{short}");
    assert!(lines[1].starts_with("a.md:12:1: error: "), "{short}");

    let xml = project.read("out.xml");
    assert!(xml.contains("tests=\"3\"") && xml.contains("failures=\"2\""), "{xml}");
    let tap = project.read("out.tap");
    assert!(tap.starts_with("TAP version 14\n1..3\nok 1 - a.md::top::1\nnot ok 2 - a.md::top::2\n"), "{tap}");
    let sarif: serde_json::Value = serde_json::from_str(&project.read("out.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    let issues: serde_json::Value = serde_json::from_str(&project.read("out.json")).unwrap();
    assert_eq!(issues.as_array().unwrap().len(), 2);
    assert_eq!(project.read("out.jsonl").lines().count(), 4);
}

#[test]
fn annotations_go_beside_what_people_read() {
    let project = failing();
    project.write("summary.md", "before\n");
    let summary = project.path("summary.md");
    let call = project.call(&["run", "--format", "human", "--format", "github", "a.md"]);
    let run = call.env("GITHUB_STEP_SUMMARY", &summary).run();

    assert_eq!(run.code, 1);
    assert!(!run.stdout.lines().any(|line| line.starts_with("::")), "{}", run.stdout);
    let commands: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(commands.len(), 2, "{}", run.stderr);
    assert!(
        commands[0].starts_with("::error file=a.md,line=7,col=1,title=snipcheck%3A top%3A%3A2::"),
        "{commands:?}"
    );
    assert!(commands[1].starts_with("::error file=a.md,line=12,col=1,"), "{commands:?}");
    assert!(
        project
            .read("summary.md")
            .starts_with("before\n## snipcheck\n\n3 snippets in 1 document: 1 passed, 2 failed")
    );
}

#[test]
fn annotations_alone_are_on_standard_output() {
    let run = failing().run(&["run", "--format", "github", "a.md"]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    assert!(run.stdout.lines().all(|line| line.starts_with("::error ")), "{}", run.stdout);
}

#[test]
fn a_folder_that_is_missing_is_named_before_anything_runs() {
    let project = Project::new(&[("a.md", &document(&["print('ran')"]))]);
    let run = project.run(&["run", "--format", "human", "--format", "junit=gone/out.xml", "a.md"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(
        run.stderr.contains("cannot write the report `gone/out.xml`: there is no folder `gone`"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_report_replaces_a_link_and_leaves_its_target_alone() {
    let project = Project::new(&[("a.md", &document(&["print('ran')"])), ("kept.txt", "mine")]);
    std::os::unix::fs::symlink(project.path("kept.txt"), project.path("out.tap")).unwrap();
    let run = project.run(&["run", "--format", "tap=out.tap", "a.md"]);
    assert_eq!((run.code, &*run.stdout, &*run.stderr), (0, "", ""));
    assert_eq!(project.read("kept.txt"), "mine");
    assert!(project.read("out.tap").starts_with("TAP version 14\n"));
}

/// Build servers look from the root of the repository, editors from where the caller is.
#[test]
fn paths_are_those_of_who_reads_them() {
    let project = Project::new(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("book/pyproject.toml", "[tool.snipcheck]\n"),
        ("book/pages/a.md", &document(&["print(1)  # 2"])),
    ]);
    let words = [
        "run",
        "--format",
        "short",
        "--format",
        "github=../out.txt",
        "--format",
        "gitlab=../out.json",
        "a.md",
    ];
    let mut call = project.call(&words);
    call.command().current_dir(project.path("book/pages"));
    let run = call.run();

    assert!(run.stdout.starts_with("../pages/a.md:2:1: error: "), "{run:?}");
    let written = std::fs::read_to_string(project.path("book/out.txt")).unwrap();
    assert!(written.starts_with("::error file=book/pages/a.md,line=2,"), "{written}");
    let written = std::fs::read_to_string(project.path("book/out.json")).unwrap();
    assert!(written.contains("\"path\":\"book/pages/a.md\""), "{written}");
}

#[test]
fn a_device_is_not_replaced_by_a_report() {
    let project = Project::new(&[("a.md", &document(&["print(1)"]))]);
    let run = project.run(&["run", "--format", "tap=/dev/null", "a.md"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(
        run.stderr.contains("cannot write the report `/dev/null`: it is there, and is no file"),
        "{}",
        run.stderr
    );
}
