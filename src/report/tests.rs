//! Whole reports over the sample run. Nothing here starts Python.

use std::io::{self, ErrorKind, Write};

use crate::event::{Difference, Event, Judged};
use crate::model::installation::{Installation, Installer};
use crate::model::outcome::{Ending, Outcome};
use crate::model::policy::Tier;
use crate::model::snippet::DocumentPath;
use crate::model::verdict::Verdict;
use crate::report::{Color, Format, Options, Progress, Remarks, Reporter, Verbosity, sample};
use crate::summary::{Strictness, Summary};

fn render(events: &[Event], options: (Format, Options)) -> String {
    let mut text = Vec::new();
    report(events, options, &mut text).expect("a Vec takes everything");
    String::from_utf8(text).expect("reports are UTF-8")
}

fn report(events: &[Event], (format, options): (Format, Options), out: impl Write) -> io::Result<()> {
    let mut summary = Summary::default();
    let mut reporter = Reporter::new(format, options, Progress::silent(), out);
    for event in events {
        summary.record(event);
        reporter.record(event)?;
    }
    reporter.finish(&summary, summary.exit_code(Strictness::Check))
}

fn human(verbosity: Verbosity) -> (Format, Options) {
    (Format::Human, options(verbosity))
}

const fn options(verbosity: Verbosity) -> Options {
    Options {
        base: String::new(),
        in_repository: String::new(),
        verbosity,
        remarks: Remarks::Hidden,
        color: Color::Never,
        installation: Installation { own: Vec::new(), installer: Installer::Pip },
        repeated: Vec::new(),
    }
}

const JSON: (Format, Options) = (Format::Json, options(Verbosity::Normal));

fn passing(count: usize) -> Vec<Event> {
    let name = |n| format!("passing::{n}");
    let passed =
        |n| sample::judged("docs/a.md", &name(n), Verdict::Passed, sample::outcome(Ending::Completed));
    let snippets = (0..count).map(|n| sample::event(passed(n)));
    [sample::planned(Tier::A)].into_iter().chain(snippets).chain([sample::finished(false)]).collect()
}

/// What no log of a CI system may hold.
#[track_caller]
fn assert_harmless(log: &str) {
    let banned = |c: char| {
        matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert_eq!(log.find(banned), None, "{log}");
    for line in log.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        for command in ["##[", "##vso["] {
            assert!(!line.contains(command), "{line}");
        }
    }
}

#[test]
fn people_read_everything() {
    insta::assert_snapshot!(render(&sample::everything(), human(Verbosity::Normal)));
}

#[test]
fn verbose_has_a_line_for_every_snippet() {
    let text = render(&sample::everything(), human(Verbosity::Verbose));
    let (lines, _) = text.split_once("\n\n").expect("the details follow a blank line");
    insta::assert_snapshot!(lines);
}

#[test]
fn quiet_keeps_failures_and_the_summary() {
    let events = [sample::planned(Tier::A), sample::event(sample::mismatch()), sample::finished(false)];
    insta::assert_snapshot!(render(&events, human(Verbosity::Quiet)));
}

#[test]
fn colours_mark_what_matters() {
    let events = [
        sample::planned(Tier::A),
        sample::event(sample::raised()),
        sample::event(sample::mismatch()),
        sample::finished(false),
    ];
    let options = (Format::Human, Options { color: Color::Always, ..options(Verbosity::Normal) });
    insta::assert_snapshot!(render(&events, options).replace('\x1b', "␛"));
}

#[test]
fn hostile_text_stays_in_its_place() {
    let text = render(&sample::all_hostile(), human(Verbosity::Verbose));
    insta::assert_snapshot!(text);
    assert_harmless(&text);
    let lines = render(&sample::all_hostile(), JSON);
    assert!(lines.is_ascii() && !lines.contains("##"), "{lines}");
}

#[test]
fn every_line_of_a_document_can_be_pointed_at() {
    let lines = ["", "\t", "> ", "漢字\t🦀\u{301}", "e\u{301}\u{200d}\r", "\0\x1b", &"長 ".repeat(3000)];
    for source in lines.iter().flat_map(|one| lines.map(|two| format!("{one}\n{two}\n\n{one}"))) {
        for line in 0..6 {
            let mut judged = sample::raised();
            judged.source = source.as_str().into();
            if let Some(exception) = &mut judged.outcome.exception {
                exception.line = Some(crate::model::snippet::Line(line));
            }
            assert_harmless(&render(&[sample::event(judged)], human(Verbosity::Normal)));
        }
    }
}

#[test]
fn names_make_no_command_with_what_stands_behind_them() {
    for judged in [sample::raised(), sample::mismatch()] {
        let name = "a::error:".to_owned();
        let difference = judged.difference.clone();
        let difference = difference.map(|difference| Difference { snapshot: name.clone(), ..difference });
        let judged = Judged { path: DocumentPath(name), difference, ..judged };
        assert_harmless(&render(&[sample::event(judged)], human(Verbosity::Verbose)));
    }
}

#[test]
fn machines_read_one_object_a_line() {
    insta::assert_snapshot!(render(&sample::everything(), JSON));
}

#[test]
fn several_pythons_have_one_report() {
    let (format, options) = human(Verbosity::Verbose);
    let repeated = ["--python", "3.11,3.12,3.13", "--timeout", "3s"].map(str::to_owned).to_vec();
    insta::assert_snapshot!(render(&sample::several(), (format, Options { repeated, ..options })));
}

#[test]
fn machines_read_what_happened_in_each_python() {
    insta::assert_snapshot!(render(&sample::several(), JSON));
}

#[test]
fn summaries_of_quiet_runs() {
    let interrupted = [
        sample::planned(Tier::A),
        sample::event(sample::judged(
            "a.md",
            "x",
            Verdict::Passed,
            Outcome { ..sample::outcome(Ending::Completed) },
        )),
        sample::finished(true),
    ];
    let nothing = [sample::planned(Tier::A), sample::finished(false)];
    let orphan = Event::Orphaned { snapshot: "expected/a.snap".to_owned() };
    let mut unfinished = passing(2);
    unfinished.insert(1, orphan);
    let reports = [passing(3).as_slice(), &interrupted, &nothing, &unfinished]
        .map(|run| render(run, human(Verbosity::Quiet)));
    insta::assert_snapshot!(reports.join("---\n"));
}

#[test]
fn a_reader_who_left_is_reported_as_such() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = report(&passing(1), JSON, Closed).expect_err("nobody reads");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}
