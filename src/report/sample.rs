//! A run with one of everything, for the tests of every format.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::event::{Difference, Event, Finished, Judged, Planned, Unread};
use crate::model::outcome::{
    Cause, CauseKind, Ending, Exception, Facts, Frame, Outcome, Stream, ThreadStack, Timing, Usage,
};
use crate::model::policy::{Clock, Tier};
use crate::model::problem::Problem;
use crate::model::python::{Loading, RunningPython};
use crate::model::reason::{Minor, Reason};
use crate::model::snippet::{DocumentPath, Line, Location, SnippetId};
use crate::model::verdict::Verdict;

/// Its code begins at line 5, and `parse` raises at line 8.
const GUIDE: &str = "\
# Guide

Parse it:
```python
import json
def parse(text):
\tif not text:
\t\traise ValueError(\"bad: 漢字 🦀\", text)
\treturn json.loads(text)
parse(\"\")
```
";

pub(crate) fn python() -> RunningPython {
    RunningPython {
        name: "CPython 3.12.1".to_owned(),
        release: "3.12.1".to_owned(),
        executable: "/home/me/tea/.venv/bin/python".into(),
        environment: Some(".venv".into()),
        loading: Loading::Embedded { library: "/usr/lib/libpython3.12.so.1.0".into() },
    }
}

pub(crate) fn planned(sandbox: Tier) -> Event {
    Event::Planned(Planned { documents: 3, snippets: 12, sandbox, pythons: vec![python()] })
}

pub(crate) fn finished(interrupted: bool) -> Event {
    Event::Finished(Finished { wall: Duration::from_millis(1234), interrupted })
}

pub(crate) fn outcome(ending: Ending) -> Outcome {
    Outcome {
        ending,
        cause: None,
        exception: None,
        value: None,
        stdout: Stream::default(),
        stderr: Stream::default(),
        facts: Facts::default(),
        usage: Usage { wall: Duration::from_micros(12_345), cpu: Duration::from_millis(7) },
        timing: Timing::default(),
        stacks: Vec::new(),
        notes: Vec::new(),
    }
}

pub(crate) fn judged(path: &str, name: &str, verdict: Verdict, outcome: Outcome) -> Judged {
    Judged {
        id: SnippetId(format!("{path}::{name}")),
        path: DocumentPath(path.to_owned()),
        location: Location { start: Line(4), code: Line(5), end: Line(11) },
        source: Arc::from(GUIDE),
        verdict,
        outcome,
        reasons: Vec::new(),
        builds_on: None,
        claims: Vec::new(),
        correctable: false,
        variations: Vec::new(),
        difference: None,
        cached: false,
        warm: false,
        sandbox: Tier::A,
        pythons: vec![Minor(12)],
        elsewhere: Vec::new(),
    }
}

pub(crate) fn event(judged: Judged) -> Event {
    Event::Judged(Box::new(judged))
}

fn at(line: u32, mut judged: Judged) -> Judged {
    judged.location = Location { start: Line(line - 1), code: Line(line), end: Line(line + 6) };
    judged
}

fn because(reason: &str, mut judged: Judged) -> Judged {
    judged.reasons.push(Reason::Note(reason.to_owned()));
    judged
}

fn stream(text: &[u8]) -> Stream {
    Stream { head: text.to_vec(), written: text.len() as u64, ..Stream::default() }
}

fn cause(kind: CauseKind, limit: Option<f64>, unit: Option<&str>, detail: Option<&str>) -> Cause {
    Cause { kind, used: limit, limit, unit: unit.map(str::to_owned), detail: detail.map(str::to_owned) }
}

fn frame(file: &str, line: u32, function: &str) -> Frame {
    let document = file.starts_with("docs/");
    Frame { file: file.to_owned(), line, function: function.to_owned(), document }
}

fn exception(kind: &str, message: &str, line: Option<u32>, frames: Vec<Frame>) -> Exception {
    Exception {
        kind: kind.to_owned(),
        bases: vec![kind.to_owned(), "Exception".to_owned()],
        message: message.to_owned(),
        line: line.map(Line),
        frames,
        operands: Vec::new(),
        traceback: format!("Traceback (most recent call last):\n  …\n{kind}: {message}\n"),
    }
}

/// Raised below a library, after some output.
pub(crate) fn raised() -> Judged {
    let frames = vec![
        frame("docs/guide.md", 10, "<module>"),
        frame("/usr/lib/python3.12/asyncio/runners.py", 190, "run"),
        frame("/usr/lib/python3.12/asyncio/base_events.py", 654, "run_until_complete"),
        frame("docs/guide.md", 8, "parse"),
    ];
    let outcome = Outcome {
        exception: Some(exception("ValueError", "('bad: 漢字 🦀', '')", Some(8), frames)),
        stdout: stream((1..=40).map(|n| format!("step {n}")).collect::<Vec<_>>().join("\n").as_bytes()),
        stderr: stream(b"careful\n"),
        notes: vec!["it left 2 threads behind".to_owned()],
        ..outcome(Ending::Raised)
    };
    because("nothing announces the exception", judged("docs/guide.md", "guide::1", Verdict::Failed, outcome))
}

