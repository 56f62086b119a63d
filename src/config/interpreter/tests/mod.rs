//! Searches on made-up machines, whose interpreters are scripts that say what a Python would and note that they ran.

mod remembered;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::*;

/// A machine in a folder of its own.
struct Machine {
    folder: tempfile::TempDir,
    places: Places,
}

impl Machine {
    /// `PATH` has the folders `bin` and `other/bin`, the checkout is `project`.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        for path in ["project", "bin", "other/bin"] {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        let places = Places {
            path: vec![root.join("bin"), root.join("other/bin")],
            uv: vec![root.join("uv")],
            pyenv: Some(root.join("pyenv")),
            conda: vec![root.join("conda")],
            repository: Some(root.join("project")),
            folder: root.join("project"),
            memory: Some(root.join("cache")),
            ..Places::default()
        };
        Self { folder, places }
    }

    fn path(&self, path: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(path)
    }

    /// An interpreter that calls itself by its own name.
    fn python(&self, path: &str, release: &str) {
        self.script(path, release, "cpython", &self.path(path));
    }

    /// What says that it is `executable`.
    fn script(&self, path: &str, release: &str, implementation: &str, executable: &Path) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let prefix = executable.parent().unwrap().parent().unwrap();
        let (log, prefix, executable) = (self.path("log"), prefix.display(), executable.display());
        let flags = if release.ends_with('t') { "t" } else { "" };
        let text = format!(
            "#!/bin/sh\necho x >> '{}'\nprintf '%s\\n' '{}' {implementation} '{flags}' '{prefix}' '{executable}'\n",
            log.display(),
            release.trim_end_matches('t')
        );
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn environment(&self, path: &str, settings: &str) {
        let folder = self.path(path);
        fs::create_dir_all(folder.join("bin")).unwrap();
        fs::write(folder.join("bin/python"), "").unwrap();
        fs::write(folder.join("pyvenv.cfg"), settings).unwrap();
    }

    /// How many interpreters were started.
    fn asked(&self) -> usize {
        fs::read_to_string(self.path("log")).unwrap_or_default().lines().count()
    }

    /// The executable and the release that a search ends with, else the complaint.
    fn told(&self, result: Result<Interpreter, ConfigError>) -> String {
        let text = match result {
            Ok(interpreter) => {
                format!("{} {}", interpreter.executable.display(), interpreter.facts.release)
            }
            Err(error) => format!("{error}\n  hint: {}", error.hint().unwrap_or_default()),
        };
        text.replace(&format!("{}/", self.path("").display().to_string().trim_end_matches('/')), "")
    }

    fn found(&self) -> String {
        self.told(found(&self.places))
    }

    fn wished(&self, word: &str) -> String {
        let asked = format!("`--python {word}`");
        self.told(of_version((VersionWish::parse(word).unwrap(), &asked), Chooser::Caller, &self.places))
    }

    fn of_project(&self, chooser: Chooser) -> String {
        let described = pyvenv::describe(&self.path("project/.venv"), None, PythonOrigin::Nearby);
        self.told(described.and_then(|described| of_environment(described, chooser, &self.places)))
    }
}

#[test]
fn the_first_python_that_can_be_used_is_found() {
    let machine = Machine::new();
    machine.python("conda/bin/python3", "3.11.1");
    assert_eq!(machine.found(), "conda/bin/python3 3.11.1");
    for (path, release) in [
        ("pyenv/versions/3.11.7/bin/python3", "3.11.7"),
        ("pyenv/versions/3.12.1/bin/python3", "3.12.1"),
        ("uv/cpython-3.11.9-linux-x86_64-gnu/bin/python3", "3.11.9"),
        ("uv/cpython-3.12.10-linux-x86_64-gnu/bin/python3", "3.12.10"),
        ("other/bin/python", "3.11.2"),
        ("bin/python", "3.11.3"),
        ("bin/python3.11", "3.11.4"),
        ("other/bin/python3.13", "3.13.1"),
        ("bin/python3", "3.12.4"),
    ] {
        machine.python(path, release);
        assert_eq!(machine.found(), format!("{path} {release}"));
    }
}

#[test]
fn what_cannot_be_used_is_passed_over() {
    let machine = Machine::new();
    machine.python("bin/python3", "3.9.18");
    machine.python("bin/python3.13", "3.13.0t");
    machine.script("bin/python3.11", "3.11.9", "pypy", &machine.path("bin/python3.11"));
    fs::write(machine.path("bin/python3.14"), "no program").unwrap();
    machine.python("pyenv/versions/3.10.13/bin/python3", "3.10.13");
    machine.python("uv/cpython-3.13.0+freethreaded-linux-x86_64-gnu/bin/python3", "3.13.0t");
    machine.python("pyenv/versions/pypy3.11-7.3.19/bin/python3", "3.11.9");
    insta::assert_snapshot!(machine.found());
    machine.python("other/bin/python", "3.12.0");
    assert_eq!(machine.found(), "other/bin/python 3.12.0");
}

