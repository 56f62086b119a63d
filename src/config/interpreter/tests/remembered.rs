//! What is asked, and what is remembered.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::Machine;
use crate::config::interpreter::{
    Chooser, CurrentFolder, Interpreter, Linkage, Places, found, of_executable, search,
};

#[test]
fn an_interpreter_is_asked_once() {
    let machine = Machine::new();
    machine.python("bin/python3", "3.12.1");
    for _ in 0..3 {
        assert_eq!(machine.found(), "bin/python3 3.12.1");
    }
    assert_eq!(machine.asked(), 1);
    // By another name it is the same file.
    symlink(machine.path("bin/python3"), machine.path("bin/python3.12")).unwrap();
    assert_eq!(machine.wished("3.12"), "bin/python3.12 3.12.1");
    assert_eq!(machine.asked(), 1);

    // A path may come to mean another Python.
    machine.python("bin/new", "3.13.0");
    let text = fs::read_to_string(machine.path("bin/new")).unwrap().replace("bin/new", "bin/python3");
    fs::write(machine.path("bin/new"), text).unwrap();
    fs::rename(machine.path("bin/new"), machine.path("bin/python3")).unwrap();
    assert_eq!(machine.found(), "bin/python3 3.13.0");
    assert_eq!(machine.asked(), 2);
}

#[test]
fn without_a_memory_or_with_a_broken_one_it_is_asked_again() {
    let mut machine = Machine::new();
    machine.python("bin/python3", "3.12.1");
    for text in ["", "{", "[]", "{\"interpreters\": [{}]}", "\0\u{1}"] {
        fs::create_dir_all(machine.path("cache")).unwrap();
        fs::write(machine.path("cache/interpreters.json"), text).unwrap();
        assert_eq!(machine.found(), "bin/python3 3.12.1");
    }
    assert_eq!(machine.asked(), 5);
    machine.places.memory = None;
    assert_eq!(machine.found(), "bin/python3 3.12.1");
    assert_eq!(machine.asked(), 6);
}

#[test]
fn what_a_checkout_remembers_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let cache = |path: &str| {
        let environment = crate::config::Environment {
            folder: folder.path().to_owned(),
            cache: Some(folder.path().join(path)),
            ..crate::config::Environment::default()
        };
        Places::new(&environment, &folder.path().join("project"), CurrentFolder::Counts).memory
    };
    assert_eq!(cache("project/.cache"), None);
    assert_eq!(cache("cache"), Some(folder.path().join("cache/snipcheck")));
    fs::create_dir(folder.path().join("project")).unwrap();
    symlink(folder.path().join("project"), folder.path().join("link")).unwrap();
    assert_eq!(cache("link"), None);
}

/// What lies in a home folder has been put there by the caller, whether or not documents of it are run.
#[test]
fn a_home_is_no_checkout() {
    let home = tempfile::tempdir().unwrap();
    let environment = crate::config::Environment {
        folder: home.path().to_owned(),
        home: Some(home.path().to_owned()),
        ..crate::config::Environment::default()
    };
    let python = home.path().join(".pyenv/versions/3.12.1/bin/python3");
    let places = |repository: &Path| Places::new(&environment, repository, CurrentFolder::Counts);
    for repository in [home.path(), home.path().parent().unwrap(), Path::new("/")] {
        assert!(!places(repository).is_of_checkout(&python), "{}", repository.display());
        assert_eq!(places(repository).memory, Some(home.path().join(".cache/snipcheck")));
    }
    assert!(places(&home.path().join(".pyenv")).is_of_checkout(&python));
}

#[test]
fn a_script_stands_for_the_python_that_it_starts() {
    let machine = Machine::new();
    machine.python("real/bin/python3.12", "3.12.1");
    machine.script("bin/python3", "3.12.1", "cpython", &machine.path("real/bin/python3.12"));
    assert_eq!(machine.found(), "real/bin/python3.12 3.12.1");
    machine.script("bin/python3", "3.13.0", "cpython", &machine.path("real/bin/python3.13"));
    machine.python("real/bin/python3.13", "3.13.0");
    assert_eq!(machine.found(), "real/bin/python3.13 3.13.0");

    // That of an environment stands for the environment.
    machine.environment("env", &format!("home = {}\nversion = 3.12.1\n", machine.path("real/bin").display()));
    machine.script("bin/python3", "3.12.1", "cpython", &machine.path("env/bin/python"));
    let interpreter = found(&machine.places).unwrap();
    assert_eq!(interpreter.prefix, machine.path("env"));
    assert_eq!(interpreter.facts.executable, machine.path("real/bin/python3.12"));
}

#[test]
fn a_shim_is_asked_when_what_it_goes_by_has_changed() {
    let mut machine = Machine::new();
    machine.python("pyenv/versions/3.12.1/bin/python3", "3.12.1");
    machine.python("pyenv/versions/3.13.0/bin/python3", "3.13.0");
    machine.places.path = vec![machine.path("pyenv/shims")];
    let choose = |version: &str| {
        let python = machine.path(&format!("pyenv/versions/{version}/bin/python3"));
        machine.script("pyenv/shims/python3", version, "cpython", &python);
        format!("pyenv/versions/{version}/bin/python3 {version}")
    };

    let first = choose("3.12.1");
    assert_eq!((machine.found(), machine.found()), (first.clone(), first));
    assert_eq!(machine.asked(), 1);

    let mut asked = 1;
    for (file, version) in
        [("pyenv/version", "3.13.0"), ("project/.python-version", "3.12.1"), (".python-version", "3.12.1")]
    {
        let expected = choose(version);
        let settled = machine.asked();
        fs::write(machine.path(file), version).unwrap();
        assert_eq!((machine.found(), machine.found()), (expected.clone(), expected), "{file}");
        assert!(machine.asked() <= settled + 1, "{file}");
        asked = machine.asked().max(asked);
    }
    assert!(asked > 1);
}

/// Whatever this machine has: the loader is right about what an interpreter is linked to.
#[test]
fn the_linkage_of_an_interpreter_is_what_the_loader_makes_of_it() {
    let environment = crate::config::Environment::of_process().unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    let places = Places { memory: None, ..Places::new(&environment, nowhere.path(), CurrentFolder::Ignored) };
    let look = "print({line.split()[-1] for line in open('/proc/self/maps') if 'libpython3.' in line} or '')";

    let mut tried = 0;
    for path in search::candidates(None, &places) {
        let Ok(Interpreter { facts, .. }) = of_executable(path, Chooser::Nobody, &places) else { continue };
        let output = Command::new(&facts.executable).args(["-I", "-S", "-c", look]).output().unwrap();
        let loaded = String::from_utf8(output.stdout).unwrap();
        let expected = match &facts.linkage {
            Linkage::Embedded { library } => format!("{{'{}'}}\n", library.display()),
            Linkage::Hosted => "\n".to_owned(),
        };
        assert_eq!(loaded, expected, "{}", facts.executable.display());
        tried += 1;
    }
    assert!(tried > 0, "a machine on which this is built has a Python");
}
