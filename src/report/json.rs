//! One JSON object a line: every key is a promise to the programs that read it.

mod store;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use crate::event::{Event, Judged};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{Cause, Ending, Exception, ThreadStack};
use crate::model::policy::{Clock, Tier};
use crate::model::problem::Problem;
use crate::model::python::RunningPython;
use crate::model::snippet::{DocumentPath, Line, SnippetId};
use crate::model::verdict::Verdict;
use crate::report::fold::Report;
use crate::report::human::{failure, style::Style};
use crate::report::json::store::{Kept, Store};
use crate::report::options::{Options, Remarks};
use crate::report::palette::Color;
use crate::report::{ascii, python, reason};
use crate::summary::{ClaimCounts, Summary};
use crate::variation::{Aspect, SnapshotView, SuggestedRedaction, Variation, VariationCause};

/// Snippets of a document wait for those above them, because they come in document order.
pub(crate) struct Json {
    remarks: Remarks,
    /// Of the texts for people that a failure carries.
    style: Style,
    documents: BTreeMap<DocumentPath, Waiting>,
    store: Store,
}

/// The snippets of a document that are not written.
#[derive(Debug, Default)]
struct Waiting {
    /// The first line of each, in order.
    expected: VecDeque<Line>,
    /// Those that only wait for others.
    judged: BTreeMap<Line, VecDeque<Kept>>,
}

impl Json {
    pub(crate) fn new(options: Options) -> Self {
        let remarks = options.remarks;
        let style = Style::new(Options { color: Color::Never, ..options });
        Self { remarks, style, documents: BTreeMap::new(), store: Store::default() }
    }
}

impl Report for Json {
    fn record(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Judged(judged) => {
                let mut text = Vec::new();
                write(&mut text, &snippet(judged, self.remarks, &self.style)?)?;
                let waiting = self.documents.entry(judged.path.clone()).or_default();
                if waiting.expected.front() == Some(&judged.location.code) {
                    out.write_all(&text)?;
                    waiting.expected.pop_front();
                } else {
                    let kept = self.store.keep(text);
                    waiting.judged.entry(judged.location.code).or_default().push_back(kept);
                }
                while let Some(line) = waiting.expected.front()
                    && let Some(kept) = waiting.judged.get_mut(line).and_then(VecDeque::pop_front)
                {
                    out.write_all(&self.store.take(kept)?)?;
                    waiting.expected.pop_front();
                }
                Ok(())
            }
            Event::DocumentBegins { path, lines } => {
                let expected = lines.iter().copied().collect();
                self.documents.insert(path.clone(), Waiting { expected, judged: BTreeMap::new() });
                Ok(())
            }
            Event::DocumentOver { path } => {
                let waiting = self.documents.remove(path).unwrap_or_default();
                // What was expected above them will not come.
                waiting
                    .judged
                    .into_values()
                    .flatten()
                    .try_for_each(|kept| out.write_all(&self.store.take(kept)?))
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
    Summary(Box<SummaryObject<'a>>),
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
    reasons: Vec<String>,
    text: Option<String>,
    builds_on: Option<Line>,
    moved: Vec<VariationObject<'a>>,
    clock: Clock,
    wall_ms: f64,
    cpu_ms: f64,
    virtual_ms: Option<f64>,
    stacks: &'a [ThreadStack],
    sandbox: Tier,
    cached: bool,
    warm: bool,
    /// The Pythons that this object is about.
    python: Vec<String>,
    /// What became of the snippet in the other Pythons of the run.
    elsewhere: Vec<ElsewhereObject<'a>>,
}

#[derive(Serialize)]
struct ElsewhereObject<'a> {
    python: Vec<String>,
    verdict: Verdict,
    ending: Ending,
    cause: Option<&'a Cause>,
    exception: Option<ExceptionObject<'a>>,
    value: Option<&'a str>,
    stdout: String,
    stderr: String,
    claims: Vec<ClaimObject<'a>>,
    reasons: Vec<String>,
    text: Option<String>,
}

#[derive(Serialize)]
struct ExceptionObject<'a> {
    r#type: &'a str,
    message: &'a str,
    line: Option<Line>,
    traceback: &'a str,
}

#[derive(Serialize)]
struct SummaryObject<'a> {
    passed: usize,
    failed: usize,
    unreviewed: usize,
    skipped: usize,
    not_run: usize,
    cached: usize,
    warm: usize,
    suspicious: usize,
    not_runnable: usize,
    problems: usize,
    claims: ClaimCounts,
    moved: usize,
    documents: usize,
    sandbox: Option<Tier>,
    /// The first of `pythons`.
    python: Option<PythonObject<'a>>,
    pythons: Vec<PythonObject<'a>>,
    wall_ms: f64,
    exit_code: u8,
}

#[derive(Serialize)]
struct PythonObject<'a> {
    version: &'a str,
    executable: Cow<'a, str>,
    /// `null` where packages are the interpreter's own.
    environment: Option<Cow<'a, str>>,
    kind: &'static str,
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
struct VariationObject<'a> {
    aspect: Aspect,
    line: Option<Line>,
    start: usize,
    end: usize,
    before: &'a str,
    after: &'a str,
    run: usize,
    python: Option<String>,
    cause: VariationCause,
    redaction: Option<&'a SuggestedRedaction>,
    redacted: bool,
    marker: &'a str,
}

