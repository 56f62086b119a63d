//! Which sandbox a machine grants, found out by attacking it: shown by `doctor`, remembered by `run`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::project::{Call, Project, Run};

/// Without what differs between machines: paths, the Python; and without the layers, which the threat model shows.
fn snapshot(name: &str, run: &Run) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"(?m)^snipcheck \S+$", "snipcheck [version]");
    settings.add_filter(r"(?m)^python: CPython \S+, its own packages\n  /.+$", "python: [python]");
    settings.add_filter(r"(?m)^(sandbox: .*\n)(?:  .*\n)+", "$1  [layers]\n");
    settings.add_filter(r"(?m)^hint: .+", "hint: [remedy]");
    settings.add_filter(r"(?m)^(  (?:/|\[project\]).*\n)+", "  [folders]\n");
    settings.set_omit_expression(true);
    assert!(run.stdout.contains("\n  [project]"), "{}", run.stdout);
    settings.bind(|| insta::assert_snapshot!(name, run.stdout));
}

/// The page for readers shows what each tier consists of.
#[track_caller]
fn tells_what_the_threat_model_shows(run: &Run, sandbox: &str) {
    let layers = |text: &str| -> Vec<String> {
        let section = text.lines().skip_while(|line| *line != sandbox);
        let rows = section.skip(1).take_while(|line| line.starts_with("  "));
        rows.filter(|row| !row.starts_with("  user ")).map(str::to_owned).collect()
    };
    let shown = layers(include_str!("../../../docs/threat-model.md"));
    assert!(!shown.is_empty(), "no `{sandbox}` in the threat model");
    assert_eq!(layers(&run.stdout), shown);
}

fn empty() -> Project {
    Project::new(&[])
}

#[test]
fn with_namespaces() {
    let run = empty().run(&["doctor"]);
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    tells_what_the_threat_model_shows(&run, "sandbox: tier A, with namespaces");
    snapshot("tier_a", &run);
}

#[test]
fn without_namespaces() {
    let run = empty().call(&["doctor"]).contained().run();
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    tells_what_the_threat_model_shows(&run, "sandbox: tier B, without namespaces");
    snapshot("tier_b", &run);
    let hint = run.stdout.lines().find(|line| line.starts_with("hint: ")).unwrap();
    assert!(!hint.contains('…') && !hint.contains("--sandbox=off"), "{hint}");
}

/// Without a sandbox the attacks get through: they would be noticed.
#[test]
fn without_a_sandbox() {
    let run = empty().run(&["doctor", "--sandbox=off"]);
    assert_eq!((run.code, &*run.stderr), (5, ""), "{}", run.stdout);
    for attack in [
        "read a file of the machine",
        "write a file of the machine",
        "reach a service of the machine",
        "reach an abstract socket of the machine",
        "read another process's variables",
        "signal a process outside",
        "trace a process",
        "take memory that nobody counts",
    ] {
        assert!(run.stdout.contains(attack), "{attack} in {}", run.stdout);
    }
    assert!(run.stdout.contains("sandbox: none: snippets can do whatever you can\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\nreadable in a session is whatever you can read\n"), "{}", run.stdout);
}

#[test]
fn a_sandbox_that_cannot_be_had() {
    let run = empty().call(&["doctor", "--sandbox=require-a"]).contained().run();
    assert_eq!((run.code, &*run.stdout), (5, ""));
    let [error, hint] = &run.stderr.lines().collect::<Vec<_>>()[..] else { panic!("{}", run.stderr) };
    assert_eq!(*error, "error: cannot make namespaces: Operation not permitted (os error 1)");
    assert!(
        hint.ends_with("; or `--sandbox=auto` runs documents that you trust in a weaker sandbox"),
        "{hint}"
    );
}

#[test]
fn wrong_words() {
    let run = empty().run(&["doctor", "--sandbox=b"]);
    assert_eq!((run.code, &*run.stdout), (2, ""), "{}", run.stderr);
}

fn memory(project: &Project) -> PathBuf {
    project.memory().join("self-test.json")
}

#[track_caller]
fn runs(call: Call<'_>) {
    call.run().tells(&["passed completed | stdout runs⏎"]);
}

const RUN: &[&str] = &["run", "--format", "json", "a.md"];
const DOCUMENT: &[(&str, &str)] = &[("a.md", "```python\nprint('runs')\n```\n")];

/// Files are replaced as a whole, so another one means another test.
#[test]
fn what_held_is_not_tried_again() {
    let project = Project::unknown(DOCUMENT);
    runs(project.call(RUN));
    let first = fs::metadata(memory(&project)).unwrap();
    runs(project.call(RUN));
    let second = fs::metadata(memory(&project)).unwrap();
    assert_eq!((first.ino(), first.ctime_nsec()), (second.ino(), second.ctime_nsec()));
    runs(project.call(&[RUN, &["--network", "host"]].concat()));
    let other = fs::metadata(memory(&project)).unwrap();
    assert!(other.size() > second.size(), "another sandbox is another test");
}

#[test]
fn a_broken_memory_is_none() {
    let project = Project::unknown(DOCUMENT);
    for text in ["", "{", "[1]", "\0\u{1}", "{\"x\": \"c\"}"] {
        fs::create_dir_all(memory(&project).parent().unwrap()).unwrap();
        fs::write(memory(&project), text).unwrap();
        runs(project.call(RUN));
        let text = fs::read_to_string(memory(&project)).unwrap();
        assert!(text.ends_with(r#":"a"}"#), "{text}");
    }
}

#[test]
fn a_memory_that_cannot_be_written_is_no_error() {
    let project = Project::unknown(DOCUMENT);
    fs::write(project.home().join("cache"), "a file").unwrap();
    runs(project.call(RUN));
    assert_eq!(fs::read_to_string(project.home().join("cache")).unwrap(), "a file");
}

/// A machine that starts to grant namespaces, or ceases to, is another machine.
#[test]
fn what_a_machine_grants_is_noticed() {
    let project = Project::document(&["print('runs')"]);
    let tier = |call: Call<'_>| {
        let run = call.run();
        run.tells(&["passed completed | stdout runs⏎"]);
        run.summary()["sandbox"].as_str().unwrap().to_owned()
    };
    let tiers = [
        tier(project.call(RUN).ordinary()),
        tier(project.call(RUN).ordinary().contained_as_caller()),
        tier(project.call(RUN).ordinary()),
    ];
    assert_eq!(tiers, ["a", "b", "a"]);
}

#[test]
fn limits_that_are_too_low_for_it_do_not_fail_it() {
    let project = Project::document(&["print('runs')"]);
    let run = project.call(&[RUN, &["--limit", "memory=1MiB", "--limit", "tasks=1"]].concat()).run();
    assert!(run.code < 2, "{run:?}");
    assert!(memory(&project).is_file(), "it held");
}
