//! Everything that helps to understand one failure, and the command that repeats it.

use std::io::{self, Write};

use crate::event::Judged;
use crate::model::outcome::{Cause, CauseKind, Ending, Stream};
use crate::model::reason::Reason;
use crate::model::snippet::Line;
use crate::report::human::style::Style;
use crate::report::human::{claims, difference, excerpt, traceback};
use crate::report::palette::paint;
use crate::report::quote::{Ends, quote};
use crate::report::words::{headline, place, short_id};
use crate::report::{escape, python, reason, shell};

const TRACEBACK: Ends = Ends { head: 12, tail: 12 };

/// The end of an output is nearer to what went wrong.
const OUTPUT: Ends = Ends { head: 3, tail: 12 };

/// Writes a failure, which is one of those of `whole`: the others are what happened in other Pythons.
pub(crate) fn write(judged: &Judged, whole: &Judged, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Judged { id, path, location, outcome, .. } = judged;
    let palette = style.palette;
    let place = place(path.as_str(), location.code);
    let name = escape::word(short_id(&id.0, path.as_str()));
    writeln!(out, "{} {}  {name}", paint(palette.bad, "FAIL"), paint(palette.strong, &place))?;

    if let Some(outcomes) = python::outcomes(judged, whole) {
        writeln!(out, "  {outcomes}")?;
    }
    let actual = format!("actual{}", python::on(judged, whole));

    let headline = headline(judged);
    // The reason above the excerpt says how.
    let has_left = outcome.ending == Ending::Exited && !outcome.stacks.is_empty();
    let label = if has_left { "the program ended here" } else { &headline };
    let excerpt = pointed_line(judged).and_then(|line| excerpt::excerpt(judged, line, label, style.color));
    if excerpt.is_none() && judged.reasons.is_empty() {
        writeln!(out, "  {headline}")?;
    }
    // Part of the headline.
    let excess = outcome.cause.as_ref().and_then(reason::excess);
    let falsehoods = claims::excerpt(judged, style.color);
    for reason in sentences(judged, falsehoods.is_some()).iter().map(|reason| first_line(reason)) {
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
    let operands = outcome.exception.iter().flat_map(|exception| &exception.operands);
    difference::operands(&operands.collect::<Vec<_>>(), palette, out)?;
    let differences = difference::claims(judged, &actual, palette, out)?;
    if let Some(exception) = &outcome.exception {
        section(out, "traceback", &traceback::trimmed(judged, exception).join("\n"), TRACEBACK)?;
    }
    if let Some(difference) = &judged.difference {
        // Its transcripts hold what was written.
        difference::write(difference, &actual, palette, out)?;
    } else {
        if differences == 0 || outcome.ending != Ending::Completed {
            section(out, "stdout", &text(&outcome.stdout), OUTPUT)?;
        }
        section(out, "stderr", &text(&outcome.stderr), OUTPUT)?;
    }
    let target = format!("{}:{}", style.path_for_caller(path.as_str()), location.code);
    let pythons = if whole.is_of_several() { style.pythons() } else { Vec::new() };
    for hint in hints(judged, &[&[target.as_str()], pythons.as_slice()].concat()) {
        writeln!(out, "  {} {hint}", paint(palette.faint, "hint:"))?;
    }
    let flags = style.repeated.iter().map(String::as_str);
    let words: Vec<&str> = ["snipcheck", "run", &target].into_iter().chain(flags).collect();
    let command = shell::command(&words);
    writeln!(out, "  {} {command}", paint(palette.faint, "rerun:"))
}

/// Sentences quote texts, which may be longer than a phrase.
fn first_line(reason: &str) -> String {
    let first = reason.lines().find(|line| !line.trim().is_empty());
    escape::line(first.unwrap_or_default().trim())
}

/// Why the snippet failed, without what the excerpt of false claims shows where it is.
fn sentences(judged: &Judged, excerpt: bool) -> Vec<String> {
    let of = |reason: &Reason| match reason {
        Reason::FalseClaims if excerpt => {
            let others = judged.claims.iter().filter(|claim| !claims::shows(judged, claim));
            others.filter_map(reason::falsehood).collect()
        }
        other => reason::of(judged, other),
    };
    judged.reasons.iter().flat_map(of).collect()
}

/// What can be done next.
fn hints(judged: &Judged, target: &[&str]) -> Vec<String> {
    let command = |verb: &str| shell::command(&[&["snipcheck", verb], target].concat());
    let corrected = judged
        .correctable
        .then(|| format!("`{}` writes what really happens into the document", command("update")));
    let accepted = is_acceptable(judged).then(|| format!("`{}` accepts the new output", command("accept")));
    let relabelled = judged.reasons.iter().find_map(|reason| {
        let Reason::Command { shell, .. } = reason else { return None };
        Some(format!("label the block `{}`, or skip it", shell.label()))
    });
    // The excerpt has no room for the advice.
    let advice = claims::shown(judged).find_map(reason::advice).map(str::to_owned);
    let remedy = judged.outcome.cause.as_ref().and_then(remedy);
    [advice, corrected, accepted, relabelled, remedy].into_iter().flatten().collect()
}

/// Whether nothing is wrong but that the output differs from the accepted one.
pub(crate) fn is_acceptable(judged: &Judged) -> bool {
    let is_difference_alone = judged.reasons.iter().all(|reason| match reason {
        Reason::Difference | Reason::Note(_) => true,
        Reason::LeftOut(_)
        | Reason::NotRun
        | Reason::Requirement { .. }
        | Reason::OtherThanAnnounced { .. }
        | Reason::Raised { .. }
        | Reason::EndedBy(_)
        | Reason::Ended(_)
        | Reason::FalseClaims
        | Reason::NeverAccepted
        | Reason::UnreadableSnapshot { .. }
        | Reason::Redaction { .. }
        | Reason::Incomparable { .. }
        | Reason::EarlierName { .. }
        | Reason::AcceptableError
        | Reason::Unacceptable
        | Reason::Contradicted
        | Reason::NewerSyntax { .. }
        | Reason::Command { .. }
        | Reason::UnequalRuns => false,
    });
    judged.difference.is_some() && is_difference_alone
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
        CauseKind::Network => Some("`--network host` lets it reach whatever you can".to_owned()),
        CauseKind::Interactive => Some(
            "`skip=\"somebody has to type\"` leaves it out; a fixture can define another `input`: `setup=name`".to_owned(),
        ),
        CauseKind::Signal | CauseKind::Exit | CauseKind::MissingPackage => None,
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
