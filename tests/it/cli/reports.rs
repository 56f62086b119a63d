//! What people and programs read of a run.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use crate::project::{EXECUTABLE, Project, Run, document, search_path};

/// Times, and the Python of the machine, are the only things that two runs may tell differently.
#[track_caller]
fn snapshot(name: &str, run: &Run) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\[ +\d+\.\d{3}s\]", "[    time]");
    settings.add_filter(r"(?m)^  python: CPython \S+, its own packages$", "  python: [python]");
    settings.add_filter(r"(?m)^    /\S+, (?:embedded from /|hosted: ).+$", "    [place]");
    settings.set_omit_expression(true);
    settings
        .bind(|| insta::assert_snapshot!(name, format!("{}\nexit {}\n{}", run.stdout, run.code, run.stderr)));
}

fn mixed() -> Project {
    let first = document(&[
        "# A helper.\ndef halve(x):\n    if x % 2:\n        raise ValueError(f'{x} is odd')\n    return x // 2",
        "print('before')\nhalve(3)",
        "```python skip=\"needs a GPU\"\nimport gpu",
        "import not_there",
        "import sys\nprint('to stderr', file=sys.stderr)\nsys.exit(3)",
        "```python timeout=300ms\nwhile True: pass",
        "```python skp\n1",
    ]);
    Project::new(&[
        ("a.md", &first),
        ("b.md", &document(&["print('fine')"])),
        ("c.md", "```python\n>>> 1\n1\n```\n\n```python\nopen("),
    ])
}

#[test]
fn people_read_what_went_wrong() {
    snapshot("people", &mixed().run(&["run", "-j", "1", "."]));
}

#[test]
fn quiet_says_only_that() {
    snapshot("quiet", &mixed().run(&["run", "-j", "1", "-q", "."]));
}

#[test]
fn quiet_is_short_where_all_is_well() {
    let project = Project::document(&["print('fine')"]);
    let run = project.run(&["run", "-q", "a.md"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
}

#[test]
fn verbose_has_a_line_for_every_snippet() {
    snapshot(
        "verbose",
        &Project::document(&["print('one')", "```python skip\n1"]).run(&["run", "-v", "a.md"]),
    );
}

#[test]
fn color_is_for_terminals_or_on_request() {
    let project = Project::document(&["1 / 0"]);
    assert!(!project.run(&["run", "a.md"]).stdout.contains('\x1b'));
    let colored = project.run(&["run", "a.md", "--color", "always"]);
    assert!(colored.stdout.contains("\x1b["), "{}", colored.stdout);
    assert_eq!((colored.code, &*colored.stderr), (1, ""));
}

#[test]
fn color_is_forced_by_variables() {
    let project = Project::document(&["1 / 0"]);
    for (variables, colored) in [
        (&[("FORCE_COLOR", "1")][..], true),
        (&[("FORCE_COLOR", "yes"), ("TERM", "dumb")], true),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("FORCE_COLOR", "")], false),
        (&[("FORCE_COLOR", "0")], false),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
    ] {
        let call = project.call(&["run", "a.md"]);
        let run = variables.iter().fold(call, |call, (name, value)| call.env(name, value)).run();
        assert_eq!(run.stdout.contains("\x1b["), colored, "{variables:?}: {}", run.stdout);
    }
    let never = project.call(&["run", "a.md", "--color", "never"]).env("FORCE_COLOR", "1").run();
    assert!(!never.stdout.contains('\x1b'), "{}", never.stdout);
}

