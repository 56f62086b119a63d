//! `JUnit` XML: a suite for each document, a case for each snippet.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::model::verdict::Verdict;
use crate::report::escape;
use crate::report::results::case::{Case, Finding, Level};
use crate::report::results::collected::{Results, Totals};

pub(super) fn write(results: &Results, totals: Totals<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("snipcheck");
    report.set_time(totals.summary.wall);
    for cases in results.cases.chunk_by(|one, next| one.path == next.path) {
        let Some(first) = cases.first() else { continue };
        let mut suite = TestSuite::new(text(&first.path));
        suite.set_time(cases.iter().fold(Duration::ZERO, |sum, case| sum.saturating_add(case.wall)));
        suite.add_test_cases(cases.iter().map(test_case));
        report.add_test_suite(suite);
    }
    if !results.others.is_empty() {
        let mut suite = TestSuite::new("documents and settings");
        suite.add_test_cases(results.others.iter().map(other));
        report.add_test_suite(suite);
    }
    report.serialize(out).map_err(io::Error::other)
}

fn test_case(case: &Case) -> TestCase {
    let mut status = match case.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        // Servers show an unreviewed snippet among those that did not run, and do not fail for it.
        Verdict::Skipped | Verdict::Unreviewed => TestCaseStatus::skipped(),
        Verdict::Failed if case.not_run => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    if case.verdict != Verdict::Passed {
        status.set_message(text(case.message()));
    }
    if let Some(finding) = case.finding() {
        status.set_type(finding.rule.name());
        if !case.text.is_empty() {
            status.set_description(text(&case.text));
        }
    }

    let mut test_case = TestCase::new(text(case.name()), status);
    test_case.set_classname(text(&case.path)).set_time(case.wall);
    test_case.extra.insert("file".into(), text(&case.path).into());
    test_case.extra.insert("line".into(), case.at.line.to_string().into());
    if !case.stdout.is_empty() {
        test_case.set_system_out(text(&case.stdout));
    }
    if !case.stderr.is_empty() {
        test_case.set_system_err(text(&case.stderr));
    }
    test_case
}

fn other(finding: &Finding) -> TestCase {
    let mut status = match finding.level {
        Level::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        Level::Warning => TestCaseStatus::skipped(),
    };
    status.set_message(text(&finding.message)).set_type(finding.rule.name());
    let mut test_case = TestCase::new(text(&finding.at()), status);
    test_case.set_classname(finding.rule.name()).set_time(Duration::ZERO);
    test_case
}

/// Without what no XML may hold and what a terminal or a log would obey; long lines are cut.
fn text(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(escape::line).collect();
    lines.join("\n").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
