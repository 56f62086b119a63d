//! What a run found, in the order of the documents whatever the order in which things ended. Formats that are written as
//! a whole are made of it.

mod case;
mod github;
mod gitlab;
mod junit;
mod markdown;
mod sarif;
mod short;
mod tap;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::event::{Event, Unread};
use crate::report::fold::Report;
use crate::report::human::style::Style;
use crate::report::options::Options;
use crate::report::palette::Color;
use crate::report::words::counted;
use crate::summary::Summary;

pub(crate) use case::{Case, Finding, Level, Rule};

/// What collected results are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Short,
    Github,
    Markdown,
    Junit,
    Gitlab,
    Sarif,
    Tap,
}

/// Snippets, and what is wrong with them and with everything else.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// By path and line, once they are sorted.
    pub(crate) cases: Vec<Case>,
    /// What is no snippet's failure: problems, suspicious blocks, orphaned snapshots.
    pub(crate) others: Vec<Finding>,
}

impl Results {
    pub(crate) fn sort(&mut self) {
        self.cases
            .sort_by(|one, other| (&one.path, one.line, &one.id).cmp(&(&other.path, other.line, &other.id)));
        self.others.sort();
    }

    /// Everything that somebody has to look at, in the order of the documents.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.cases.iter().filter_map(Case::finding).collect();
        findings.extend(self.others.iter().cloned());
        findings.sort();
        findings
    }

    pub(crate) fn write(&self, form: Form, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
        match form {
            Form::Short => short::write(self, out),
            Form::Github => github::write(self, out),
            Form::Markdown => markdown::write(self, totals, out),
            Form::Junit => junit::write(self, totals, out),
            Form::Gitlab => gitlab::write(self, out),
            Form::Sarif => sarif::write(self, totals, out),
            Form::Tap => tap::write(self, totals, out),
        }
    }
}

/// The counts of a run.
#[derive(Clone, Copy)]
pub(crate) struct Totals<'a> {
    pub(crate) summary: &'a Summary,
    pub(crate) exit_code: u8,
}

impl Totals<'_> {
    /// `12 snippets in 3 documents: 11 passed, 1 failed`.
    fn sentence(&self) -> String {
        let Summary { passed, failed, unreviewed, skipped, documents, .. } = self.summary;
        let (problems, orphaned) = (self.summary.problems, self.summary.orphaned);
        let parts = [
            (*passed, "passed"),
            (*failed, "failed"),
            (*unreviewed, "unreviewed"),
            (*skipped, "skipped"),
            (problems, if problems == 1 { "problem" } else { "problems" }),
            (orphaned, if orphaned == 1 { "orphaned snapshot" } else { "orphaned snapshots" }),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
        let all = passed + failed + unreviewed + skipped;
        let start = format!("{} in {}", counted(all, "snippet"), counted(*documents, "document"));
        if parts.is_empty() { start } else { format!("{start}: {}", parts.join(", ")) }
    }
}

/// Collects until the run is over.
pub(crate) struct Collector {
    form: Form,
    style: Style,
    results: Results,
}

impl Collector {
    pub(crate) fn new(form: Form, options: Options) -> Self {
        let style = Style::new(Options { color: Color::Never, ..options });
        Self { form, style, results: Results::default() }
    }
}

impl Report for Collector {
    fn record(&mut self, event: &Event, _: &mut dyn Write) -> io::Result<()> {
        let Results { cases, others } = &mut self.results;
        match event {
            Event::Judged(judged) => cases.push(Case::of(judged, &self.style)?),
            Event::Problem(problem) => others.push(Finding::problem(problem)),
            Event::Orphaned { snapshot } => others.push(Finding::orphaned(snapshot)),
            Event::Unread { unread: Unread::Suspicious, path, line, reason } => {
                others.push(Finding::suspicious(path.as_str(), *line, reason));
            }
            Event::Planned(_)
            | Event::Running { .. }
            | Event::DocumentBegins { .. }
            | Event::DocumentOver { .. }
            | Event::Accepted { .. }
            | Event::Interrupted
            | Event::Note(_)
            | Event::Unread { unread: Unread::NotRunnable, .. }
            | Event::Finished(_) => {}
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
        self.results.sort();
        let mut text = Vec::new();
        self.results.write(self.form, Totals { summary, exit_code }, &mut text)?;
        out.write_all(&text)
    }
}