#[test]
fn many_failures_are_listed_at_the_end() {
    let failing = |count: usize| {
        let snippets: Vec<String> = (0..count).map(|n| format!("raise ValueError('number {n}')")).collect();
        document(&snippets.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let forged = document(&["raise ValueError('::error::boo\\n\\x1b[31m' + 'x' * 9000)"]);
    let project = Project::new(&[
        ("a.md", &failing(9)),
        ("b.md", &forged),
        ("c.md", &failing(1)),
        ("few.md", &failing(2)),
    ]);

    let run = project.run(&["run", "a.md", "b.md", "c.md"]);
    let (_, list) = run.stdout.split_once("\n11 failures\n").unwrap_or_else(|| panic!("{}", run.stdout));
    let lines: Vec<&str> = list.lines().take(12).collect();
    assert_eq!(lines[0], "  a.md:2  failed  ValueError: number 0");
    assert_eq!(lines[8], "  a.md:34  failed  ValueError: number 8");
    assert!(lines[9].starts_with("  b.md:2  failed  ValueError: "), "{}", lines[9]);
    assert!(lines[9].chars().count() < 1000 && !lines[9].contains('\x1b'), "{}", lines[9]);
    assert_eq!(lines[10..], ["  c.md:2  failed  ValueError: number 0", ""]);

    let short = project.run(&["run", "few.md"]);
    assert!(!short.stdout.contains(" failures\n"), "{}", short.stdout);
}

#[test]
fn a_list_is_a_table() {
    snapshot("list", &mixed().run(&["list", "."]));
}

#[test]
fn programs_read_one_ascii_object_a_line() {
    let run = mixed().run(&["run", "--format", "json", "."]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    assert!(run.stdout.is_ascii() && run.stdout.ends_with("}\n"));
    let events = run.events();
    let summary = &events[events.len() - 1];
    assert_eq!(summary["event"], "summary");
    assert_eq!(
        (&summary["documents"], &summary["sandbox"], &summary["problems"]),
        (&3.into(), &"a".into(), &1.into())
    );
    let keys = |event: &serde_json::Value| event.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let snippet = &run.snippets()[0];
    let mut promised = [
        "event",
        "id",
        "path",
        "line",
        "verdict",
        "ending",
        "cause",
        "exception",
        "value",
        "stdout",
        "stderr",
        "stdout_bytes",
        "stderr_bytes",
        "claims",
        "reasons",
        "clock",
        "wall_ms",
        "cpu_ms",
        "virtual_ms",
        "sandbox",
        "cached",
    ];
    promised.sort_unstable();
    assert!(promised.iter().all(|key| keys(snippet).iter().any(|known| known == key)), "{snippet}");
    assert!(snippet["wall_ms"].as_f64() >= Some(0.0));
}

#[test]
fn programs_are_told_of_a_snippet_as_soon_as_those_above_it_are_known() {
    let project = Project::new(&[("word.txt", "wait")]);
    let wait = "while 'go' not in open('word.txt').read(): pass";
    let snippets = ["print('first')", "print('second')", wait, "print('last')"];
    project.write("a.md", document(&snippets));
    let mut running = project.call(&["run", "--format", "json", "--timeout", "60s", "a.md"]).start();
    running.wait_for("a.md::top::2");

    // The third one runs until it is told of this.
    project.write("word.txt", "go");
    let run = running.finish();
    let ids: Vec<String> = run.snippets().iter().map(|snippet| snippet["id"].to_string()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"].map(|number| format!("\"a.md::top::{number}\"")));
    assert_eq!(run.code, 0, "{}", run.stdout);
}

#[test]
fn what_ends_early_waits_for_what_stands_above_it() {
    let project = Project::new(&[("word.txt", "wait")]);
    let wait = "```python isolated\nwhile 'go' not in open('word.txt').read(): pass";
    let large = "```python isolated\nprint('\\0' * 1_000_000)";
    project.write("a.md", document(&["```python isolated\n1", wait, large, large, large]));
    let mut running =
        project.call(&["run", "-j", "3", "--format", "json", "--timeout", "60s", "a.md"]).start();
    running.wait_for("a.md::top::1");
    project.write("word.txt", "go");
    let run = running.finish();
    let lines: Vec<u64> = run.snippets().iter().map(|snippet| snippet["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 6, 10, 14, 18]);
    assert!(run.snippets()[2..].iter().all(|snippet| snippet["stdout_bytes"] == 1_000_001), "{}", run.code);
}

#[test]
fn hostile_output_is_put_in_its_place() {
    let lines = [
        "print('\\x1b[2J\\x1b]0;title\\x07 red\\x1b[31m')",
        "print('::error file=x::boo\\n  ::set-output name=a::b\\n##[error]boo\\n##vso[task.complete]')",
        "print('a\\rb\\u2028c\\u202ed\\x9b0m\\x00')",
        "raise ValueError('::error::boo\\n\\x1b[31m\\n::warning::x')",
    ];
    let project = Project::document(&[&lines.join("\n")]);
    let run = project.run(&["run", "a.md"]);
    snapshot("hostile", &run);
    for bad in ['\x1b', '\x07', '\r', '\0', '\u{9b}', '\u{2028}', '\u{202e}'] {
        assert!(!run.stdout.contains(bad), "{bad:?} in {}", run.stdout);
    }
    for line in run.stdout.lines().map(str::trim_start) {
        assert!(!line.starts_with("::") && !line.contains("##[") && !line.contains("##vso["), "{line}");
    }
}

#[test]
fn hostile_source_is_put_in_its_place() {
    let project = Project::document(&["text = '\x1b[31m \u{202e} \u{9b}0m'\n# ##[error]boo\n1 / 0"]);
    let run = project.run(&["run", "a.md"]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    assert!(run.stdout.contains("ZeroDivisionError") && run.stdout.contains("1 / 0"), "{}", run.stdout);
    assert!(
        !run.stdout.contains(['\x1b', '\u{202e}', '\u{9b}']) && !run.stdout.contains("##["),
        "{}",
        run.stdout
    );
}

#[test]
fn hostile_names_are_put_in_their_place() {
    let project = Project::new(&[("\x1b[31m\n::error::a.md", &document(&["1 / 0"]))]);
    let run = project.run(&["run", "."]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    assert!(!run.stdout.contains('\x1b'), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| !line.starts_with("::")), "{}", run.stdout);
}

#[test]
fn a_reader_that_leaves_is_no_reason_to_shout() {
    let snippets: Vec<String> =
        (0..50).map(|number| format!("raise ValueError('{number}' * 3000)")).collect();
    let snippets: Vec<&str> = snippets.iter().map(String::as_str).collect();
    let project = Project::new(&[("a.md", &document(&snippets)), ("b.md", &document(&snippets))]);
    for format in ["json", "human"] {
        let mut command = std::process::Command::new(&*EXECUTABLE);
        command
            .args(["run", "-v", "--format", format, "-j", "1", "--timeout", "60s", "."])
            .current_dir(project.root());
        command
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", project.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = child.wait().unwrap();
        assert_eq!((&*stderr, line.is_empty()), ("", false), "{format}");
        assert!(status.code().is_some(), "{status}");
    }
}

#[test]
fn a_full_disk_is_said() {
    let project = Project::document(&["x = 1"]);
    let mut command = std::process::Command::new(&*EXECUTABLE);
    command.args(["run", "a.md"]).current_dir(project.root()).env_clear();
    command.env("PATH", search_path()).env("HOME", project.home());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), stderr.starts_with("error: cannot write")),
        (Some(1), true),
        "{stderr}"
    );
}

#[test]
fn without_a_sandbox_a_run_says_so() {
    let project =
        Project::document(&["import os\nprint(os.getcwd() != '/')", "open('made', 'w').write('x')"]);
    let run = project.json(&["--sandbox=off", "a.md"]);
    run.tells(&["passed completed | stdout True⏎", "passed completed | value 1"]);
    assert_eq!((&run.summary()["sandbox"], &run.snippets()[0]["sandbox"]), (&"off".into(), &"off".into()));
    assert_eq!(project.files().len(), 1, "nothing was written to the project");
    let run = project.run(&["run", "--sandbox=off", "a.md"]);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(
        run.stdout.starts_with("warning: the sandbox was off, snippets could do whatever you can\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn programs_get_what_people_read_of_a_failure() {
    let project = Project::document(&["print('before')\n1 / 0", "print(1)  # 1", "print(2)  # 1"]);
    let words = ["run", "a.md", "--timeout", "5s"];
    let people = project.run(&words).stdout;
    let events = project.run(&[&words[..], &["--format", "json", "--color", "always"]].concat()).events();

    let texts: Vec<Option<&str>> = events.iter().take(3).map(|event| event["text"].as_str()).collect();
    assert_eq!(texts.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true], "{texts:?}");
    for text in texts.iter().flatten() {
        let (text, rerun) = text.split_once("  rerun: ").unwrap();
        assert!(people.contains(text), "{text}\n{people}");
        assert!(rerun.contains("--timeout 5s"), "{rerun}");
    }
}
