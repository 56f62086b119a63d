//! Two Pythons of this machine, for tests that need more than one.

use std::env;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::project::{Call, PYTHON, Project, search_path};

/// Minor versions of Python 3 that are looked for.
const MINORS: std::ops::RangeInclusive<u8> = 11..=15;

/// Two Pythons of different minor versions: that of the tests and another one.
#[derive(Clone, Copy)]
pub(crate) struct Two {
    pub(crate) older: &'static Python,
    pub(crate) newer: &'static Python,
}

pub(crate) struct Python {
    /// As in `3.12`.
    pub(crate) version: String,
    pub(crate) minor: u8,
    pub(crate) executable: PathBuf,
}

static FOUND: LazyLock<Option<[Python; 2]>> = LazyLock::new(|| {
    let own = asked(Path::new(&*PYTHON))?;
    let other = candidates().iter().filter_map(|path| asked(path)).find(|found| found.minor != own.minor)?;
    let mut both = [own, other];
    both.sort_by_key(|python| python.minor);
    Some(both)
});

impl Two {
    /// `None` where this machine has no other Python, and a word about it that nobody overlooks.
    pub(crate) fn of_machine(test: &str) -> Option<Self> {
        if let Some([older, newer]) = &*FOUND {
            return Some(Self { older, newer });
        }
        // Not by a macro, whose text the test harness would swallow.
        let _ =
            writeln!(stderr(), "NOT TESTED: {test} needs two CPythons of different versions, one was found");
        None
    }

    /// Both, as `--python` names them.
    pub(crate) fn words(self) -> String {
        format!("{},{}", self.older.executable.display(), self.newer.executable.display())
    }

    /// With both on `PATH`, so that their versions are found.
    pub(crate) fn call<'a>(self, project: &'a Project, arguments: &[&str]) -> Call<'a> {
        let folder = |python: &Python| python.executable.parent().unwrap().display().to_string();
        let path = format!("{}:{}:{}", folder(self.older), folder(self.newer), search_path());
        project.call(arguments).env("PATH", path)
    }
}

/// Executables in the usual places.
fn candidates() -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    let beside = Path::new(&*PYTHON).ancestors().nth(3).map(Path::to_path_buf);
    let installed = [home.join(".pyenv/versions"), home.join(".local/share/uv/python")];
    for above in installed.into_iter().chain(beside) {
        let entries = fs::read_dir(above).into_iter().flatten().flatten();
        folders.extend(entries.map(|entry| entry.path().join("bin")));
    }
    let names = MINORS.map(|minor| format!("python3.{minor}"));
    let paths =
        names.flat_map(|name| folders.iter().map(move |folder| folder.join(&name)).collect::<Vec<_>>());
    paths.filter(|path| path.is_file()).collect()
}

/// What an executable is, if it is a usable CPython at all: scripts of version managers may start nothing.
fn asked(executable: &Path) -> Option<Python> {
    let ask =
        "import sys; print(sys.implementation.name, sys.version_info.minor, getattr(sys, 'abiflags', ''))";
    let output = Command::new(executable).args(["-I", "-c", ask]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut words = text.split_whitespace();
    let (name, minor) = (words.next()?, words.next()?.parse().ok()?);
    let is_usable = name == "cpython" && MINORS.contains(&minor) && words.next().is_none();
    is_usable.then(|| Python { version: format!("3.{minor}"), minor, executable: executable.to_owned() })
}
