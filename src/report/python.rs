//! Which Python ran, in the words of reports.

use crate::model::python::{Loading, RunningPython};
use crate::report::escape;

/// As in ``CPython 3.12.1, packages of `.venv` ``.
pub(super) fn phrase(python: &RunningPython) -> String {
    let name = escape::word(&python.name);
    match &python.environment {
        Some(folder) => format!("{name}, packages of `{}`", escape::word(&folder.to_string_lossy())),
        None => format!("{name}, its own packages"),
    }
}

/// Where it is, and how it comes to run.
pub(super) fn place(python: &RunningPython) -> String {
    let executable = python.executable.to_string_lossy();
    let executable = escape::word(&executable);
    match &python.loading {
        Loading::Embedded { library } => {
            format!("{executable}, embedded from {}", escape::word(&library.to_string_lossy()))
        }
        Loading::Hosted => format!("{executable}, hosted: its own executable runs"),
    }
}

/// The word for programs.
pub(super) fn kind(loading: &Loading) -> &'static str {
    match loading {
        Loading::Embedded { .. } => "embedded",
        Loading::Hosted => "hosted",
    }
}
