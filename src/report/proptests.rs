//! Whatever foreign text holds, what is printed of it steers no terminal and commands no build server.

use std::io;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::event::{Difference, Event, Judged};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::installation::Installation;
use crate::model::outcome::{
    Cause, CauseKind, Ending, Exception, Facts, Frame, Outcome, Stream, Timing, Usage,
};
use crate::model::policy::Tier;
use crate::model::problem::Problem;
use crate::model::reason::{Instead, Reason};
use crate::model::snippet::{DocumentPath, Line, Location, SnippetId};
use crate::model::verdict::Verdict;
use crate::report::quote::{Ends, quote};
use crate::report::{
    Color, Format, Options, Progress, Remarks, Reporter, Verbosity, ascii, escape, failure, sample, shell,
};
use crate::summary::{Strictness, Summary};

const FRAGMENTS: &[&str] = &[
    ":",
    "::",
    ":::",
    "#",
    "##",
    "###",
    "[",
    "]",
    "##[",
    "##vso[",
    "##teamcity[",
    "::error",
    "::error::",
    "::set-output name=x::",
    "::stop-commands::",
    "error",
    "a",
    "-",
    "_",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "%0A",
    "=",
    ",",
    "\\",
    "\"",
    "'",
    "$",
    "`",
    "\x1b",
    "\x1b[31m",
    "\x1b]0;x\x07",
    "\x1b]8;;http://x\x1b\\",
    "\u{9b}",
    "\u{9d}",
    "\u{85}",
    "\0",
    "\x08",
    "\x7f",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{2029}",
    "\u{200b}",
    "\u{feff}",
    "\u{ad}",
    "\u{e0041}",
    "\u{a0}",
    "\u{3000}",
    "\u{2003}",
    "é",
    "漢",
    "🦀",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => select(FRAGMENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => any::<String>(),
    ];
    vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// What a terminal takes for more than text, and what a reader cannot see or sees elsewhere.
fn is_unsafe(letter: char) -> bool {
    matches!(letter, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Whether a build server would take the line for a command: GitHub by `::` after any blanks and another `::`,
/// Azure and GitHub by `##[` and `##vso[` wherever they stand, `TeamCity` by `##teamcity[`.
fn is_command(line: &str) -> bool {
    let starts = line.trim_start().strip_prefix("::").is_some_and(|rest| rest.contains("::"));
    let lower = line.to_ascii_lowercase();
    starts || ["##[", "##vso[", "##teamcity["].iter().any(|command| lower.contains(command))
}

#[track_caller]
fn check(shown: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(shown.find(is_unsafe), None, "{:?}", shown);
    for line in shown.split('\n') {
        prop_assert!(!is_command(line), "{:?}", line);
    }
    Ok(())
}

fn exception() -> impl Strategy<Value = Exception> {
    let frame = (text(), any::<u32>(), 0..9_u32, text(), any::<bool>()).prop_map(
        |(file, far, near, function, document)| {
            let line = if document { near } else { far };
            Frame { file, line, function, document }
        },
    );
    (text(), text(), option::of(0..9_u32), vec(frame, 0..4), text()).prop_map(
        |(kind, message, line, frames, traceback)| {
            let bases = vec![kind.clone()];
            Exception { kind, bases, message, line: line.map(Line), frames, traceback, operands: Vec::new() }
        },
    )
}

fn cause() -> impl Strategy<Value = Cause> {
    let kinds = vec![
        CauseKind::Wall,
        CauseKind::Memory,
        CauseKind::Output,
        CauseKind::Signal,
        CauseKind::Exit,
        CauseKind::Interactive,
        CauseKind::MissingPackage,
        CauseKind::Network,
    ];
    (select(kinds), any::<Option<f64>>(), any::<Option<f64>>(), option::of(text()), option::of(text()))
        .prop_map(|(kind, used, limit, unit, detail)| Cause { kind, used, limit, unit, detail })
}

fn stream() -> impl Strategy<Value = Stream> {
    (text(), vec(any::<u8>(), 0..8), option::of(text())).prop_map(|(text, bytes, tail)| {
        let head = [text.into_bytes(), bytes].concat();
        let tail = tail.unwrap_or_default().into_bytes();
        let written = (head.len() + tail.len()) as u64 + 7;
        Stream { head, tail, written, ..Stream::default() }
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let endings = vec![
        Ending::Completed,
        Ending::Raised,
        Ending::Exited,
        Ending::TimedOut,
        Ending::Killed,
        Ending::Deadlocked,
        Ending::NotRun,
    ];
    let ending = (select(endings), option::of(cause()), option::of(exception()));
    (ending, option::of(text()), stream(), stream(), any::<Duration>(), any::<Duration>()).prop_map(
        |((ending, cause, exception), value, stdout, stderr, wall, cpu)| {
            let usage = Usage { wall, cpu };
            Outcome {
                ending,
                cause,
                exception,
                value,
                stdout,
                stderr,
                facts: Facts::default(),
                usage,
                timing: Timing::default(),
                stacks: Vec::new(),
                notes: Vec::new(),
            }
        },
    )
}

fn claim() -> impl Strategy<Value = Claim> {
    (1..9_u32, text(), option::of(text()), any::<bool>()).prop_map(|(line, text, actual, accepted)| Claim {
        line: Line(line),
        text,
        kind: ClaimKind::Output,
        verdict: ClaimVerdict::Broken,
        actual,
        accepted,
        correction: None,
        doubt: None,
    })
}

fn reason() -> impl Strategy<Value = Reason> {
    let of = |text: String| {
        vec![
            Reason::LeftOut(text.clone()),
            Reason::Requirement { module: text.clone() },
            Reason::OtherThanAnnounced { announced: text.clone(), instead: Instead::Completed },
            Reason::Raised { headline: Some(text.clone()) },
            Reason::FalseClaims,
            Reason::UnreadableSnapshot { file: text.clone() },
            Reason::Incomparable { error: text.clone() },
            Reason::EarlierName { file: text.clone() },
            Reason::Note(text),
        ]
    };
    prop_oneof![text().prop_map(of).prop_flat_map(select), cause().prop_map(Reason::EndedBy)]
}

fn judged() -> impl Strategy<Value = Judged> {
    let verdicts = vec![Verdict::Passed, Verdict::Failed, Verdict::Unreviewed, Verdict::Skipped];
    let difference = (text(), option::of(text()), text())
        .prop_map(|(snapshot, accepted, actual)| Difference { snapshot, accepted, actual });
    let place = (text(), text(), text(), 1..6_u32);
    (place, select(verdicts), outcome(), vec(reason(), 0..3), option::of(difference), vec(claim(), 0..3))
        .prop_map(|((path, name, source, line), verdict, outcome, reasons, difference, claims)| Judged {
            id: SnippetId(format!("{path}::{name}")),
            path: DocumentPath(path),
            location: Location { start: Line(line), code: Line(line + 1), end: Line(line + 3) },
            source: Arc::from(source),
            reasons,
            claims,
            difference,
            ..sample::judged("", "", verdict, outcome)
        })
}

/// What a run prints in which all of this happened.
fn printed(events: &[Event], format: Format, verbosity: Verbosity) -> String {
    let options = Options {
        base: String::new(),
        verbosity,
        remarks: Remarks::Shown,
        color: Color::Never,
        in_repository: String::new(),
        installation: Installation::default(),
        repeated: Vec::new(),
    };
    let mut text = Vec::new();
    let mut summary = Summary::default();
    let mut reporter = Reporter::new(format, options, Progress::silent(), &mut text);
    for event in events {
        summary.record(event);
        reporter.record(event).unwrap();
    }
    reporter.finish(&summary, summary.exit_code(Strictness::Check)).unwrap();
    String::from_utf8(text).unwrap()
}

#[derive(Debug, thiserror::Error)]
#[error("cannot read `{text}`")]
struct Foreign {
    text: String,
    source: io::Error,
}

proptest! {
    #[test]
    fn whole_reports_are_harmless(
        judged in judged(),
        problem in (text(), option::of(any::<u32>()), text(), option::of(text())),
        other in text(),
    ) {
        let (path, line, message, hint) = problem;
        let over = Event::DocumentOver { path: judged.path.clone() };
        let events = [
            sample::planned(Tier::A),
            Event::Problem(Problem { path, line: line.map(Line), message, hint }),
            sample::event(judged),
            over,
            Event::Orphaned { snapshot: other.clone() },
            Event::Note(other),
            sample::finished(false),
        ];
        for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
            check(&printed(&events, Format::Human, verbosity))?;
        }
        for line in printed(&events, Format::Json, Verbosity::Normal).lines() {
            prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{:?}", line);
            prop_assert!(serde_json::from_str::<Value>(line).unwrap().is_object(), "{:?}", line);
        }
    }

    #[test]
    fn what_ends_the_program_is_harmless(text in text(), cause in text(), said in text(), hint in option::of(text())) {
        let error = Foreign { text, source: io::Error::other(cause) };
        let mut shown = Vec::new();
        failure(&error, &said, hint.as_deref(), &mut shown).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        check(&shown)?;
        let ours = ["error: ", "  because: ", "hint: ", "  │"];
        prop_assert!(shown.lines().all(|line| ours.iter().any(|start| line.starts_with(start))), "{:?}", shown);
    }

    #[test]
    fn one_line_of_foreign_text_is_harmless(text in text()) {
        for shown in [escape::word(&text).into_owned(), escape::phrase(&text)] {
            check(&shown)?;
            prop_assert!(!shown.contains(['\n', '\t']), "{:?}", shown);
        }
        check(&escape::line(&text.replace('\n', " ")))?;
    }

    #[test]
    fn quoted_text_is_harmless_behind_its_bar(text in text()) {
        let mut shown = Vec::new();
        quote(&mut shown, &text, Ends { head: 3, tail: 3 }).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        check(&shown)?;
        prop_assert!(shown.lines().all(|line| line.starts_with("  │")), "{:?}", shown);
    }

    #[test]
    fn escaping_twice_hides_no_more(text in text()) {
        let once = escape::word(&text).into_owned();
        prop_assert_eq!(escape::word(&once).into_owned(), once);
    }

    #[test]
    fn commands_to_copy_are_harmless(text in text()) {
        check(&shell::command(&["snipcheck", "run", &text]))?;
    }

    #[test]
    fn json_is_ascii_on_one_line(text in text()) {
        let mut line = Vec::new();
        ascii::write(&mut line, &text).unwrap();
        let line = String::from_utf8(line).unwrap();
        prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{:?}", line);
        prop_assert!(!line.contains("##"), "{:?}", line);
        prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), Value::String(text));
    }
}

proptest! {
    // Starting a shell takes as long as a hundred of the others.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 16, ..ProptestConfig::default() })]

    #[test]
    fn a_shell_reads_back_what_was_meant(texts in vec(text(), 1..40)) {
        let texts: Vec<String> = texts.iter().map(|text| text.replace('\0', "")).collect();
        let words: Vec<&str> = ["printf", "%s\\0"].into_iter().chain(texts.iter().map(String::as_str)).collect();
        let output = Command::new("bash").args(["-c", &shell::command(&words)]).output().unwrap();
        let expected: String = texts.iter().flat_map(|text| [text, "\0"]).collect();
        prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}
