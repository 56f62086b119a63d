//! Events to text. One file per format; knows only events and the words they are made of.

mod ascii;
mod doctor;
mod escape;
mod fatal;
mod file;
mod fold;
mod format;
mod human;
mod json;
mod list;
mod options;
mod output;
mod packages;
mod palette;
mod pending;
mod progress;
#[cfg(test)]
mod proptests;
mod python;
mod quote;
mod reason;
mod results;
#[cfg(test)]
mod sample;
mod shell;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, Write};

use crate::event::Event;
use crate::model::problem::Problem;
use crate::report::fold::Report;
use crate::report::palette::Palette;
use crate::summary::Summary;

pub(crate) use doctor::{Diagnosis, doctor};
pub(crate) use file::{Manner, ReportFile};
pub(crate) use format::{Format, ListFormat, Wanted};
pub(crate) use human::{INTERRUPTED, Rewrite};
pub(crate) use list::{BlockKind, Disposition, Listed};
pub(crate) use options::{Options, Remarks, Verbosity};
pub(crate) use output::Output;
pub(crate) use palette::Color;
pub(crate) use pending::{Pending, PendingFormat};
pub(crate) use progress::Progress;
pub(crate) use words::counted;

/// Writes a report as the news comes in, each piece at once, so that a reader sees it early and never half of it.
///
/// An error of kind `BrokenPipe` means that nobody reads any more: a reason to stop, not to complain.
pub(crate) struct Reporter<W> {
    report: Box<dyn Report>,
    progress: Progress,
    out: W,
    /// The same in other formats.
    more: Vec<(Box<dyn Report>, Destination)>,
}

/// Where a report goes that is not the first one.
pub(crate) enum Destination {
    File(ReportFile),
    /// What is written as a whole, after everything else.
    Stderr,
}

impl<W: Write> Reporter<W> {
    pub(crate) fn new(format: Format, options: Options, progress: Progress, out: W) -> Self {
        Self { report: format.report(options), progress, out, more: Vec::new() }
    }

    /// Adds a report in another format.
    pub(crate) fn add(&mut self, format: Format, options: Options, destination: Destination) {
        self.more.push((format.report(options), destination));
    }

    pub(crate) fn record(&mut self, event: &Event) -> io::Result<()> {
        self.progress.record(event);
        let mut text = Vec::new();
        self.report.record(event, &mut text)?;
        for (report, destination) in &mut self.more {
            match destination {
                Destination::File(file) => report.record(event, file)?,
                Destination::Stderr => report.record(event, &mut io::stderr().lock())?,
            }
        }
        self.write(&text)
    }

    pub(crate) fn finish(mut self, summary: &Summary, exit_code: u8) -> io::Result<()> {
        let mut text = Vec::new();
        self.report.finish(summary, exit_code, &mut text)?;
        // Each is written whatever became of the others; the first error is told.
        let mut written = Ok(());
        for (mut report, destination) in std::mem::take(&mut self.more) {
            let done = match destination {
                Destination::File(mut file) => {
                    report.finish(summary, exit_code, &mut file).and_then(|()| file.close())
                }
                Destination::Stderr => {
                    let mut text = Vec::new();
                    report
                        .finish(summary, exit_code, &mut text)
                        .and_then(|()| self.progress.aside(|| io::stderr().lock().write_all(&text)))
                }
            };
            written = written.and(done);
        }
        written.and(self.write(&text))
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let out = &mut self.out;
        self.progress.aside(|| {
            out.write_all(text)?;
            out.flush()
        })
    }
}

/// Located complaints alone, for verbs that run nothing.
pub(crate) fn problems(problems: &[&Problem], color: Color, out: &mut dyn Write) -> io::Result<()> {
    problems.iter().try_for_each(|problem| human::problem::write(problem, Palette::new(color), out))
}

/// A line for each sentence.
pub(crate) fn notes<'a>(notes: impl Iterator<Item = &'a String>, out: &mut dyn Write) -> io::Result<()> {
    let mut notes = notes;
    notes.try_for_each(|note| writeln!(out, "note: {}", escape::phrase(note)))
}

/// What would change in a document.
pub(crate) fn rewrite(rewrite: &Rewrite<'_>, color: Color, out: &mut dyn Write) -> io::Result<()> {
    human::difference::rewrite(rewrite, Palette::new(color), out)
}

/// What ends the program early. `said` is what a program that failed us has printed.
pub(crate) fn failure(
    error: &dyn Error,
    said: &str,
    hint: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    fatal::write(error, said, hint, out)
}

/// Lines of ours with foreign words among them; borrowed where nothing in them could do harm.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let escaped: Vec<String> = text.lines().map(escape::line).collect();
    if text.lines().eq(escaped.iter().map(String::as_str)) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(escaped.join("\n"))
    }
}

/// A line that cannot steer a terminal, with the blanks at its end spelt out.
pub(crate) fn visible_line(line: &str) -> String {
    human::difference::visible_end(escape::line(line))
}

/// A path on a line that is ours.
pub(crate) fn path(path: &str) -> Cow<'_, str> {
    escape::word(path)
}
