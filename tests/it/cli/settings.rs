//! `[tool.snipcheck]`, flags and variables: where they are found, what they change, what is said of a slip.

use crate::project::{Project, document};

#[track_caller]
fn refused(settings: &str, stderr: &str) {
    let project = Project::document(&["print('never')"]);
    project.write("pyproject.toml", format!("[project]\nname = 'x'\n\n[tool.snipcheck]\n{settings}\n"));
    for verb in ["run", "list", "accept", "pending", "reject"] {
        project.run(&[verb]).assert(2, "", stderr);
    }
}

#[test]
fn an_unknown_key_names_the_nearest() {
    refused(
        "shar = 'none'",
        "error: [project]/pyproject.toml:5: unknown key `shar`\nhint: did you mean `share`?\n",
    );
}

#[test]
fn a_wrong_value_says_what_is_expected() {
    refused(
        "share = 'chapter'",
        "error: [project]/pyproject.toml:5: expected one of `document`, `section`, `none` for `share`, found `chapter`\n",
    );
}

#[test]
fn settings_that_are_wrong_steer_no_terminal() {
    refused(
        r#""\u001b[31mred\n::error::x\nhint: this" = 1"#,
        "error: [project]/pyproject.toml:5: unknown key `\\x1b[31mred\n  │ :\\:error::x\n  │ hint: this`\n\
         hint: known keys: paths, exclude, share, snapshots, claims, timeout, run-timeout, python, pythons, pythonpath, redactions, \
         setup, files, allow-suspicious, markdown, unlabelled, doctest_optionflags, jobs, limits, env, readable, network, clock\n",
    );
}

