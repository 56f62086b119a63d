//! What keys write: outputs that wait become snapshots, documents say what really came out.

use std::io;

use crate::commands::review::waiting_output;
use crate::commands::update::Findings;
use crate::commands::watch::results::Results;
use crate::config::Settings;
use crate::event::Judged;
use crate::expect;
use crate::failure::Failure;
use crate::model::problem::Problem;
use crate::report::{self, Color, counted};

/// What was written, a line for each, and what could not be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    lines: Vec<String>,
    problems: Vec<Problem>,
}

impl Written {
    /// For people.
    pub(super) fn text(&self, color: Color) -> io::Result<String> {
        let mut text = self.lines.join("\n").into_bytes();
        if !self.problems.is_empty() {
            text.push(b'\n');
            report::problems(&self.problems.iter().collect::<Vec<_>>(), color, &mut text)?;
        }
        Ok(String::from_utf8_lossy(&text).trim().to_owned())
    }
}

/// Accepts every output that the last runs have left to be accepted.
pub(super) fn accept(settings: &Settings, results: &Results) -> Result<Written, Failure> {
    let waiting = expect::pending(&settings.root)?;
    let waiting = waiting.iter().map(|pending| (pending.file.as_str(), pending)).collect();

    let mut accepted = 0;
    let mut written = Written::default();
    for judged in results.judged().flat_map(Judged::everywhere) {
        match waiting_output(judged, &waiting, settings) {
            Some(Ok(contents)) => {
                contents.accept(&settings.root)?;
                accepted += 1;
            }
            Some(Err(problem)) => written.problems.push(problem),
            None => {}
        }
    }
    if accepted > 0 {
        written.lines.push(format!("accepted {}", counted(accepted, "output")));
    }
    Ok(written)
}

/// Writes into the documents what really came out. One that somebody has changed since it ran is left as it is.
pub(super) fn update(settings: &Settings, results: &Results) -> Written {
    let mut found = Findings::default();
    results.judged().for_each(|judged| found.judged(judged));

    let mut written = Written::default();
    for draft in found.drafts(settings) {
        match draft.write() {
            Ok(()) => {
                let path = report::path(draft.path().as_str());
                written.lines.push(format!("updated {path}: {}", counted(draft.lines(), "line")));
            }
            Err(problem) => written.problems.push(problem),
        }
    }
    written.problems.append(&mut found.problems);
    written
}
