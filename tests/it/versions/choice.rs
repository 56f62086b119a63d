//! Which Pythons a run has: named by the caller or by the settings, and what cannot be had.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::project::{PYTHON, Project, VERSION};
use crate::pythons::Two;

/// The minor versions that ran.
#[track_caller]
fn ran(snippet: &Value) -> Vec<String> {
    let pythons = snippet["python"].as_array().unwrap();
    pythons.iter().map(|python| python.as_str().unwrap().to_owned()).collect()
}

#[test]
fn pythons_are_named_in_one_word_or_in_several() {
    let Some(two) = Two::of_machine("pythons_are_named_in_one_word_or_in_several") else { return };
    let project = Project::document(&["print('x')"]);
    let (older, newer) = (two.older.version.as_str(), two.newer.version.as_str());
    let [listed, spaced, turned] =
        [format!("{older},{newer}"), format!(" {older}, {newer},"), format!("{newer},{older}")];
    for (words, expected) in [
        (vec!["--python", listed.as_str()], [older, newer]),
        (vec!["--python", spaced.as_str()], [older, newer]),
        (vec!["--python", turned.as_str()], [newer, older]),
        (vec!["--python", older, "--python", newer], [older, newer]),
        (vec!["--python", listed.as_str(), "--python", newer], [older, newer]),
    ] {
        let run = two.call(&project, &[&["run", "--format", "json", "a.md"], &words[..]].concat()).run();
        assert_eq!(
            (run.code, ran(&run.snippets()[0])),
            (0, expected.map(str::to_owned).to_vec()),
            "{words:?}"
        );
    }
    let call = two.call(&project, &["run", "--format", "json", "a.md"]).env("SNIPCHECK_PYTHON", &listed);
    assert_eq!(ran(&call.run().snippets()[0]), [older, newer]);
}

#[test]
fn settings_name_versions_and_environments() {
    let Some(two) = Two::of_machine("settings_name_versions_and_environments") else { return };
    let project = Project::document(&["import sys\nprint(sys.prefix != sys.base_prefix)"]);
    let made = std::process::Command::new(&two.newer.executable)
        .args(["-m", "venv", "--without-pip"])
        .arg(project.path(".venv-new"))
        .status()
        .unwrap();
    assert!(made.success());
    let (older, newer) = (&two.older.version, &two.newer.version);
    project.write("pyproject.toml", format!("[tool.snipcheck]\npythons = ['{older}', '.venv-new']\n"));

    let run = two.call(&project, &["run", "--format", "json", "a.md"]).run();
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    assert_eq!(ran(&run.snippets()[0]), [older.as_str(), newer.as_str()]);
    let pythons = run.summary()["pythons"].clone();
    assert_eq!((&pythons[0]["environment"], &pythons[1]["environment"]), (&Value::Null, &json!(".venv-new")));

    // What the project lists holds for whoever works in an environment; the caller's own word is nearer.
    let call = two.call(&project, &["run", "--format", "json", "a.md"]);
    let run = call.env("VIRTUAL_ENV", project.path(".venv-new")).run();
    assert_eq!(ran(&run.snippets()[0]), [older.as_str(), newer.as_str()]);
    let run = two.call(&project, &["run", "--format", "json", "a.md", "--python", newer]).run();
    assert_eq!(ran(&run.snippets()[0]), [newer.as_str()]);
}

#[test]
fn a_version_that_cannot_be_had_is_one_sentence() {
    let project = Project::document(&["print('never')"]);
    let missing = "no Python 3.99 on `PATH`, nor where uv, pyenv and conda install it\n";
    let listed = format!("{},3.99", &*VERSION);
    let run = project.run(&["run", "a.md", "--python", &listed]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(run.stderr.starts_with(&format!("error: {missing}hint: ")), "{}", run.stderr);

    let settings = |pythons: &str| format!("[tool.snipcheck]\nshare = 'none'\npythons = {pythons}\n");
    for (pythons, message) in [
        (format!("['{}', '3.99']", &*VERSION), missing),
        (
            "['3.9']".to_owned(),
            "snippets need Python 3.11 or newer, `3.9` in `pythons` asks for an older one\n",
        ),
        ("[]".to_owned(), "expected at least one Python for `pythons`, found an array\n"),
        ("['3.12']\npython = '.venv'".to_owned(), ""),
    ] {
        project.write("pyproject.toml", settings(&pythons));
        for verb in ["run", "accept", "doctor", "list"] {
            let run = project.run(&[verb]);
            // A listing of one Python says nothing of it.
            if verb == "list" && pythons == "['3.9']" {
                continue;
            }
            assert_eq!((run.code, &*run.stdout), (2, ""), "{verb} {pythons}");
            let line = if message.is_empty() { 4 } else { 3 };
            let said = format!("error: [project]/pyproject.toml:{line}: {message}");
            assert!(run.stderr.starts_with(&said), "{verb} {said} {}", run.stderr);
        }
    }
}

#[test]
fn a_minor_version_is_named_once() {
    let project = Project::document(&["print('never')"]);
    let environment = project.path("env");
    let made = std::process::Command::new(&*PYTHON)
        .args(["-m", "venv", "--without-pip"])
        .arg(&environment)
        .status()
        .unwrap();
    assert!(made.success());
    let run = project.run(&["run", "a.md", "--python", &format!("{},env", &*PYTHON)]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    let said = format!("[project]/env/bin/python` are Python {}: name each minor version once\n", &*VERSION);
    assert!(run.stderr.starts_with("error: both `") && run.stderr.ends_with(&said), "{}", run.stderr);
}

/// Settings may come from strangers: they name versions and environments, never what is started.
#[test]
fn settings_start_nothing_of_the_checkout() {
    let project = Project::document(&["print('never')"]);
    project.write("tools/python3.12", "#!/bin/sh\ntouch started\n");
    fs::set_permissions(project.path("tools/python3.12"), fs::Permissions::from_mode(0o755)).unwrap();
    for python in ["tools/python3.12", "./tools/python3.12", "/usr/bin/python3"] {
        project.write("pyproject.toml", format!("[tool.snipcheck]\npythons = ['{python}']\n"));
        let run = project.run(&["run", "a.md"]);
        assert_ne!(run.code, 0, "{python}");
        assert!(!project.path("started").exists() && !project.path("tools/started").exists(), "{python}");
    }

    // Nor is a version found there.
    project.write("pyproject.toml", "[tool.snipcheck]\npythons = ['3.12']\n");
    let run = project.call(&["run", "a.md"]).env("PATH", project.path("tools")).run();
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(!project.path("started").exists(), "{}", run.stderr);
}