#[test]
fn without_any_python_it_says_how_to_get_one() {
    insta::assert_snapshot!(Machine::new().found());
}

#[test]
fn nothing_of_the_checkout_is_found() {
    let mut machine = Machine::new();
    machine.python("project/tools/python3", "3.12.1");
    machine.places.path.insert(0, machine.path("project/tools"));
    symlink(machine.path("project/tools/python3"), machine.path("bin/python3")).unwrap();
    machine.python("other/bin/python3", "3.11.1");
    assert_eq!(machine.found(), "other/bin/python3 3.11.1");
    assert_eq!(machine.asked(), 1);
    // Whoever names it has it started.
    let named = of_caller(&machine.path("project/tools/python3"), &machine.places);
    assert_eq!(machine.told(named), "project/tools/python3 3.12.1");
}

#[test]
fn a_version_is_found_wherever_it_is() {
    let machine = Machine::new();
    for (path, release) in [
        ("bin/python3", "3.13.0"),
        ("other/bin/python3.11", "3.11.2"),
        ("pyenv/versions/3.11.7/bin/python3", "3.11.7"),
        ("pyenv/versions/3.12.1/bin/python3", "3.12.1"),
        ("uv/cpython-3.12.0-linux-x86_64-gnu/bin/python3", "3.12.0"),
        ("conda/envs/docs/bin/python3", "3.14.0"),
    ] {
        machine.python(path, release);
    }
    for (word, expected) in [
        ("3", "bin/python3 3.13.0"),
        ("3.13", "bin/python3 3.13.0"),
        ("3.11", "other/bin/python3.11 3.11.2"),
        ("3.11.7", "pyenv/versions/3.11.7/bin/python3 3.11.7"),
        ("3.12", "uv/cpython-3.12.0-linux-x86_64-gnu/bin/python3 3.12.0"),
        ("3.12.1", "pyenv/versions/3.12.1/bin/python3 3.12.1"),
        ("3.14", "conda/envs/docs/bin/python3 3.14.0"),
    ] {
        assert_eq!(machine.wished(word), expected, "{word}");
    }
}

#[test]
fn a_version_that_cannot_be_had_is_told_from_one_that_cannot_be_used() {
    let machine = Machine::new();
    machine.python("uv/cpython-3.13.0+freethreaded-linux-x86_64-gnu/bin/python3", "3.13.0t");
    machine.python("bin/python3.14", "3.14.0t");
    insta::assert_snapshot!(
        ["2.7", "3.10", "3.12", "3.13", "3.13t", "3.14"].map(|word| machine.wished(word)).join("\n\n")
    );
}

#[test]
fn what_lies_around_a_link_is_no_part_of_a_python() {
    let machine = Machine::new();
    machine.python("opt/bin/python3.12", "3.12.1");
    symlink(machine.path("opt/bin/python3.12"), machine.path("bin/python3.12")).unwrap();
    symlink(machine.path("opt/bin/python3.12"), machine.path("opt/bin/python3")).unwrap();
    assert_eq!(machine.wished("3.12"), "opt/bin/python3.12 3.12.1");
    // A name beside it is as good as its own.
    let named = of_caller(&machine.path("opt/bin/python3"), &machine.places);
    assert_eq!(machine.told(named), "opt/bin/python3 3.12.1");
}

#[test]
fn environments_are_read_as_text() {
    let machine = Machine::new();
    machine.python("base/bin/python3", "3.12.1");
    for (settings, system_packages) in [
        ("home = ../base/bin\nversion = 3.12.0\ninclude-system-site-packages = false\n", false),
        ("HOME=../base/bin\nversion_info = 3.12.1.final.0\ninclude-system-site-packages = true", true),
    ] {
        machine.environment("v", settings);
        let folder = machine.path("v");
        for word in [folder.clone(), folder.join("bin/python")] {
            let interpreter = of_caller(&word, &machine.places).unwrap();
            let environment = VirtualEnvironment { folder: folder.clone(), system_packages };
            assert_eq!(interpreter.environment, Some(environment));
            assert_eq!((&interpreter.executable, &interpreter.prefix), (&folder.join("bin/python"), &folder));
            assert_eq!(interpreter.facts.executable, machine.path("base/bin/python3"));
            assert_eq!(interpreter.site_packages(), folder.join("lib/python3.12/site-packages"));
        }
    }
    assert_eq!(machine.asked(), 1);
}