pub(crate) fn mismatch() -> Judged {
    let difference = Difference {
        snapshot: "expected/docs/guide.md/guide-2.snap".to_owned(),
        accepted: Some("one\ntwo\nthree\nfour 4 apples\nfive\nsix\nseven\neight\n".to_owned()),
        actual: "one\ntwo\nthree\nfour 5 apples\nfive\nsix\nseven\neight\nnine\n".to_owned(),
    };
    let judged = at(20, judged("docs/guide.md", "guide::2", Verdict::Failed, outcome(Ending::Completed)));
    because("the output differs from its snapshot", Judged { difference: Some(difference), ..judged })
}

/// Every way to end that is not an exception.
/// In the first line of its code.
fn deadlocked() -> Judged {
    let mut judged = ended(19, Ending::Deadlocked, None);
    let frames = vec![
        frame("docs/limits & ends.md", 19, "<module>"),
        frame("/usr/lib/python3.12/threading.py", 655, "wait"),
    ];
    let call = Some("Event.wait".to_owned());
    judged.outcome.stacks.push(ThreadStack { process: 0, main: true, line: Line(19), call, frames });
    judged.outcome.timing =
        Timing { clock: Clock::Virtual, passed: Duration::from_millis(1500), timed: true };
    because("the main thread waits in `Event.wait` at line 19", judged)
}

fn ended(line: u32, ending: Ending, cause: Option<Cause>) -> Judged {
    let outcome = Outcome { cause, ..outcome(ending) };
    let name = format!("limits::{line}");
    let mut judged = judged("docs/limits & ends.md", &name, Verdict::Failed, outcome);
    judged.source = Arc::from("\n\n```python\nwhile True: pass\n```\n".repeat(20));
    judged.location = Location { start: Line(line - 1), code: Line(line), end: Line(line + 1) };
    judged
}

fn missing(path: &str, package: &str) -> Judged {
    let message = format!("No module named '{package}'");
    let outcome = Outcome {
        cause: Some(cause(CauseKind::MissingPackage, None, None, Some(package))),
        exception: Some(exception("ModuleNotFoundError", &message, Some(5), Vec::new())),
        ..outcome(Ending::Raised)
    };
    judged(path, "numbers::1", Verdict::Failed, outcome)
}

/// What tries to leave its place.
const HOSTILE: &str = "\x1b]0;owned\x07\r\n::error::x\n##vso[task.complete]\n a ::set-output name=x::y ##[group]\n\
                \u{2028}::warning::z\n\u{202e}drow\u{feff}\0\u{9b}31m\r::notice::lone\n";

/// What a run in three Pythons tells: two that differ from the first, one in a snapshot, one in a package; a failure of all;
/// and a snippet that is not for all.
pub(crate) fn several() -> Vec<Event> {
    let of = |pythons: &[u8], judged: Judged| Judged {
        pythons: pythons.iter().copied().map(Minor).collect(),
        ..judged
    };
    let passed = |name| judged("docs/guide.md", name, Verdict::Passed, outcome(Ending::Completed));
    let skipped = because(
        "it is for Python >=3.12",
        judged("docs/guide.md", "new", Verdict::Skipped, outcome(Ending::NotRun)),
    );

    let mut differs = of(&[13], mismatch());
    let mut ends = mismatch();
    (ends.difference, ends.outcome) =
        (None, Outcome { exception: raised().outcome.exception, ..outcome(Ending::Raised) });
    differs.elsewhere = vec![of(&[12], ends), of(&[11], at(20, passed("guide::2")))];
    let everywhere = of(&[11, 12, 13], raised());
    let lacks = Judged {
        elsewhere: vec![of(&[11, 12], passed("numbers::1"))],
        ..of(&[13], missing("docs/a.md", "numpy"))
    };
    let partly = Judged { elsewhere: vec![of(&[11], skipped)], ..of(&[12, 13], at(60, passed("new"))) };

    let python = |minor: u8| RunningPython {
        name: format!("CPython 3.{minor}.1"),
        release: format!("3.{minor}.1"),
        environment: None,
        ..python()
    };
    let pythons = [11, 12, 13].map(python).to_vec();
    let mut events = vec![Event::Planned(Planned { documents: 2, snippets: 4, sandbox: Tier::A, pythons })];
    events.extend([differs, everywhere, lacks, partly].map(event));
    events.extend(over(&events));
    events.push(finished(false));
    events
}

