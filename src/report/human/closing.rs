//! What a run leaves behind: failures in full, then everything else that wants attention, the counts last.

use std::io::{self, Write};
use std::time::Duration;

use crate::model::installation::Installation;
use crate::model::policy::Tier;
use crate::model::reason::Minor;
use crate::report::human::found::{Found, Missing};
use crate::report::human::style::Style;
use crate::report::human::{claims, next, problem};
use crate::report::options::Verbosity;
use crate::report::palette::{Palette, paint};
use crate::report::words::{counted, place, short_id, span, stopwatch};
use crate::report::{escape, packages, python};
use crate::summary::Summary;

/// A snippet that takes longer is named.
const SLOW: Duration = Duration::from_millis(500);

/// Waiting that a person would have noticed.
const NOTABLE: Duration = Duration::from_secs(1);

/// Rows of a list of what is unfinished.
const LONGEST_LIST: usize = 20;

/// Lines of failures that one screen cannot show: they are listed once more at the end.
const LONG: usize = 60;

/// Documents that the line of a missing package names.
const NAMED: usize = 3;

pub(crate) struct Closing<'a> {
    pub(crate) found: &'a Found,
    pub(crate) summary: &'a Summary,
    pub(crate) exit_code: u8,
    pub(crate) verbosity: Verbosity,
    pub(crate) palette: Palette,
    pub(crate) style: &'a Style,
}

