//! One report of several Pythons: what is the same is told once, what differs says where.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::project::Project;
use crate::pythons::Two;

/// Fails in the newer one of two.
fn differing(two: Two) -> String {
    format!("import sys\nassert sys.version_info.minor < {}, 'too new'", two.newer.minor)
}

#[test]
fn a_failure_says_where() {
    let Some(two) = Two::of_machine("a_failure_says_where") else { return };
    let project = Project::document(&["print('fine')", &differing(two)]);
    let words = two.words();
    let (older, newer) = (&two.older.version, &two.newer.version);

    let run = project.run(&["run", "a.md", "--python", &words]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    for part in [
        format!("a.md:6  top::2  on {newer}  AssertionError: too new\n"),
        format!("\nFAIL a.md:6  top::2\n  fails on {newer}, passes on {older}\n"),
        format!("rerun: snipcheck run a.md:6 --python {words}\n"),
        "2 snippets in 1 document: 1 passed, 1 failed\n".to_owned(),
    ] {
        assert!(run.stdout.contains(&part), "{part}\n{}", run.stdout);
    }
    assert_eq!(run.stdout.matches("  python: CPython ").count(), 2, "{}", run.stdout);

    let run = project.json(&["a.md", "--python", &words]);
    run.tells(&["passed completed | stdout fine⏎", "failed raised | AssertionError: too new @7"]);
    let snippets = run.snippets();
    assert_eq!((&snippets[0]["python"], &snippets[0]["elsewhere"]), (&json!([older, newer]), &json!([])));
    assert_eq!(snippets[1]["python"], json!([newer]));
    let elsewhere = snippets[1]["elsewhere"].as_array().unwrap();
    assert_eq!(elsewhere.len(), 1);
    let passed = (&elsewhere[0]["python"], &elsewhere[0]["verdict"], &elsewhere[0]["text"]);
    assert_eq!(passed, (&json!([older]), &json!("passed"), &Value::Null));
    let summary = run.summary();
    assert_eq!(summary["pythons"].as_array().unwrap().len(), 2);
    assert_eq!(summary["python"], summary["pythons"][0]);
}

#[test]
fn the_same_failure_is_told_once() {
    let Some(two) = Two::of_machine("the_same_failure_is_told_once") else { return };
    let project = Project::document(&["raise ValueError(object())", "print(1)  # 2", "undefined_name"]);
    let run = project.run(&["run", "a.md", "--python", &two.words()]);
    let alike = format!("  fails on {}, {}\n", two.older.version, two.newer.version);
    assert_eq!(run.stdout.matches(&alike).count(), 3, "{}", run.stdout);
    assert_eq!(run.stdout.matches("\nFAIL ").count(), 3, "{}", run.stdout);
    assert!(run.stdout.contains("3 snippets in 1 document: 3 failed\n"), "{}", run.stdout);
    assert!(run.stdout.contains("  claims: 1 broken\n"), "{}", run.stdout);
}

#[test]
fn different_failures_are_told_apart() {
    let Some(two) = Two::of_machine("different_failures_are_told_apart") else { return };
    let project = Project::document(&["import sys\nraise ValueError(sys.version_info.minor)"]);
    let run = project.run(&["run", "a.md", "--python", &two.words()]);
    let (older, newer) = (two.older, two.newer);
    for (one, other) in [(older, newer), (newer, older)] {
        let block = format!(
            "\nFAIL a.md:2  top::1\n  fails on {}, in another way on {}\n  raised `ValueError: {}`\n",
            one.version, other.version, one.minor
        );
        assert!(run.stdout.contains(&block), "{block}{}", run.stdout);
    }
    assert!(run.stdout.contains("1 snippet in 1 document: 1 failed\n"), "{}", run.stdout);
}

#[test]
fn a_package_that_one_python_lacks_names_it() {
    let Some(two) = Two::of_machine("a_package_that_one_python_lacks_names_it") else { return };
    let code = format!("import sys\nif sys.version_info.minor == {}:\n    import numqy", two.newer.minor);
    let run = Project::document(&[&code]).run(&["run", "a.md", "--python", &two.words()]);
    let row = format!("numqy  1 snippet  (a.md) on {}  ", two.newer.version);
    assert!(run.stdout.contains(&row), "{}", run.stdout);
}

#[test]
fn a_false_claim_that_is_only_reported_is_counted_once() {
    let Some(two) = Two::of_machine("a_false_claim_that_is_only_reported_is_counted_once") else { return };
    let minor = two.older.minor;
    let project =
        Project::document(&[&format!("import sys\nprint(sys.hexversion >> 16 & 255 == {minor})  # True")]);
    let run = project.json(&["a.md", "--claims", "report", "--python", &two.words()]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let claims = &run.summary()["claims"];
    assert_eq!((&claims["holds"], &claims["broken"]), (&json!(0), &json!(1)), "{}", run.stdout);
}

#[test]
fn differences_between_pythons_are_named_as_such() {
    let Some(two) = Two::of_machine("differences_between_pythons_are_named_as_such") else { return };
    let code = "import sys\nprint('minor', sys.version_info.minor)\nprint(object())\nprint({'b', 'a', 'c'})";
    let project = Project::document(&[code]);
    let words = two.words();
    let repeated = ["--repeat", "6", "--vary", "--python", &words];
    let run = project.run(&[&["run", "a.md"], &repeated[..]].concat());
    let (older, newer) = (two.older, two.newer);
    let line =
        format!("a.md:3  Python version: stdout `{}`, on {} `{}`\n", older.minor, newer.version, newer.minor);
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert!(run.stdout.contains(&line), "{line}{}", run.stdout);
    assert_eq!(run.stdout.matches("Python version").count(), 1, "{}", run.stdout);

    let moved = project.json(&[&["a.md"], &repeated[..]].concat()).snippets()[0]["moved"].clone();
    let moved = moved.as_array().unwrap();
    let versions: Vec<&Value> = moved.iter().filter(|place| place["cause"] == "python-version").collect();
    assert_eq!(versions.len(), 1, "{moved:?}");
    assert_eq!(versions[0]["python"], json!(newer.version));
    assert!(
        moved.iter().any(|place| place["cause"] == "order" && place["python"] == Value::Null),
        "{moved:?}"
    );

    // Without `--vary` Pythons are not compared: only a document says what has to be the same.
    let run = project.json(&["a.md", "--repeat", "2", "--python", &words]);
    assert_eq!((run.code, &run.snippets()[0]["moved"]), (0, &json!([])));
}

#[test]
fn a_run_that_is_interrupted_tells_what_it_knows() {
    let Some(two) = Two::of_machine("a_run_that_is_interrupted_tells_what_it_knows") else { return };
    // Something is told of the first Python at once: that a document cannot be read in full.
    let project = Project::document(&["print('one')", "while True: pass"]);
    project.write("b.md", b"\xff\n");
    let words = two.words();
    let arguments =
        ["run", "--format", "json", "a.md", "b.md", "--clock", "real", "--timeout", "3s", "--python", &words];
    let mut running = project.call(&arguments).start();
    running.wait_for("is not UTF-8");
    running.signal(Signal::SIGINT);
    let run = running.finish();
    assert_eq!(run.code, 130, "{}", run.stdout);
    let snippets = run.snippets();
    assert_eq!(snippets.len(), 2, "{}", run.stdout);
    // The second Python has not begun.
    assert!(snippets.iter().all(|snippet| snippet["python"] == json!([two.older.version])), "{}", run.stdout);
}

#[test]
fn doctor_lists_each() {
    let Some(two) = Two::of_machine("doctor_lists_each") else { return };
    let project = Project::document(&["x = 1"]);
    project.write("pyproject.toml", versions(two));
    let run = two.call(&project, &["doctor"]).run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stdout.matches("\npython: CPython 3.").count(), 2, "{}", run.stdout);
    for python in [two.older, two.newer] {
        assert!(run.stdout.contains(&format!("python: CPython {}.", python.version)), "{}", run.stdout);
    }
}

fn versions(two: Two) -> String {
    format!("[tool.snipcheck]\npythons = ['{}', '{}']\n", two.older.version, two.newer.version)
}
