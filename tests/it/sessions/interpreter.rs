//! Whose packages snippets import: environments, the projects they point to, and those that cannot be used.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::project::{PYTHON, Project, RELEASE, Run, VERSION, document, search_path};

const LOOK: &str = "
    import greeting, sys
    print(greeting.WORD, sys.prefix != sys.base_prefix)
    print(sys.prefix)
    print(sys.executable)
";

/// A document that imports a package which only the environment at `path` has.
fn with_environment(path: &str) -> Project {
    let project = Project::document(&[LOOK]);
    environment(&project, path);
    let packages = format!("{path}/lib/python{VERSION}/site-packages");
    project.write(&format!("{packages}/greeting.py"), "WORD = 'hello'\n");
    project
}

pub(crate) fn environment(project: &Project, path: &str) {
    let made = Command::new(&*PYTHON)
        .args(["-m", "venv", "--without-pip"])
        .arg(project.path(path))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[track_caller]
fn looks_as_in(project: &Project, call: crate::project::Call<'_>, path: &str) {
    let run = call.run();
    let snippets = run.snippets();
    let stdout = snippets[0]["stdout"].as_str().unwrap();
    let prefix = project.path(path).to_str().unwrap().replace(project.root().to_str().unwrap(), "[project]");
    assert_eq!(stdout, format!("hello True\n{prefix}\n{prefix}/bin/python\n"), "{}", run.stdout);
    assert_eq!((run.code, &*run.stderr), (0, ""));
}

#[test]
fn an_activated_environment_is_used() {
    let project = with_environment("env");
    let call = project.call(&["run", "--format", "json", "a.md"]).env("VIRTUAL_ENV", project.path("env"));
    looks_as_in(&project, call, "env");
}

#[test]
fn a_nearby_environment_is_used() {
    let project = with_environment(".venv");
    looks_as_in(&project, project.call(&["run", "--format", "json", "a.md"]), ".venv");
}

#[test]
fn the_caller_chooses_an_environment() {
    let project = with_environment("env");
    for word in ["env", "env/bin/python", "./env"] {
        looks_as_in(&project, project.call(&["run", "--format", "json", "a.md", "--python", word]), "env");
    }
    let variable =
        project.call(&["run", "--format", "json", "a.md"]).env("SNIPCHECK_PYTHON", project.path("env"));
    looks_as_in(&project, variable, "env");
}

#[test]
fn settings_name_an_environment() {
    let project = with_environment("env");
    project.write("pyproject.toml", "[tool.snipcheck]\npython = 'env'\n");
    looks_as_in(&project, project.call(&["run", "--format", "json", "a.md"]), "env");
}

#[test]
fn a_plain_interpreter_can_be_chosen() {
    let project = Project::document(&["import sys\nprint(sys.executable)"]);
    project.json(&["a.md", "--python", &PYTHON]).tells(&[&format!("passed completed | stdout {PYTHON}⏎")]);
}

#[test]
fn an_editable_install_is_imported() {
    let project = Project::new(&[
        ("README.md", &document(&["from mine import answer\n\nprint(answer())"])),
        ("src/mine/__init__.py", "from mine.deep import answer\n"),
        ("src/mine/deep.py", "def answer():\n    return 42\n"),
    ]);
    environment(&project, ".venv");
    let pth = format!(".venv/lib/python{VERSION}/site-packages/mine.pth");
    project.write(&pth, format!("{}\n", project.path("src").display()));
    project.json(&[]).tells(&["passed completed | stdout 42⏎"]);
}

#[test]
fn imported_modules_leave_no_bytecode() {
    let project = Project::new(&[("README.md", &document(&["import mine"])), ("mine.py", "WORD = 1\n")]);
    let files = project.files();
    let run = project.json(&[]);
    assert_eq!(project.files(), files, "{}", run.stdout);
}

/// A checked-in environment may hold anything; it runs inside of the sandbox or not at all.
#[test]
fn an_environment_of_the_project_runs_nothing_outside() {
    let project = with_environment(".venv");
    let packages = format!(".venv/lib/python{VERSION}/site-packages");
    let canary = project.home().join("canary");
    let attack = format!("import os; open({:?}, 'w')\n", canary.to_str().unwrap());
    project.write(&format!("{packages}/attack.pth"), &attack);
    project.write(&format!("{packages}/sitecustomize.py"), &attack);
    let run = project.json(&["a.md"]);
    assert!(!canary.exists(), "{}", run.stdout);
}

#[test]
fn an_environment_of_another_version_than_its_base_is_refused() {
    let project = with_environment(".venv");
    let settings = project.read(".venv/pyvenv.cfg");
    let version = settings.lines().find(|line| line.starts_with("version = ")).unwrap();
    project.write(".venv/pyvenv.cfg", settings.replace(version, "version = 3.7.4"));
    let run = project.run(&["run", "a.md"]);
    let message = "error: the environment `[project]/.venv` was made for Python 3.7, `";
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(run.stderr.starts_with(message), "{}", run.stderr);
}

#[test]
fn a_missing_interpreter_is_named() {
    let project = Project::document(&["x = 1"]);
    let hint = "hint: `--python` takes a version, or the path of a Python or of an environment\n";
    for (word, message) in [
        (
            "./nowhere",
            "error: `--python` or `SNIPCHECK_PYTHON` names no Python: `[project]/nowhere` does not exist\n",
        ),
        ("python-of-nobody", "error: no `python-of-nobody` on `PATH`\n"),
    ] {
        project.run(&["run", "a.md", "--python", word]).assert(2, "", &format!("{message}{hint}"));
    }
    let run = project.call(&["run", "a.md"]).env("VIRTUAL_ENV", project.path("gone")).run();
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(
        run.stderr.starts_with(
            "error: expected an environment in `VIRTUAL_ENV`, found no `pyvenv.cfg` in `[project]/gone`\n"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn an_environment_whose_base_is_gone_is_refused() {
    let project = with_environment(".venv");
    let settings = project.read(".venv/pyvenv.cfg");
    let home = settings.lines().find(|line| line.starts_with("home = ")).unwrap();
    project.write(".venv/pyvenv.cfg", settings.replace(home, "home = /nowhere/bin"));
    let run = project.run(&["run", "a.md"]);
    assert_eq!((run.code, &*run.stdout), (2, ""));
    assert!(
        run.stderr.contains("was made from a Python in `/nowhere/bin`, where none is now"),
        "{}",
        run.stderr
    );
    assert!(fs::exists(project.path("a.md")).unwrap());
}

/// The part of the summary that is about the Python of the run.
#[track_caller]
fn python_of(run: &Run) -> Value {
    assert_eq!((run.code, &*run.stderr), (0, ""), "{}", run.stdout);
    run.summary()["python"].clone()
}

#[test]
fn a_version_chooses_a_python() {
    let project = Project::document(&["import sys\nprint(sys.executable)"]);
    let usual = python_of(&project.json(&["a.md"]));
    assert_eq!(usual["version"], &*RELEASE);
    assert_eq!(usual["environment"], Value::Null);
    for word in ["3", &VERSION, &RELEASE] {
        let run = project.json(&["a.md", "--python", word]);
        let python = python_of(&run);
        assert!(RELEASE.starts_with(word), "{word}");
        assert_eq!((&python["version"], &python["kind"]), (&usual["version"], &usual["kind"]), "{word}");
        let shown = format!("{}\n", python["executable"].as_str().unwrap());
        assert_eq!(run.snippets()[0]["stdout"].as_str(), Some(&*shown), "{word}");
    }
    // A folder of that name does not stand in its way.
    fs::create_dir(project.path(&VERSION)).unwrap();
    python_of(&project.json(&["a.md", "--python", &VERSION]));
}

#[test]
fn versions_that_cannot_be_had_are_refused() {
    let project = Project::document(&["x = 1"]);
    for (word, message) in [
        ("3.10", "snippets need Python 3.11 or newer, `--python 3.10` asks for an older one"),
        ("3.99", "no Python 3.99 on `PATH`, nor where uv, pyenv and conda install it"),
        (
            "3.13t",
            "snippets need a Python with the global lock, `--python 3.13t` asks for a free-threaded build",
        ),
    ] {
        let run = project.run(&["run", "a.md", "--python", word]);
        assert_eq!((run.code, &*run.stdout), (2, ""));
        assert!(run.stderr.starts_with(&format!("error: {message}\nhint: ")), "{}", run.stderr);
    }
}

#[test]
fn reports_say_which_python_ran() {
    let project = with_environment(".venv");
    let python = python_of(&project.json(&["a.md"]));
    assert_eq!((&python["version"], &python["environment"]), (&Value::from(&*RELEASE), &".venv".into()));
    assert_eq!(python["executable"], "[project]/.venv/bin/python");

    let line = format!("  python: CPython {RELEASE}, packages of `.venv`\n");
    let place = format!("{line}    [project]/.venv/bin/python, {}", python["kind"].as_str().unwrap());
    let usual = project.run(&["run", "a.md"]).stdout;
    assert!(usual.ends_with(&line), "{usual}");
    let verbose = project.run(&["run", "-v", "a.md"]).stdout;
    assert!(verbose.contains(&place), "{verbose}");
    let doctor = project.run(&["doctor"]).stdout;
    assert!(doctor.contains(&place.replace("  python:", "python:").replace("    [", "  [")), "{doctor}");
    assert!(!project.run(&["run", "-q", "a.md"]).stdout.contains("python:"));
}

/// What the caller has activated is nearer than what a file says.
#[test]
fn an_activated_environment_wins_over_the_settings() {
    let project = with_environment("env");
    environment(&project, ".venv");
    project.write("pyproject.toml", "[tool.snipcheck]\npython = '.venv'\n");
    let call = project.call(&["run", "--format", "json", "a.md"]).env("VIRTUAL_ENV", project.path("env"));
    looks_as_in(&project, call, "env");
}

#[test]
fn without_a_python_nothing_runs_and_blocks_are_listed() {
    let project = Project::document(&["x = 1"]);
    let run = project.call(&["run", "a.md"]).env("PATH", "/nowhere").run();
    let message = "error: no CPython 3.11 or newer on `PATH`, nor where uv, pyenv and conda install it\n\
                   hint: `uv python install` and `pyenv install` install one, `--python` names one elsewhere\n";
    run.assert(2, "", message);
    let list = project.call(&["list", "a.md"]).env("PATH", "/nowhere").run();
    assert_eq!((list.code, &*list.stderr), (0, ""));
}

/// A program that notes that it was started, and starts the tests' Python.
fn noting(project: &Project, path: &Path) -> PathBuf {
    let log = project.home().join("log");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = format!("#!/bin/sh\necho started >> '{}'\nexec '{PYTHON}' \"$@\"\n", log.display());
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    log
}

#[test]
fn a_shim_is_asked_once() {
    let project = Project::document(&["import sys\nprint(sys.executable)"]);
    let log = noting(&project, &project.home().join(".pyenv/shims/python3"));
    for _ in 0..3 {
        let shims = format!("{}:/usr/bin:/bin", project.home().join(".pyenv/shims").display());
        let call = project.call(&["run", "--format", "json", "a.md"]).env("PATH", shims);
        call.run().tells(&[&format!("passed completed | stdout {PYTHON}⏎")]);
    }
    assert_eq!(fs::read_to_string(log).unwrap(), "started\n");
}

#[test]
fn a_python_of_the_checkout_is_not_started_for_being_found() {
    let project = Project::document(&["import sys\nprint(sys.executable)"]);
    let log = noting(&project, &project.path("tools/python3"));
    let search = format!("{}:tools:{}", project.path("tools").display(), search_path());
    let run = project.call(&["run", "--format", "json", "a.md"]).env("PATH", search).run();
    let found = Path::new(&*PYTHON).with_file_name("python3");
    run.tells(&[&format!("passed completed | stdout {}⏎", found.display())]);
    assert!(!log.exists());
}