impl Closing<'_> {
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for details in self.found.failures.values() {
            out.write_all(b"\n")?;
            out.write_all(details)?;
        }
        for problem in &self.found.problems {
            out.write_all(b"\n")?;
            problem::write(problem, self.palette, out)?;
        }
        self.missing(out)?;
        self.consequences(out)?;
        for (reason, places) in &self.found.unrun {
            self.heading(
                out,
                &format!("{} did not run", counted(places.len(), "snippet")),
                &escape::phrase(reason),
            )?;
            self.rows(places.iter().map(|(path, line)| place(path.as_str(), line)), out)?;
        }
        if self.verbosity != Verbosity::Quiet || self.unfinished_business_fails() {
            self.falsehoods(out)?;
            self.unreviewed(out)?;
            self.suspicious(out)?;
            self.orphaned(out)?;
        }
        if self.verbosity != Verbosity::Quiet {
            self.slowest(out)?;
        }
        self.failures(out)?;
        out.write_all(b"\n")?;
        self.counts(out)
    }

    /// Nothing failed, and yet the run does.
    fn unfinished_business_fails(&self) -> bool {
        self.exit_code == 1 && self.summary.failed + self.summary.problems == 0
    }

    fn heading(&self, out: &mut dyn Write, heading: &str, hint: &str) -> io::Result<()> {
        write!(out, "\n{}", paint(self.palette.attention, heading))?;
        writeln!(out, "{}{hint}", if hint.is_empty() { "" } else { ": " })
    }

    fn missing(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.found.missing.is_empty() {
            return Ok(());
        }
        let rows: Vec<[String; 4]> =
            self.found.missing.iter().map(|missing| row(missing, &self.style.installation)).collect();
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths = [width(0), width(1), width(2)];
        self.heading(out, &counted(rows.len(), "missing package"), "")?;
        for [package, snippets, documents, command] in &rows {
            let [first, second, third] = widths;
            writeln!(out, "  {package:first$}  {snippets:>second$}  {documents:third$}  {command}")?;
        }
        Ok(())
    }

    /// Snippets whose failure says nothing new, by the one that they build on.
    fn consequences(&self, out: &mut dyn Write) -> io::Result<()> {
        for ((path, line), places) in &self.found.consequences {
            let build = if places.len() == 1 { "builds" } else { "build" };
            let heading =
                format!("{} {build} on {}", counted(places.len(), "snippet"), place(path.as_str(), line));
            self.heading(
                out,
                &heading,
                if places.len() == 1 { "it lacks a name" } else { "they lack names" },
            )?;
            self.rows(places.iter().map(|(path, line)| place(path.as_str(), line)), out)?;
        }
        Ok(())
    }

    fn falsehoods(&self, out: &mut dyn Write) -> io::Result<()> {
        let falsehoods = &self.found.falsehoods;
        if falsehoods.is_empty() {
            return Ok(());
        }
        self.heading(out, &counted(falsehoods.len(), "false claim"), "reported, not failed")?;
        self.rows(
            falsehoods
                .iter()
                .map(|((path, line), phrase)| format!("{}  {phrase}", place(path.as_str(), line))),
            out,
        )
    }

    fn unreviewed(&self, out: &mut dyn Write) -> io::Result<()> {
        let unreviewed = &self.found.unreviewed;
        if unreviewed.is_empty() {
            return Ok(());
        }
        self.heading(
            out,
            &counted(unreviewed.len(), "unreviewed snippet"),
            "`snipcheck accept` accepts the output",
        )?;
        let rows = unreviewed.iter().map(|((path, line), id)| {
            format!("{}  {}", place(path.as_str(), line), escape::word(short_id(id, path.as_str())))
        });
        self.rows(rows, out)
    }

    /// A list that nobody would read to its end is cut, unless all of it is asked for.
    fn rows(&self, rows: impl ExactSizeIterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
        let shown = if self.verbosity == Verbosity::Verbose { usize::MAX } else { LONGEST_LIST };
        let more = rows.len().saturating_sub(shown);
        for row in rows.take(shown) {
            writeln!(out, "  {row}")?;
        }
        if more > 0 { writeln!(out, "  … {more} more, listed with `-v`") } else { Ok(()) }
    }

    fn suspicious(&self, out: &mut dyn Write) -> io::Result<()> {
        let suspicious = &self.found.suspicious;
        if suspicious.is_empty() {
            return Ok(());
        }
        self.heading(out, &counted(suspicious.len(), "suspicious block"), "not run")?;
        let rows = suspicious.iter().map(|((path, line), reason)| {
            format!("{}  {}", place(path.as_str(), line), escape::phrase(reason))
        });
        self.rows(rows, out)
    }

    fn orphaned(&self, out: &mut dyn Write) -> io::Result<()> {
        let orphaned = &self.found.orphaned;
        if orphaned.is_empty() {
            return Ok(());
        }
        self.heading(
            out,
            &counted(orphaned.len(), "orphaned snapshot"),
            "`snipcheck accept --prune` removes what no snippet uses",
        )?;
        self.rows(orphaned.iter().map(|snapshot| escape::word(snapshot).into_owned()), out)
    }

    fn slowest(&self, out: &mut dyn Write) -> io::Result<()> {
        let verbose = self.verbosity == Verbosity::Verbose;
        let slow: Vec<_> = self.summary.slowest.iter().filter(|(_, wall)| verbose || *wall > SLOW).collect();
        if slow.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{}", paint(self.palette.strong, "slowest"))?;
        for (id, wall) in slow {
            let (path, name) = id.0.split_once("::").unwrap_or((&id.0, ""));
            writeln!(out, "  {} {}  {}", stopwatch(*wall), escape::word(path), escape::word(name))?;
        }
        Ok(())
    }

    /// A line for each failure, where their details are too long to be seen at once. None is left out.
    fn failures(&self, out: &mut dyn Write) -> io::Result<()> {
        let headlines = &self.found.headlines;
        let lines = self.found.failures.values().flatten().filter(|byte| **byte == b'\n').count();
        if headlines.len() < 2 || lines <= LONG {
            return Ok(());
        }

        self.heading(out, &counted(headlines.len(), "failure"), "")?;
        for ((path, line), headline) in headlines {
            writeln!(
                out,
                "  {}  {}  {headline}",
                place(path.as_str(), line),
                paint(self.palette.bad, "failed")
            )?;
        }
        Ok(())
    }

    fn counts(&self, out: &mut dyn Write) -> io::Result<()> {
        let Summary { passed, failed, unreviewed, skipped, documents, interrupted, .. } = self.summary;
        let palette = self.palette;
        let warning = paint(palette.attention, "warning");
        match self.summary.sandbox {
            None | Some(Tier::A) => {}
            Some(Tier::B) => writeln!(
                out,
                "{warning}: the sandbox was tier B, without namespaces: `snipcheck doctor` says why"
            )?,
            Some(Tier::Off) => {
                writeln!(out, "{warning}: the sandbox was off, snippets could do whatever you can")?;
            }
        }
        let style = if self.exit_code == 0 { palette.good } else { palette.bad };
        let label = paint(style, " Summary");
        let judged = passed + failed + unreviewed + skipped;
        let parts = self.parts();
        write!(out, "{label} {} ", stopwatch(self.summary.wall))?;
        if *interrupted {
            let ran = (passed + failed + unreviewed).saturating_sub(self.summary.not_run);
            let planned = self.found.planned.unwrap_or(ran);
            write!(
                out,
                "{} after {ran} of {}",
                paint(palette.attention, "interrupted"),
                counted(planned, "snippet")
            )?;
        } else if judged == 0 {
            write!(out, "no Python snippets in {}", counted(*documents, "document"))?;
        } else {
            write!(out, "{} in {}", counted(judged, "snippet"), counted(*documents, "document"))?;
        }
        writeln!(out, "{}{}", if parts.is_empty() { "" } else { ": " }, parts.join(", "))?;
        let claims = claims::counts(&self.summary.claims);
        if !claims.is_empty() && self.verbosity != Verbosity::Quiet {
            writeln!(out, "  {} {claims}", paint(palette.faint, "claims:"))?;
        }
        if self.summary.cached > 0 && self.verbosity != Verbosity::Quiet {
            let ran = passed + failed + unreviewed;
            writeln!(out, "  {} {} of {ran}", paint(palette.faint, "cached:"), self.summary.cached)?;
        }
        if self.summary.warm > 0 && self.verbosity == Verbosity::Verbose {
            let ran = passed + failed + unreviewed;
            let warm = paint(palette.faint, "warm:");
            writeln!(out, "  {warm} {} of {ran} began with packages loaded", self.summary.warm)?;
        }
        if self.summary.waited >= NOTABLE && self.verbosity != Verbosity::Quiet {
            let waited = span(self.summary.waited);
            writeln!(out, "  {} {waited} of waiting took none", paint(palette.faint, "clock:"))?;
        }
        if judged > 0 {
            self.pythons(out)?;
        }
        if judged == 0 && !interrupted {
            let hint = match documents {
                0 => "name documents or folders, or set `paths` in `[tool.snipcheck]`",
                _ => "`snipcheck list` shows every code block and why it does not run",
            };
            writeln!(out, "  {} {hint}", paint(palette.faint, "hint:"))?;
        }
        if self.unfinished_business_fails() {
            writeln!(
                out,
                "  {} under --check, which CI implies, unfinished business fails the run",
                paint(palette.faint, "note:")
            )?;
        }
        next::write(self.found, self.summary, self.style, out)
    }

    /// Which Pythons ran, where their packages came from, and what was not for them.
    fn pythons(&self, out: &mut dyn Write) -> io::Result<()> {
        let label = paint(self.palette.faint, "python:");
        for python in &self.summary.pythons {
            let left_out = python.minor().and_then(|minor| self.summary.left_out.get(&minor));
            let left_out = left_out
                .map(|count| format!(", without {} that {}", counted(*count, "snippet"), not_for_it(*count)))
                .unwrap_or_default();
            match self.verbosity {
                Verbosity::Quiet => {}
                Verbosity::Normal => writeln!(out, "  {label} {}{left_out}", python::phrase(python))?,
                Verbosity::Verbose => writeln!(
                    out,
                    "  {label} {}{left_out}\n    {}",
                    python::phrase(python),
                    python::place(python)
                )?,
            }
        }
        Ok(())
    }

    fn parts(&self) -> Vec<String> {
        let summary = self.summary;
        let palette = self.palette;
        let mut parts = Vec::new();
        let mut part = |count: usize, style, text: String| {
            if count > 0 {
                parts.push(paint(style, text));
            }
        };
        part(summary.passed, palette.good, format!("{} passed", summary.passed));
        part(summary.failed, palette.bad, format!("{} failed{}", summary.failed, self.aside_of_failed()));
        part(summary.unreviewed, palette.attention, format!("{} unreviewed", summary.unreviewed));
        part(
            summary.skipped,
            palette.attention,
            format!("{} skipped{}", summary.skipped, self.aside_of_skipped()),
        );
        part(summary.unstable, palette.attention, format!("{} unstable", summary.unstable));
        part(summary.problems, palette.bad, counted(summary.problems, "problem"));
        part(summary.orphaned, palette.attention, counted(summary.orphaned, "orphaned snapshot"));
        parts
    }

    fn aside_of_failed(&self) -> String {
        let missing: usize = self.summary.missing_packages.values().sum();
        aside(&[
            (missing, "for missing packages"),
            (self.summary.consequences, "building on others"),
            (self.summary.not_run, "not run"),
        ])
    }

    fn aside_of_skipped(&self) -> String {
        aside(&[(self.summary.suspicious, "suspicious"), (self.summary.not_runnable, "not runnable")])
    }
}

fn not_for_it(count: usize) -> &'static str {
    if count == 1 { "is not for it" } else { "are not for it" }
}

fn aside(counts: &[(usize, &str)]) -> String {
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) }
}

/// Package, snippets, documents, what to do.
fn row((package, missing): (&String, &Missing), installation: &Installation) -> [String; 4] {
    let documents = &missing.documents;
    let mut named: Vec<String> =
        documents.iter().take(NAMED).map(|path| escape::word(path.as_str()).into_owned()).collect();
    if documents.len() > NAMED {
        named.push(format!("{} more", documents.len() - NAMED));
    }
    let pythons: Vec<Minor> = missing.pythons.iter().copied().collect();
    let on = if pythons.is_empty() { String::new() } else { format!(" on {}", python::versions(&pythons)) };
    [
        escape::phrase(package),
        counted(missing.snippets, "snippet"),
        format!("({}){on}", named.join(", ")),
        packages::advice(package, installation),
    ]
}
