//! The report for people: a line for what needs attention as it happens, each failure in full at the end, one summary.

mod claims;
mod closing;
pub(super) mod difference;
mod excerpt;
pub(super) mod failure;
mod found;
mod next;
pub(super) mod problem;
mod status;
pub(super) mod style;
mod traceback;
mod unstable;

use std::io::{self, Write};

use crate::event::{Acceptance, Event, Judged, Unread};
use crate::model::snippet::SnippetId;
use crate::model::verdict::Verdict;
use crate::report::fold::Report;
use crate::report::human::found::Found;
use crate::report::human::style::Style;
use crate::report::options::{Options, Remarks, Verbosity};
use crate::report::reason::{self, is_false, truth};
use crate::report::words::headline;
use crate::report::{escape, packages};
use crate::summary::Summary;

pub(crate) use difference::Rewrite;

/// Said as soon as it happens.
pub(crate) const INTERRUPTED: &str = "interrupted: snippets that run may finish; Ctrl-C again ends them";

pub(crate) struct Human {
    style: Style,
    verbosity: Verbosity,
    remarks: Remarks,
    found: Found,
    /// Whether the end needs a blank line to stand apart.
    spoken: bool,
}

impl Human {
    pub(crate) fn new(options: Options) -> Self {
        let (verbosity, remarks) = (options.verbosity, options.remarks);
        let style = Style::new(options);
        Self { style, verbosity, remarks, found: Found::default(), spoken: false }
    }

    fn judged(&mut self, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
        let place = (judged.path.clone(), judged.location.code);
        if let (Verdict::Failed, Some(line)) = (judged.verdict, judged.builds_on) {
            let consequences = self.found.consequences.entry((judged.path.clone(), line)).or_default();
            consequences.insert(place);
            return self.tell(judged, out);
        }
        match (judged.verdict, judged.missing_package()) {
            (Verdict::Failed, Some(package)) => {
                let package = packages::full_name(judged, package);
                let missing = self.found.missing.entry(package).or_default();
                missing.snippets += 1;
                if !judged.elsewhere.is_empty() {
                    missing.pythons.extend(&judged.pythons);
                }
                missing.documents.insert(judged.path.clone());
            }
            (Verdict::Failed, None) if !judged.ran() => {
                let reason = reason::sentences(judged).into_iter().next().unwrap_or_default();
                self.found.unrun.entry(reason).or_default().insert(place);
            }
            (Verdict::Failed, None) => {
                let path = &judged.path;
                if judged.correctable {
                    *self.found.correctable.entry(path.clone()).or_default() += 1;
                } else if failure::is_acceptable(judged) {
                    *self.found.acceptable.entry(path.clone()).or_default() += 1;
                }
                self.found.headlines.insert(place.clone(), headline(judged));
                let details = self.found.failures.entry(place).or_default();
                let failing = judged.everywhere().filter(|other| other.verdict == Verdict::Failed);
                for (number, other) in failing.filter(|other| other.builds_on.is_none()).enumerate() {
                    if number > 0 {
                        details.push(b'\n');
                    }
                    failure::write(other, judged, &self.style, details)?;
                }
            }
            (Verdict::Unreviewed, _) => {
                self.found.unreviewed.insert(place, judged.id.to_string());
            }
            (Verdict::Passed | Verdict::Skipped, _) => {}
        }
        if judged.verdict == Verdict::Passed {
            let falsehoods = judged.claims.iter().filter(|claim| is_false(claim));
            self.found.falsehoods.extend(falsehoods.map(|claim| {
                let phrase = format!("{}, but {}", escape::phrase(&claim.text), escape::line(&truth(claim)));
                ((judged.path.clone(), claim.line), phrase)
            }));
        }
        self.tell(judged, out)
    }

    /// Writes what is known of a snippet as soon as it is judged.
    fn tell(&mut self, judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
        let mut text = Vec::new();
        if self.tells(judged) {
            status::write(judged, self.style.palette, &mut text)?;
        }
        claims::list(judged, (self.verbosity, self.remarks), self.style.palette, &mut text)?;
        if self.verbosity != Verbosity::Quiet {
            unstable::list(judged, self.style.palette, &mut text)?;
        }
        self.spoken |= !text.is_empty();
        out.write_all(&text)
    }

    fn accepted(&mut self, id: &SnippetId, acceptance: Acceptance, out: &mut dyn Write) -> io::Result<()> {
        let done = match (self.verbosity, acceptance) {
            (Verbosity::Quiet, _) => return Ok(()),
            (Verbosity::Normal | Verbosity::Verbose, Acceptance::Written) => "accepted",
            (Verbosity::Normal | Verbosity::Verbose, Acceptance::Moved) => "moved",
        };
        self.spoken = true;
        let (path, name) = id.0.split_once("::").unwrap_or((&id.0, ""));
        writeln!(out, "{done} {}  {}", escape::word(path), escape::word(name))
    }

    fn tells(&self, judged: &Judged) -> bool {
        match self.verbosity {
            Verbosity::Quiet => false,
            Verbosity::Normal => {
                let elsewhere = judged.missing_package().is_some() || judged.builds_on.is_some();
                judged.verdict == Verdict::Failed && !elsewhere && judged.ran()
            }
            Verbosity::Verbose => true,
        }
    }
}

impl Report for Human {
    fn record(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Planned(planned) => self.found.planned = Some(planned.snippets),
            Event::Running { .. }
            | Event::DocumentBegins { .. }
            | Event::DocumentOver { .. }
            | Event::Finished(_)
            | Event::Unread { unread: Unread::NotRunnable, .. } => {}
            Event::Interrupted => {
                writeln!(out, "{INTERRUPTED}")?;
            }
            Event::Note(note) => writeln!(out, "note: {}", escape::phrase(note))?,
            Event::Problem(problem) => self.found.problems.push(problem.clone()),
            Event::Judged(judged) => self.judged(judged, out)?,
            Event::Accepted { id, acceptance } => self.accepted(id, *acceptance, out)?,
            Event::Orphaned { snapshot } => {
                self.found.orphaned.insert(snapshot.clone());
            }
            Event::Unread { unread: Unread::Suspicious, path, line, reason } => {
                self.found.suspicious.insert((path.clone(), *line), reason.clone());
            }
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
        self.found.problems.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
        let mut text = Vec::new();
        let closing = closing::Closing {
            found: &self.found,
            summary,
            exit_code,
            verbosity: self.verbosity,
            palette: self.style.palette,
            style: &self.style,
        };
        closing.write(&mut text)?;
        out.write_all(if self.spoken { &text } else { text.trim_ascii_start() })
    }
}
