//! What an interpreter is: the facts that it is asked for, and whether snippets can run in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::config::error::ConfigError;
use crate::config::interpreter::linkage::Linkage;
use crate::config::interpreter::version::{OLDEST, Version};

/// What is true of an interpreter as long as its file stays the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) version: Version,
    /// The version in Python's own words: `3.12.1`, `3.14.0rc2`.
    pub(crate) release: String,
    /// `sys.implementation.name`.
    pub(crate) implementation: String,
    pub(crate) free_threaded: bool,
    pub(crate) debug: bool,
    /// `sys.base_prefix`.
    pub(crate) prefix: PathBuf,
    /// The file of the interpreter, behind all links.
    pub(crate) executable: PathBuf,
    pub(crate) linkage: Linkage,
}

/// What an executable said when it was asked.
pub(super) struct Answer {
    /// `sys.executable`: of a script, the Python that it starts.
    pub(super) executable: PathBuf,
    pub(super) facts: Facts,
}

/// Runs an executable to learn what it is, in `folder`: a script may decide by what lies there.
pub(super) fn ask(path: &Path, folder: &Path, libraries: Option<&OsStr>) -> Result<Answer, ConfigError> {
    let output = Command::new(path)
        .args(["-I", "-S", "-c", include_str!("facts.py")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| ConfigError::Ask { executable: path.to_owned(), source })?;

    let text = String::from_utf8_lossy(&output.stdout);
    answer(&text, libraries).ok_or_else(|| ConfigError::Answer { executable: path.to_owned() })
}

/// What the lines of `facts.py` say.
fn answer(text: &str, libraries: Option<&OsStr>) -> Option<Answer> {
    let lines: Vec<&str> = text.lines().collect();
    let [release, implementation, flags, prefix, executable] = lines[..] else { return None };
    let (prefix, executable) = (PathBuf::from(prefix), PathBuf::from(executable));
    if !executable.is_absolute() {
        return None;
    }

    let real = fs::canonicalize(&executable).ok()?;
    let facts = Facts {
        version: Version::parse(release)?,
        release: release.to_owned(),
        implementation: implementation.to_owned(),
        free_threaded: flags.contains('t'),
        debug: flags.contains('d'),
        linkage: Linkage::of(&real, &prefix, libraries),
        prefix,
        executable: real,
    };
    Some(Answer { executable, facts })
}

impl Facts {
    /// As in `CPython 3.12.1` or `CPython 3.13.0 (debug build)`.
    pub(crate) fn name(&self) -> String {
        let name = match self.implementation.as_str() {
            "cpython" => "CPython",
            "pypy" => "PyPy",
            "graalpy" => "GraalPy",
            other => other,
        };
        let build = if self.debug { " (debug build)" } else { "" };
        format!("{name} {}{build}", self.release)
    }

    /// Why no snippet can run in it, if none can. `executable` is the name by which people know it.
    pub(super) fn usable(&self, executable: &Path) -> Result<(), ConfigError> {
        let executable = executable.to_owned();
        if self.implementation != "cpython" {
            return Err(ConfigError::Implementation { executable, found: self.name() });
        }
        if self.version < OLDEST {
            return Err(ConfigError::Old { executable, found: self.release.clone() });
        }
        if self.free_threaded {
            let (found, minor) = (self.release.clone(), self.version.minor());
            return Err(ConfigError::FreeThreaded { executable, found, minor });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::answer;
    use std::path::Path;

    /// What is made of an answer: the name, and why it cannot be used.
    fn said(text: &str) -> Option<String> {
        let facts = answer(text, None)?.facts;
        let why = facts.usable(Path::new("/x/python")).err();
        Some(why.map_or_else(|| facts.name(), |error| error.to_string()))
    }

    #[test]
    fn answers_are_five_lines() {
        let usual = "3.12.1\ncpython\n\n/usr\n/bin/sh\n";
        assert_eq!(said(usual).as_deref(), Some("CPython 3.12.1"));
        for text in [
            "",
            "3.12.1\n",
            "3.12.1\ncpython\n\n/usr\n\n",
            "3.12.1\ncpython\n\n/usr\npython\n",
            "3.12.1\ncpython\n\n/usr\n/nowhere/python\n",
            "new\ncpython\n\n/usr\n/bin/sh\n",
            "hello\n3.12.1\ncpython\n\n/usr\n/bin/sh\n",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn what_snippets_cannot_run_in_is_named() {
        for (first, expected) in [
            ("3.11.0\ncpython\n", "CPython 3.11.0"),
            ("3.14.0rc2+\ncpython\nd", "CPython 3.14.0rc2+ (debug build)"),
            ("3.10.13\ncpython\n", "`/x/python` is Python 3.10.13, snippets need 3.11 or newer"),
            ("2.7.18\ncpython\n", "`/x/python` is Python 2.7.18, snippets need 3.11 or newer"),
            ("3.11.9\npypy\n", "`/x/python` is PyPy 3.11.9, snippets run in CPython only"),
            ("3.11.7\ngraalpy\n", "`/x/python` is GraalPy 3.11.7, snippets run in CPython only"),
            (
                "3.13.0\ncpython\nt",
                "`/x/python` is a free-threaded build of Python 3.13.0, snippets need one with the global lock",
            ),
        ] {
            let text = format!("{first}\n/usr\n/bin/sh\n");
            assert_eq!(said(&text).as_deref(), Some(expected), "{text}");
        }
    }
}
