//! What a run found, in the order of the documents whatever the order in which things ended. Formats that are written as
//! a whole are made of it.

mod case;
mod collected;
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
use crate::report::results::case::{Case, Finding};
use crate::report::results::collected::{Results, Totals};
use crate::summary::Summary;

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

/// Collects until the run is over.
pub(crate) struct Collector {
    form: Form,
    root: String,
    style: Style,
    results: Results,
}

impl Collector {
    pub(crate) fn new(form: Form, options: Options) -> Self {
        let root = match form {
            // Those look from the root of the repository.
            Form::Github | Form::Gitlab | Form::Sarif => options.in_repository.clone(),
            Form::Short => options.base.clone(),
            Form::Markdown | Form::Junit | Form::Tap => String::new(),
        };
        let style = Style::new(Options { color: Color::Never, ..options });
        Self { form, root, style, results: Results::default() }
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
        write(&self.results, self.form, Totals { summary, exit_code, root: &self.root }, &mut text)?;
        out.write_all(&text)
    }
}

fn write(results: &Results, form: Form, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    match form {
        Form::Short => short::write(results, totals, out),
        Form::Github => github::write(results, totals, out),
        Form::Markdown => markdown::write(results, totals, out),
        Form::Junit => junit::write(results, totals, out),
        Form::Gitlab => gitlab::write(results, totals, out),
        Form::Sarif => sarif::write(results, totals, out),
        Form::Tap => tap::write(results, totals, out),
    }
}
