//! Events to text. One file per format; knows only events and the words they are made of.

mod ascii;
mod doctor;
mod escape;
mod fatal;
mod human;
mod json;
mod list;
mod output;
mod palette;
mod progress;
#[cfg(test)]
mod properties;
mod quote;
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
use crate::model::snippet::Line;
use crate::report::palette::Palette;
use crate::summary::Summary;

pub(crate) use doctor::{Diagnosis, doctor};
pub(crate) use human::INTERRUPTED;
pub(crate) use list::{BlockKind, Disposition, Listed};
pub(crate) use output::Output;
pub(crate) use palette::Color;
pub(crate) use progress::Progress;
pub(crate) use words::counted;

/// Lines of a document before and after, without their ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rewrite<'a> {
    pub(crate) path: &'a str,
    /// The first that changes.
    pub(crate) line: Line,
    pub(crate) old: &'a [String],
    pub(crate) new: &'a [String],
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// How much people are told. Machines are told everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Only what failed, at the end.
    Quiet,
    #[default]
    Normal,
    /// A line for every snippet.
    Verbose,
}

/// Whether comments that claim nothing are told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Remarks {
    /// Only counted.
    #[default]
    Hidden,
    Shown,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The way from the caller's folder to the project root, `..` by `..`; empty where they are the same.
    pub(crate) base: String,
    pub(crate) format: Format,
    pub(crate) verbosity: Verbosity,
    pub(crate) remarks: Remarks,
    pub(crate) color: Color,
    /// Words of the command line that a command which repeats a failure needs as well.
    pub(crate) repeated: Vec<String>,
}

/// A format: a fold over events that writes what each of them adds.
trait Report {
    fn record(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()>;

    /// After the last event.
    fn finish(&mut self, summary: &Summary, exit_code: u8, out: &mut dyn Write) -> io::Result<()>;
}

/// Writes a report as the news comes in, each piece at once, so that a reader sees it early and never half of it.
///
/// An error of kind `BrokenPipe` means that nobody reads any more: a reason to stop, not to complain.
pub(crate) struct Reporter<W> {
    report: Box<dyn Report>,
    progress: Progress,
    out: W,
}

impl<W: Write> Reporter<W> {
    pub(crate) fn new(options: Options, progress: Progress, out: W) -> Self {
        let report: Box<dyn Report> = match options.format {
            Format::Human => Box::new(human::Human::new(options)),
            Format::Json => Box::new(json::Json::new(options.remarks)),
        };
        Self { report, progress, out }
    }

    pub(crate) fn record(&mut self, event: &Event) -> io::Result<()> {
        self.progress.record(event);
        let mut text = Vec::new();
        self.report.record(event, &mut text)?;
        self.write(&text)
    }

    pub(crate) fn finish(mut self, summary: &Summary, exit_code: u8) -> io::Result<()> {
        let mut text = Vec::new();
        self.report.finish(summary, exit_code, &mut text)?;
        self.write(&text)
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

/// A path on a line that is ours.
pub(crate) fn path(path: &str) -> Cow<'_, str> {
    escape::word(path)
}

/// What `snipcheck list` prints.
pub(crate) fn list(blocks: &[Listed], format: Format, color: Color, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => list::human(blocks, color, out),
        Format::Json => list::json(blocks, out),
    }
}
