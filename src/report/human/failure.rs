//! Everything that helps to understand one failure, and the command that repeats it.

use std::io::{self, Write};

use crate::event::Judged;
use crate::model::outcome::{Cause, CauseKind, Ending, Stream};
use crate::model::snippet::Line;
use crate::report::human::style::Style;
use crate::report::human::{claims, difference, excerpt, traceback};
use crate::report::palette::paint;
use crate::report::quote::{Ends, quote};
use crate::report::words::{headline, place, short_id};
use crate::report::{escape, reason, shell};

const TRACEBACK: Ends = Ends { head: 12, tail: 12 };

/// The end of an output is nearer to what went wrong.
const OUTPUT: Ends = Ends { head: 3, tail: 12 };

pub(crate) fn write(judged: &Judged, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Judged { id, path, location, outcome, .. } = judged;
    let palette = style.palette;
    let place = place(path.as_str(), location.code);
    let name = escape::word(short_id(&id.0, path.as_str()));
    writeln!(out, "{} {}  {name}", paint(palette.bad, "FAIL"), paint(palette.strong, &place))?;

    let headline = headline(judged);
    let excerpt =
        pointed_line(judged).and_then(|line| excerpt::excerpt(judged, line, &headline, style.color));
    if excerpt.is_none() && judged.reasons.is_empty() {
        writeln!(out, "  {headline}")?;
    }
    // Part of the headline.
    let excess = outcome.cause.as_ref().and_then(reason::excess);
    let falsehoods = claims::excerpt(judged, style.color);
    for reason in reason::sentences(judged).iter().map(|reason| escape::phrase(reason)) {
        // The excerpt shows them where they are.
        if falsehoods.is_some() && claims::shows(judged, &reason) {
            continue;
        }
        if excerpt.is_none() || reason != headline && Some(&reason) != excess.as_ref() {
            writeln!(out, "  {reason}")?;
        }
    }
    if let Some(excerpt) = excerpt {
        writeln!(out, "{}", excerpt.trim_end())?;
    }
    if let Some(falsehoods) = falsehoods {
        writeln!(out, "{}", falsehoods.trim_end())?;
    }
    if let Some(exception) = &outcome.exception {
        section(out, "traceback", &traceback::trimmed(judged, exception).join("\n"), TRACEBACK)?;
    }
    if let Some(difference) = &judged.difference {
        // Its transcripts hold what was written.
        difference::write(difference, palette, out)?;
    } else {
        section(out, "stdout", &text(&outcome.stdout), OUTPUT)?;
        section(out, "stderr", &text(&outcome.stderr), OUTPUT)?;
    }
    if let Some(remedy) = outcome.cause.as_ref().and_then(remedy) {
        writeln!(out, "  {} {remedy}", paint(palette.faint, "hint:"))?;
    }

    let target = match (style.base.as_str(), path.as_str()) {
        // A dash in front would be taken for a flag.
        ("", path) if path.starts_with('-') => format!("./{path}:{}", location.code),
        (base, path) if base.is_empty() || path.starts_with('/') => format!("{path}:{}", location.code),
        (base, path) => format!("{base}/{path}:{}", location.code),
    };
    let flags = style.repeated.iter().map(String::as_str);
    let words: Vec<&str> = ["snipcheck", "run", &target].into_iter().chain(flags).collect();
    let command = shell::command(&words);
    writeln!(out, "  {} {command}", paint(palette.faint, "rerun:"))
}

/// How to allow more of what a snippet used up.
fn remedy(cause: &Cause) -> Option<String> {
    let limit = |name: &str, unit: &str| {
        let most = cause.limit.map(|limit| format!("{:.0}{unit}", (limit * 2.0).ceil()));
        most.map(|most| format!("`--limit {name}={most}` allows more"))
    };
    match cause.kind {
        CauseKind::Wall => {
            let most =
                cause.limit.map_or_else(|| "60s".to_owned(), |limit| format!("{:.0}s", (limit * 2.0).ceil()));
            Some(format!("`--timeout {most}` allows more, unless the fence itself asks for less"))
        }
        CauseKind::Cpu => limit("cpu", "s"),
        CauseKind::Memory => limit("memory", "MiB"),
        CauseKind::Processes => limit("tasks", ""),
        CauseKind::Output => limit("output", "MiB"),
        CauseKind::Disk => limit("disk", "MiB"),
        CauseKind::Inodes => limit("inodes", ""),
        CauseKind::Descriptors => limit("descriptors", ""),
        CauseKind::Virtual => Some("`--clock real` lets it wait in real time".to_owned()),
        CauseKind::Signal
        | CauseKind::Exit
        | CauseKind::Interactive
        | CauseKind::MissingPackage
        | CauseKind::Network => None,
    }
}

/// The line to point at: where the exception came from, else the opening fence, which stands for the block.
fn pointed_line(judged: &Judged) -> Option<Line> {
    let raised_at = judged.outcome.exception.as_ref().and_then(|exception| exception.line);
    match judged.outcome.ending {
        Ending::NotRun => None,
        Ending::Raised => raised_at,
        // False claims point at themselves.
        Ending::Completed => (judged.difference.is_none() && !judged.claims.iter().any(reason::is_false))
            .then_some(judged.location.start),
        Ending::Exited | Ending::TimedOut | Ending::Killed | Ending::Deadlocked => {
            let stacks = &judged.outcome.stacks;
            let stood = stacks.iter().find(|stack| stack.process == 0 && stack.main).or(stacks.first());
            Some(raised_at.or(stood.map(|stack| stack.line)).unwrap_or(judged.location.start))
        }
    }
}

fn section(out: &mut dyn Write, title: &str, text: &str, ends: Ends) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {title}:")?;
    quote(out, text, ends)
}

fn text(stream: &Stream) -> String {
    if stream.written == 0 { String::new() } else { stream.text() }
}