#[test]
fn environments_that_cannot_be_used_say_why() {
    let machine = Machine::new();
    machine.python("base/bin/python3", "3.12.1");
    machine.python("old/bin/python3", "3.9.1");
    let complaints = [
        "home = ../base/bin\nversion = 3.11.1\n",
        "version = 3.12.1\n",
        "home = ../base/bin\n",
        "home = ../base/bin\nversion = new\n",
        "home = ../gone/bin\nversion = 3.12.1\n",
        "home = ../old/bin\nversion = 3.9.1\n",
    ]
    .map(|settings| {
        machine.environment("v", settings);
        machine.told(of_caller(&machine.path("v"), &machine.places))
    });
    insta::assert_snapshot!(complaints.join("\n\n"));
}

#[test]
fn missing_interpreters_say_who_asked() {
    let machine = Machine::new();
    let gone = machine.path("gone");
    let project = PythonChoice::Project {
        folder: gone.clone(),
        origin: PythonOrigin::Settings,
        chooser: Chooser::Project,
    };
    let complaints = [
        PythonChoice::Caller(gone.clone()),
        PythonChoice::Caller("gone".into()),
        PythonChoice::Caller(machine.path("bin")),
        PythonChoice::Caller("/bin/true".into()),
        project,
        PythonChoice::Activated(gone),
        PythonChoice::Conda(machine.path("project/conda")),
    ]
    .map(|choice| machine.told(choice.interpreter(&machine.places)));
    insta::assert_snapshot!(complaints.join("\n\n"));
}

/// A checkout's `pyvenv.cfg` may name any file: it starts nothing that would not be found without it.
#[test]
fn a_project_names_only_pythons_that_are_known() {
    for (base, is_known) in [
        ("bin", true),
        ("other/bin", true),
        ("pyenv/versions/3.12.1/bin", true),
        ("uv/cpython-3.12.1-linux-x86_64-gnu/bin", true),
        ("conda/bin", true),
        ("home/bin", false),
        ("pyenvy/bin", false),
        ("project/bin", false),
        ("project/../home/bin", false),
    ] {
        let machine = Machine::new();
        fs::create_dir_all(machine.path("pyenv")).unwrap();
        machine.python(&format!("{base}/python3"), "3.12.1");
        let home = machine.path(base);
        machine.environment("project/.venv", &format!("home = {}\nversion = 3.12.1\n", home.display()));
        let told = machine.of_project(Chooser::Project);
        assert_eq!(told == "project/.venv/bin/python 3.12.1", is_known, "{base}: {told}");
        assert_eq!(machine.asked(), usize::from(is_known), "{base}");
    }
}

#[test]
fn a_base_is_known_by_a_link_on_path() {
    let machine = Machine::new();
    machine.python("opt/bin/python3", "3.12.1");
    let home = machine.path("opt/bin");
    machine.environment("project/.venv", &format!("home = {}\nversion = 3.12.1\n", home.display()));
    assert!(machine.of_project(Chooser::Project).contains("neither on `PATH`"));
    symlink(machine.path("opt/bin/python3"), machine.path("bin/python3")).unwrap();
    assert_eq!(machine.of_project(Chooser::Project), "project/.venv/bin/python 3.12.1");
}

#[test]
fn bases_that_a_project_cannot_choose_say_why() {
    let machine = Machine::new();
    let mut told = Vec::new();
    for base in ["project/bin", "home/bin", "pyenv/versions/3.12.1/bin"] {
        machine.python(&format!("{base}/python3"), "3.12.1");
        let home = machine.path(base);
        machine.environment("project/.venv", &format!("home = {}\nversion = 3.12.1\n", home.display()));
        if base.starts_with("pyenv") {
            fs::set_permissions(machine.path("pyenv/versions"), fs::Permissions::from_mode(0o777)).unwrap();
        }
        told.push(machine.of_project(Chooser::Project));
        told.push(machine.of_project(Chooser::Caller));
    }
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn what_does_not_exist_is_real_as_far_as_it_does() {
    let machine = Machine::new();
    symlink(machine.path("bin"), machine.path("link")).unwrap();
    for (path, expected) in [("link", "bin"), ("link/gone/python3", "bin/gone/python3"), ("gone", "gone")] {
        let real = places::real(&machine.path(path));
        assert_eq!(real.as_os_str(), machine.path(expected).as_os_str());
    }
}

#[test]
fn an_environment_of_conda_is_a_python() {
    let machine = Machine::new();
    machine.python("envs/docs/bin/python", "3.12.1");
    fs::create_dir(machine.path("envs/docs/conda-meta")).unwrap();
    let folder = machine.path("envs/docs");
    let expected = "envs/docs/bin/python 3.12.1";
    assert_eq!(machine.told(of_conda(&folder, &machine.places)), expected);
    assert_eq!(machine.told(of_caller(&folder, &machine.places)), expected);
}