/// Everything in it that was not ours to choose tries to leave its place.
pub(crate) fn hostile() -> Judged {
    let text = HOSTILE;
    let path = "docs/\x1b[31m ::error::\n.md";
    let frames = vec![frame(path, 2, "f\n::error::"), frame("/x/site-packages/##[/y.py", 1, "\x1b")];
    let outcome = Outcome {
        exception: Some(exception("::debug::E", text, Some(2), frames)),
        stdout: stream(text.as_bytes()),
        stderr: stream(b"\xff\xfe##vso[x]\x9b"),
        notes: vec![text.to_owned()],
        ..outcome(Ending::Raised)
    };
    let difference = Difference {
        snapshot: text.to_owned(),
        accepted: Some("##[error]old\r\n".to_owned()),
        actual: text.to_owned(),
    };
    let judged = because(text, judged(path, text, Verdict::Failed, outcome));
    let source =
        format!("::error::1\n\t> \x1b[2Jraise ##[error] {} \u{202e}\u{2028}::error::\n", "長".repeat(900));
    let location = Location { start: Line(1), code: Line(2), end: Line(3) };
    Judged { source: Arc::from(source), location, difference: Some(difference), ..judged }
}

pub(crate) fn everything() -> Vec<Event> {
    let limits = "docs/limits & ends.md";
    let mut events = vec![
        planned(Tier::Off),
        Event::Running { path: DocumentPath("docs/guide.md".to_owned()), line: Line(5) },
        Event::Problem(Problem {
            path: "docs/guide.md".to_owned(),
            line: Some(Line(40)),
            message: "unknown directive `skp`".to_owned(),
            hint: Some("did you mean `skip`?".to_owned()),
        }),
        Event::Problem(Problem {
            path: "pyproject.toml".to_owned(),
            line: None,
            message: "`tool.snipcheck.jobs` wants a number".to_owned(),
            hint: None,
        }),
    ];
    events.extend(
        [
            raised(),
            mismatch(),
            at(60, judged("docs/guide.md", "café", Verdict::Passed, outcome(Ending::Completed))),
            ended(4, Ending::TimedOut, Some(cause(CauseKind::Wall, Some(10.0), Some("s"), None))),
            ended(9, Ending::Killed, Some(cause(CauseKind::Memory, Some(512.0), Some("MiB"), None))),
            ended(14, Ending::Killed, Some(cause(CauseKind::Signal, None, None, Some("SIGSEGV")))),
            deadlocked(),
            because(
                "exited with code 3",
                ended(
                    24,
                    Ending::Exited,
                    Some(Cause { used: Some(3.0), ..cause(CauseKind::Exit, None, None, None) }),
                ),
            ),
            because("a snippet above it was killed", ended(29, Ending::NotRun, None)),
            missing("docs/a.md", "numpy"),
            missing("docs/b.md", "numpy"),
            missing("docs/b.md", "pandas"),
            because(
                "nobody has accepted its output yet",
                judged(limits, "new", Verdict::Unreviewed, outcome(Ending::Completed)),
            ),
            because("needs a display", judged(limits, "gui", Verdict::Skipped, outcome(Ending::NotRun))),
        ]
        .map(event),
    );
    events.extend(over(&events));
    events.extend([
        Event::Unread {
            unread: Unread::Suspicious,
            path: DocumentPath(limits.to_owned()),
            line: Line(90),
            reason: "reads like Python, but has no language".to_owned(),
        },
        Event::Orphaned { snapshot: "expected/docs/old.md/intro-1.snap".to_owned() },
        finished(false),
    ]);
    events
}

pub(crate) fn all_hostile() -> Vec<Event> {
    let judged = hostile();
    let text = HOSTILE.to_owned();
    let mut numpy = missing(&text, "::error::numpy\n##[x] ");
    numpy.id = judged.id.clone();
    let mut events = vec![
        planned(Tier::A),
        event(Judged { verdict: Verdict::Unreviewed, ..judged.clone() }),
        event(Judged { verdict: Verdict::Skipped, ..judged.clone() }),
        event(judged),
        event(numpy),
    ];
    events.extend(over(&events));
    events.extend([
        Event::Problem(Problem {
            path: text.clone(),
            line: None,
            message: text.clone(),
            hint: Some(text.clone()),
        }),
        Event::Orphaned { snapshot: text.clone() },
        Event::Unread {
            unread: Unread::Suspicious,
            path: DocumentPath(text.clone()),
            line: Line(1),
            reason: text,
        },
        finished(false),
    ]);
    events
}

/// The end of every document that has been judged so far.
fn over(events: &[Event]) -> Vec<Event> {
    let paths = events.iter().filter_map(|event| match event {
        Event::Judged(judged) => Some(judged.path.clone()),
        _ => None,
    });
    paths.collect::<BTreeSet<_>>().into_iter().map(|path| Event::DocumentOver { path }).collect()
}