#[test]
fn broken_settings_are_located() {
    let project = Project::document(&["print('never')"]);
    project.write("pyproject.toml", "[tool.snipcheck]\nshare = \n");
    let run = project.run(&["run"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(run.stderr.starts_with("error: [project]/pyproject.toml:2: invalid TOML"), "{}", run.stderr);
}

#[test]
fn a_wrong_flag_is_usage() {
    let project = Project::document(&["print('never')"]);
    for arguments in [
        &["run", "--shar", "none"][..],
        &["run", "--share", "chapter"],
        &["run", "-q", "-v"],
        &["run", "--timeout", "soon"],
        &["run", "-j", "0"],
    ] {
        let run = project.run(arguments);
        assert_eq!((run.code, &*run.stdout), (2, ""), "{arguments:?}");
        assert!(run.stderr.starts_with("error: "), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_wrong_variable_is_named() {
    let run = Project::document(&["print('never')"]).call(&["run"]).env("SNIPCHECK_JOBS", "many").run();
    let because = "  because: expected a whole number above 0\n";
    run.assert(2, "", &format!("error: invalid value `many` in `SNIPCHECK_JOBS`\n{because}"));
}

#[test]
fn settings_of_a_folder_above_hold() {
    let project = Project::new(&[
        ("pyproject.toml", "[tool.snipcheck]\npaths = ['guide']\nshare = 'none'\n"),
        ("README.md", "```python\n1 / 0\n```\n"),
        ("guide/a.md", &document(&["x = 1", "print('x' in globals())"])),
        ("guide/deep/pyproject.toml", "[project]\nname = 'other'\n"),
    ]);
    let expected = ["passed completed", "passed completed | stdout False⏎"];
    project.json(&[]).tells(&expected);
    let run = project.call(&["run", "--format", "json"]).within("guide/deep").run();
    run.tells(&expected);
    assert_eq!(run.snippets()[0]["path"], "guide/a.md");
    let run = project.call(&["run", "--format", "json", "../a.md:6"]).within("guide/deep").run();
    run.tells(&expected[1..]);
}

#[test]
fn excluded_documents_do_not_run() {
    let project = Project::new(&[
        ("pyproject.toml", "[tool.snipcheck]\npaths = ['docs']\nexclude = ['docs/drafts', '**/old.md']\n"),
        ("docs/a.md", "```python\nprint('a')\n```\n"),
        ("docs/drafts/b.md", "```python\n1 / 0\n```\n"),
        ("docs/old.md", "```python\n1 / 0\n```\n"),
    ]);
    project.json(&[]).tells(&["passed completed | stdout a⏎"]);
    let named = project.json(&["docs/old.md"]);
    assert_eq!(named.code, 1, "a document that is named runs: {}", named.stdout);
}

#[test]
fn usual_documents_can_be_excluded() {
    let project = Project::new(&[
        ("pyproject.toml", "[tool.snipcheck]\nexclude = ['README.md', 'docs/old']\n"),
        ("README.md", "```python\n1 / 0\n```\n"),
        ("docs/a.md", "```python\nprint('a')\n```\n"),
        ("docs/old/b.md", "```python\n1 / 0\n```\n"),
    ]);
    project.json(&[]).tells(&["passed completed | stdout a⏎"]);
    assert_eq!(project.json(&["README.md"]).code, 1, "a document that is named runs");
}

#[test]
fn a_table_under_a_misspelt_name_is_named() {
    for (text, told) in [
        (
            "[tool.snipchek]\ntimeout = '3s'\n",
            "problem pyproject.toml:1 `[tool.snipchek]` is no table of snipcheck's",
        ),
        (
            "[tool.x]\n[tool.Snipcheck]\n",
            "problem pyproject.toml:2 `[tool.Snipcheck]` is no table of snipcheck's",
        ),
        ("[snipcheck]\n", "problem pyproject.toml:1 `[snipcheck]` is no table of snipcheck's"),
    ] {
        let project = Project::document(&["print('runs')"]);
        project.write("pyproject.toml", text);
        let told = format!("{told} | hint the settings stand in `[tool.snipcheck]`");
        project.json(&["a.md"]).tells(&[&told, "passed completed | stdout runs⏎"]);
    }
    let project = Project::document(&["print('runs')"]);
    project.write("pyproject.toml", "[tool.spellcheck]\n[project]\nname = 'snipcheck'\n");
    project.json(&["a.md"]).tells(&["passed completed | stdout runs⏎"]);
}

#[test]
fn the_command_that_repeats_a_failure_has_its_flags() {
    let project = Project::document(&["x = 1", "x"]);
    let words = [
        "run",
        "a.md",
        "-j",
        "1",
        "--share",
        "none",
        "--env",
        "TOKEN=secret",
        "--timeout=5s",
        "--snapshots",
        "optional",
    ];
    let run = project.run(&words);
    let told =
        "  rerun: snipcheck run a.md:6 --share none --env 'TOKEN=…' --timeout=5s --snapshots optional\n";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    assert!(!run.stdout.contains("secret"), "{}", run.stdout);
}

#[test]
fn flags_win_over_variables_over_settings() {
    let project = Project::document(&["while True: pass"]);
    project.write("pyproject.toml", "[tool.snipcheck]\ntimeout = '700ms'\n");
    for (variable, flag, limit) in
        [(None, None, "0.7"), (Some("0.4"), None, "0.4"), (Some("9"), Some("300ms"), "0.3")]
    {
        let mut words = vec!["run", "--format", "json", "a.md"];
        words.extend(flag.iter().flat_map(|flag| ["--timeout", flag]));
        let mut call = project.call(&words);
        if let Some(value) = variable {
            call = call.env("SNIPCHECK_TIMEOUT", value);
        }
        let story =
            format!("failed timed-out | cause wall over {limit} s | - took more than {limit} s of wall time");
        call.run().tells(&[&story]);
    }
}

#[test]
fn settings_cannot_lengthen_the_time() {
    let project = Project::document(&["print('runs')"]);
    project.write("pyproject.toml", "[tool.snipcheck]\ntimeout = '60s'\n");
    project.json(&["a.md"]).tells(&[
        "problem pyproject.toml:2 `timeout` asks for 60s, settings can give 10s at most | \
         hint `--timeout 60s` gives it; `--trust` lets the project's own settings widen",
        "passed completed | stdout runs⏎",
    ]);
}

#[test]
fn the_run_has_a_time_limit() {
    let project = Project::document(&["print('first')", "while True: pass", "print('never')"]);
    let run = project.json(&["a.md", "--run-timeout", "2s", "--timeout", "50s"]);
    let [first, stopped, never] = &run.snippets()[..] else { panic!("{run:?}") };
    assert_eq!(first["verdict"], "passed");
    assert_eq!(
        (&stopped["verdict"], &stopped["reasons"].to_string().contains("the run reached its time limit")),
        (&"failed".into(), &true),
        "{stopped}"
    );
    assert_eq!((&never["verdict"], &never["ending"]), (&"failed".into(), &"not-run".into()));
    assert_eq!((run.code, &*run.stderr), (1, ""));
}

#[test]
fn redactions_hide_what_may_change() {
    let project = Project::document(&["import uuid\nprint('request', uuid.uuid4())"]);
    project.write(
        "pyproject.toml",
        "
        [tool.snipcheck]
        redactions = [{ pattern = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', replacement = '[uuid]' }]

    ",
    );
    assert_eq!(project.run(&["accept", "a.md"]).code, 0);
    assert!(project.read("expected/a.md/top-1.snap").ends_with("request [uuid]\n"));
    let again = project.json(&["a.md", "--check"]);
    assert_eq!((again.code, &again.snippets()[0]["verdict"]), (0, &"passed".into()));
}

#[test]
fn settings_ask_for_every_snippet() {
    let project = Project::new(&[
        ("a.md", &document(&["print(name, open('data.txt').read())"])),
        ("pyproject.toml", "[tool.snipcheck]\nsetup = ['names']\nfiles = ['data.txt']\n"),
        ("fixtures/names.py", "name = 'ours'\n"),
        ("fixtures/data.txt", "data"),
    ]);
    project.json(&["a.md"]).tells(&["passed completed | stdout ours data⏎"]);
}

#[test]
fn help_and_version_are_results() {
    let project = Project::new(&[]);
    let run = project.run(&["--version"]);
    run.assert(0, &format!("snipcheck {}\n", env!("CARGO_PKG_VERSION")), "");
    for arguments in [&["--help"][..], &["run", "--help"], &["help", "accept"]] {
        let run = project.run(arguments);
        assert_eq!((run.code, &*run.stderr), (0, ""), "{arguments:?}");
        assert!(run.stdout.contains("Usage: snipcheck"), "{}", run.stdout);
    }
}
