//! Which Python ran, in the words of reports.

use crate::event::Judged;
use crate::model::python::{Loading, RunningPython};
use crate::model::reason::Minor;
use crate::model::verdict::Verdict;
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

/// What became of a snippet in each Python, from where `judged` stands, which is a part of `whole`: as in `fails on 3.13, in
/// another way on 3.12, passes on 3.11`. `None` in a run with a single Python.
pub(super) fn outcomes(judged: &Judged, whole: &Judged) -> Option<String> {
    if !whole.is_of_several() {
        return None;
    }
    let mut parts = vec![format!("{} on {}", verb(judged.verdict), versions(&judged.pythons))];

    let others = || whole.everywhere().filter(|other| !std::ptr::eq(*other, judged));
    for verdict in [Verdict::Failed, Verdict::Unreviewed, Verdict::Passed, Verdict::Skipped] {
        let alike = others().filter(|other| other.verdict == verdict);
        let mut pythons: Vec<Minor> = alike.flat_map(|other| &other.pythons).copied().collect();
        pythons.sort_unstable();
        if !pythons.is_empty() {
            let verb = if verdict == judged.verdict { "in another way" } else { verb(verdict) };
            parts.push(format!("{verb} on {}", versions(&pythons)));
        }
    }
    Some(parts.join(", "))
}

/// As in ` on 3.12, 3.13`: where `judged`, a part of `whole`, is what happened. Empty where that is so in all Pythons.
pub(super) fn on(judged: &Judged, whole: &Judged) -> String {
    if whole.elsewhere.is_empty() { String::new() } else { format!(" on {}", versions(&judged.pythons)) }
}

fn verb(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passes",
        Verdict::Failed => "fails",
        Verdict::Unreviewed => "is unreviewed",
        Verdict::Skipped => "skipped",
    }
}

/// As in `3.11, 3.12`.
pub(super) fn versions(pythons: &[Minor]) -> String {
    pythons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The word for programs.
pub(super) fn kind(loading: &Loading) -> &'static str {
    match loading {
        Loading::Embedded { .. } => "embedded",
        Loading::Hosted => "hosted",
    }
}
