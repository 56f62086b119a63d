//! One JSON object a line: every key is a promise to the programs that read it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::event::{Event, Judged};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{Cause, Ending, Exception, ThreadStack};
use crate::model::policy::{Clock, Tier};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line, SnippetId};
use crate::model::verdict::Verdict;
use crate::moved::{self, Aspect, Moved, Redaction, Snapshots};
use crate::report::{Remarks, Report, ascii};
use crate::summary::{ClaimCounts, Summary};

/// Snippets of a document wait for the others, because they come in document order.
#[derive(Debug)]
pub(crate) struct Json {
    remarks: Remarks,
    waiting: BTreeMap<DocumentPath, Vec<(Line, Vec<u8>)>>,
}

impl Json {
    pub(crate) fn new(remarks: Remarks) -> Self {
        Self { remarks, waiting: BTreeMap::new() }
    }
}

impl Report for Json {
    fn record(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Judged(judged) => {
                let mut line = Vec::new();
                write(&mut line, &snippet(judged, self.remarks))?;
                self.waiting.entry(judged.path.clone()).or_default().push((judged.location.code, line));
                Ok(())
            }
            Event::DocumentOver { path } => {
                let mut lines = self.waiting.remove(path).unwrap_or_default();
                lines.sort_by_key(|(line, _)| *line);
                lines.iter().try_for_each(|(_, line)| out.write_all(line))
            }
            Event::Problem(problem) => write(out, &located(problem)),
            Event::Planned(_)
            | Event::Note(_)
            | Event::Interrupted
            | Event::Running { .. }
            | Event::Accepted { .. }
            | Event::Orphaned { .. }
            | Event::Unread { .. }
            | Event::Finished(_) => Ok(()),
        }
    }

    fn finish(&mut self, summary: &Summary, exit_code: u8, out: &mut dyn Write) -> io::Result<()> {
        write(out, &totals(summary, exit_code))
    }
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Object<'a> {
    Snippet(Box<SnippetObject<'a>>),
    Problem { path: &'a str, line: Option<Line>, message: &'a str, hint: Option<&'a str> },
    Summary(SummaryObject),
}

#[derive(Serialize)]
struct SnippetObject<'a> {
    id: &'a SnippetId,
    path: &'a DocumentPath,
    line: Line,
    verdict: Verdict,
    ending: Ending,
    cause: Option<&'a Cause>,
    exception: Option<ExceptionObject<'a>>,
    value: Option<&'a str>,
    stdout: String,
    stderr: String,
    stdout_bytes: u64,
    stderr_bytes: u64,
    claims: Vec<ClaimObject<'a>>,
    reasons: &'a [String],
    moved: Vec<MovedObject<'a>>,
    clock: Clock,
    wall_ms: f64,
    cpu_ms: f64,
    virtual_ms: Option<f64>,
    stacks: &'a [ThreadStack],
    sandbox: Tier,
    cached: bool,
}

#[derive(Serialize)]
struct ExceptionObject<'a> {
    r#type: &'a str,
    message: &'a str,
    line: Option<Line>,
    traceback: &'a str,
}

#[derive(Serialize)]
struct SummaryObject {
    passed: usize,
    failed: usize,
    unreviewed: usize,
    skipped: usize,
    not_run: usize,
    suspicious: usize,
    not_runnable: usize,
    problems: usize,
    claims: ClaimCounts,
    moved: usize,
    documents: usize,
    sandbox: Option<Tier>,
    wall_ms: f64,
    exit_code: u8,
}

#[derive(Serialize)]
struct ClaimObject<'a> {
    line: Line,
    text: &'a str,
    kind: ClaimKind,
    verdict: ClaimVerdict,
    actual: Option<&'a str>,
    accepted: bool,
}

#[derive(Serialize)]
struct MovedObject<'a> {
    aspect: Aspect,
    line: Option<Line>,
    start: usize,
    end: usize,
    before: &'a str,
    after: &'a str,
    run: usize,
    cause: moved::Cause,
    redaction: Option<&'a Redaction>,
    redacted: bool,
    marker: &'a str,
}

fn write(out: &mut dyn Write, object: &Object<'_>) -> io::Result<()> {
    ascii::write(out, object)?;
    out.write_all(b"\n")
}

fn snippet(judged: &Judged, remarks: Remarks) -> Object<'_> {
    let Judged { id, path, location, verdict, outcome, reasons, claims, moved, sandbox, .. } = judged;
    let told = |claim: &&Claim| claim.verdict != ClaimVerdict::Remark || remarks == Remarks::Shown;
    Object::Snippet(Box::new(SnippetObject {
        id,
        path,
        line: location.code,
        verdict: *verdict,
        ending: outcome.ending,
        cause: outcome.cause.as_ref(),
        exception: outcome.exception.as_ref().map(exception),
        value: outcome.value.as_deref(),
        stdout: outcome.stdout.text(),
        stderr: outcome.stderr.text(),
        stdout_bytes: outcome.stdout.written,
        stderr_bytes: outcome.stderr.written,
        claims: claims.iter().filter(told).map(claim).collect(),
        reasons,
        moved: moved.iter().map(moved_object).collect(),
        clock: outcome.timing.clock,
        wall_ms: milliseconds(outcome.usage.wall),
        cpu_ms: milliseconds(outcome.usage.cpu),
        virtual_ms: match outcome.timing.clock {
            Clock::Virtual => Some(milliseconds(outcome.timing.passed)),
            Clock::Real => None,
        },
        stacks: &outcome.stacks,
        sandbox: *sandbox,
        cached: false,
    }))
}

fn claim(claim: &Claim) -> ClaimObject<'_> {
    let Claim { line, text, kind, verdict, actual, accepted, correction: _ } = claim;
    let (actual, accepted) = (actual.as_deref(), *accepted);
    ClaimObject { line: *line, text, kind: *kind, verdict: *verdict, actual, accepted }
}

fn moved_object(moved: &Moved) -> MovedObject<'_> {
    let Moved { aspect, line, range, before, after, run, cause, redaction, seen, marker, around: _ } = moved;
    MovedObject {
        aspect: *aspect,
        line: *line,
        start: range.start,
        end: range.end,
        before,
        after,
        run: *run,
        cause: *cause,
        redaction: redaction.as_ref(),
        redacted: *seen == Snapshots::Redact,
        marker,
    }
}

fn exception(exception: &Exception) -> ExceptionObject<'_> {
    let Exception { kind, message, line, traceback, bases: _, frames: _ } = exception;
    ExceptionObject { r#type: kind, message, line: *line, traceback }
}

fn located(problem: &Problem) -> Object<'_> {
    let Problem { path, line, message, hint } = problem;
    Object::Problem { path, line: *line, message, hint: hint.as_deref() }
}

fn totals(summary: &Summary, exit_code: u8) -> Object<'static> {
    Object::Summary(SummaryObject {
        passed: summary.passed,
        failed: summary.failed,
        unreviewed: summary.unreviewed,
        skipped: summary.skipped,
        not_run: summary.not_run,
        suspicious: summary.suspicious,
        not_runnable: summary.not_runnable,
        problems: summary.problems,
        claims: summary.claims,
        moved: summary.moved,
        documents: summary.documents,
        sandbox: summary.sandbox,
        wall_ms: milliseconds(summary.wall),
        exit_code,
    })
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