fn write(out: &mut dyn Write, object: &Object<'_>) -> io::Result<()> {
    ascii::write(out, object)?;
    out.write_all(b"\n")
}

fn snippet<'a>(judged: &'a Judged, remarks: Remarks, style: &Style) -> io::Result<Object<'a>> {
    let Judged { id, path, location, verdict, outcome, claims, variations, sandbox, .. } = judged;
    let told = |claim: &&Claim| claim.verdict != ClaimVerdict::Remark || remarks == Remarks::Shown;
    Ok(Object::Snippet(Box::new(SnippetObject {
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
        reasons: reason::sentences(judged),
        text: text(judged, judged, style)?,
        builds_on: judged.builds_on,
        moved: variations.iter().map(variation_object).collect(),
        clock: outcome.timing.clock,
        wall_ms: milliseconds(outcome.usage.wall),
        cpu_ms: milliseconds(outcome.usage.cpu),
        virtual_ms: match outcome.timing.clock {
            Clock::Virtual => Some(milliseconds(outcome.timing.passed)),
            Clock::Real => None,
        },
        stacks: &outcome.stacks,
        sandbox: *sandbox,
        cached: judged.cached,
        warm: judged.warm,
        python: versions(judged),
        elsewhere: judged
            .elsewhere
            .iter()
            .map(|other| elsewhere(other, judged, (remarks, style)))
            .collect::<io::Result<_>>()?,
    })))
}

fn elsewhere<'a>(
    other: &'a Judged,
    whole: &Judged,
    (remarks, style): (Remarks, &Style),
) -> io::Result<ElsewhereObject<'a>> {
    let Judged { verdict, outcome, claims, .. } = other;
    let told = |claim: &&Claim| claim.verdict != ClaimVerdict::Remark || remarks == Remarks::Shown;
    Ok(ElsewhereObject {
        python: versions(other),
        verdict: *verdict,
        ending: outcome.ending,
        cause: outcome.cause.as_ref(),
        exception: outcome.exception.as_ref().map(exception),
        value: outcome.value.as_deref(),
        stdout: outcome.stdout.text(),
        stderr: outcome.stderr.text(),
        claims: claims.iter().filter(told).map(claim).collect(),
        reasons: reason::sentences(other),
        text: text(other, whole, style)?,
    })
}

fn versions(judged: &Judged) -> Vec<String> {
    judged.pythons.iter().map(ToString::to_string).collect()
}

/// What people read of a failure.
fn text(judged: &Judged, whole: &Judged, style: &Style) -> io::Result<Option<String>> {
    if judged.verdict != Verdict::Failed {
        return Ok(None);
    }
    let mut text = Vec::new();
    failure::write(judged, whole, style, &mut text)?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

fn claim(claim: &Claim) -> ClaimObject<'_> {
    let Claim { line, text, kind, verdict, actual, accepted, correction: _, doubt: _ } = claim;
    let (actual, accepted) = (actual.as_deref(), *accepted);
    ClaimObject { line: *line, text, kind: *kind, verdict: *verdict, actual, accepted }
}

fn variation_object(variation: &Variation) -> VariationObject<'_> {
    let Variation {
        aspect,
        line,
        range,
        before,
        after,
        run,
        python,
        cause,
        redaction,
        in_snapshots,
        marker,
        around: _,
    } = variation;
    VariationObject {
        aspect: *aspect,
        line: *line,
        start: range.start,
        end: range.end,
        before,
        after,
        run: *run,
        python: python.map(|python| python.to_string()),
        cause: *cause,
        redaction: redaction.as_ref(),
        redacted: *in_snapshots == SnapshotView::Redact,
        marker,
    }
}

fn exception(exception: &Exception) -> ExceptionObject<'_> {
    let Exception { kind, message, line, traceback, bases: _, frames: _, operands: _ } = exception;
    ExceptionObject { r#type: kind, message, line: *line, traceback }
}

fn located(problem: &Problem) -> Object<'_> {
    let Problem { path, line, message, hint } = problem;
    Object::Problem { path, line: *line, message, hint: hint.as_deref() }
}

fn totals(summary: &Summary, exit_code: u8) -> Object<'_> {
    Object::Summary(Box::new(SummaryObject {
        passed: summary.passed,
        failed: summary.failed,
        unreviewed: summary.unreviewed,
        skipped: summary.skipped,
        not_run: summary.not_run,
        cached: summary.cached,
        warm: summary.warm,
        suspicious: summary.suspicious,
        not_runnable: summary.not_runnable,
        problems: summary.problems,
        claims: summary.claims,
        moved: summary.unstable,
        documents: summary.documents,
        sandbox: summary.sandbox,
        python: summary.pythons.first().map(python_object),
        pythons: summary.pythons.iter().map(python_object).collect(),
        wall_ms: milliseconds(summary.wall),
        exit_code,
    }))
}

fn python_object(running: &RunningPython) -> PythonObject<'_> {
    PythonObject {
        version: &running.release,
        executable: running.executable.to_string_lossy(),
        environment: running.environment.as_ref().map(|folder| folder.to_string_lossy()),
        kind: python::kind(&running.loading),
    }
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
