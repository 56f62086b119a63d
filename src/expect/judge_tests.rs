//! The table of verdicts.

use crate::config::Snapshots;
use crate::directive::{Python, Skip};
use crate::expect::judge::{Acceptable, AnnouncedException, Case, Judgment, Stored, acceptable, judge};
use crate::expect::redact::Redactions;
use crate::expect::test_data::{cause, completed, ended, printed, raised, snippet};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{Cause, CauseKind, Ending, Outcome};
use crate::model::reason::{Instead, Reason};
use crate::model::snippet::{Line, Snippet};
use crate::model::verdict::Verdict;

const PYTHON: Option<Python> = Some(Python { major: 3, minor: 11 });
const FILE: &str = "expected/a.md/one-1.snap";

fn judged(snippet: &Snippet, outcome: &Outcome, stored: Stored<'_>, snapshots: Snapshots) -> Judgment {
    let announced = AnnouncedException::Nowhere;
    judge(
        Case { snippet, outcome, claims: &[], announced, stored, file: FILE, python: PYTHON },
        snapshots,
        &Redactions::new(&[]),
    )
}

fn plain() -> Snippet {
    snippet("a.md", "one-1", "pass\n")
}

fn raising(name: &str) -> Snippet {
    let mut snippet = plain();
    snippet.directives.raises = Some(name.to_owned());
    snippet
}

fn unannounced(headline: &str) -> Reason {
    Reason::Raised { headline: Some(headline.to_owned()) }
}

fn other_than(announced: &str, instead: Instead) -> Reason {
    Reason::OtherThanAnnounced { announced: announced.to_owned(), instead }
}

fn raising_instead(headline: &str) -> Instead {
    Instead::Raised { headline: headline.to_owned() }
}

#[track_caller]
fn check(snippet: &Snippet, outcome: &Outcome, verdict: Verdict, reasons: &[Reason]) {
    let judgment = judged(snippet, outcome, Stored::Nothing, Snapshots::Optional);
    assert_eq!(judgment.verdict, verdict, "{:?}", judgment.reasons);
    assert_eq!(judgment.reasons, reasons);
    assert_eq!(judgment.difference, None);
}

#[test]
fn endings_and_raises() {
    use Verdict::{Failed, Passed};
    check(&plain(), &completed(), Passed, &[]);
    check(&plain(), &raised("ValueError", "bad\nworse"), Failed, &[unannounced("ValueError: bad\nworse")]);
    check(&raising("ValueError"), &completed(), Failed, &[other_than("ValueError", Instead::Completed)]);
    check(&raising("ValueError"), &raised("ValueError", "bad"), Passed, &[]);
    check(&raising("Exception"), &raised("ValueError", "bad"), Passed, &[]);
    check(&raising("JSONDecodeError"), &raised("json.decoder.JSONDecodeError", ""), Passed, &[]);
    check(&raising("json.decoder.JSONDecodeError"), &raised("json.decoder.JSONDecodeError", ""), Passed, &[]);
    let other = raised("TypeError", "no");
    check(
        &raising("ValueError"),
        &other,
        Failed,
        &[other_than("ValueError", raising_instead("TypeError: no"))],
    );
    check(
        &raising("decoder.JSONDecodeError"),
        &raised("x.JSONDecodeError", ""),
        Failed,
        &[other_than("decoder.JSONDecodeError", raising_instead("x.JSONDecodeError"))],
    );
}

#[test]
fn early_ends() {
    use Verdict::{Failed, Passed};
    check(&plain(), &ended(Ending::Exited, None), Passed, &[]);
    let exit = ended(Ending::Exited, Some(Cause { used: Some(3.0), ..cause(CauseKind::Exit, None) }));
    check(&plain(), &exit, Failed, &[Reason::EndedBy(exit.cause.clone().unwrap())]);
    check(
        &raising("OSError"),
        &exit,
        Failed,
        &[other_than("OSError", Instead::Exited), Reason::EndedBy(exit.cause.clone().unwrap())],
    );
    let left = Outcome { exception: raised("SystemExit", "3").exception, ..exit };
    check(&raising("SystemExit"), &left, Passed, &[]);
    check(&plain(), &ended(Ending::Deadlocked, None), Failed, &[Reason::Ended(Ending::Deadlocked)]);
    check(&raising("OSError"), &ended(Ending::Killed, None), Failed, &[Reason::Ended(Ending::Killed)]);
    let mut missing = raised("ModuleNotFoundError", "No module named 'numpy'");
    missing.cause = Some(cause(CauseKind::MissingPackage, Some("numpy")));
    check(&plain(), &missing, Failed, &[Reason::EndedBy(missing.cause.clone().unwrap())]);
    check(&raising("ModuleNotFoundError"), &missing, Passed, &[]);
    let mut full = raised("MemoryError", "");
    full.cause =
        Some(Cause { limit: Some(512.0), unit: Some("MiB".to_owned()), ..cause(CauseKind::Memory, None) });
    check(
        &plain(),
        &full,
        Failed,
        &[unannounced("MemoryError"), Reason::EndedBy(full.cause.clone().unwrap())],
    );
}

#[test]
fn snippets_that_never_started() {
    let mut skipped = plain();
    skipped.directives.skip = Some(Skip { why: Some("needs a printer".to_owned()) });
    check(
        &skipped,
        &ended(Ending::NotRun, None),
        Verdict::Skipped,
        &[Reason::LeftOut("needs a printer".to_owned())],
    );
    let late =
        Outcome { notes: vec!["the session died too often".to_owned()], ..ended(Ending::NotRun, None) };
    check(&plain(), &late, Verdict::Failed, &[Reason::Note("the session died too often".to_owned())]);
    check(&plain(), &ended(Ending::NotRun, None), Verdict::Failed, &[Reason::NotRun]);
}

#[test]
fn snapshots_are_compared() {
    let judgment =
        judged(&plain(), &printed("took 0.2 s\n"), Stored::Body("took 0.9 s"), Snapshots::Optional);
    assert_eq!((judgment.verdict, judgment.difference), (Verdict::Passed, None));

    let judgment = judged(&plain(), &printed("2\n"), Stored::Body("1"), Snapshots::Optional);
    assert_eq!(judgment.verdict, Verdict::Failed);
    assert_eq!(judgment.reasons, [Reason::Difference]);
    let difference = judgment.difference.unwrap();
    assert_eq!((difference.accepted.as_deref(), difference.actual.as_str()), (Some("1"), "2"));
    assert_eq!(difference.snapshot, FILE);

    let judgment = judged(&plain(), &printed("2\n"), Stored::Nothing, Snapshots::Required);
    assert_eq!(judgment.verdict, Verdict::Unreviewed);
    assert_eq!(judgment.difference.unwrap().accepted, None);

    let judgment = judged(&plain(), &printed("2\n"), Stored::Unreadable, Snapshots::Optional);
    assert_eq!(judgment.verdict, Verdict::Failed);
    assert_eq!(judgment.reasons, [Reason::UnreadableSnapshot { file: FILE.to_owned() }]);
}

#[test]
fn exceptions_are_told_before_differences() {
    let outcome =
        Outcome { notes: vec!["a thread was left behind".to_owned()], ..raised("ValueError", "bad") };
    let judgment = judged(&plain(), &outcome, Stored::Body("1"), Snapshots::Required);
    assert_eq!(judgment.verdict, Verdict::Failed);
    assert_eq!(
        judgment.reasons,
        [
            unannounced("ValueError: bad"),
            Reason::Difference,
            Reason::Note("a thread was left behind".to_owned()),
        ]
    );
    let accepted = Stored::Body("[exception]\nValueError: bad");
    let judgment = judged(&plain(), &outcome, accepted, Snapshots::Optional);
    assert_eq!((judgment.verdict, judgment.reasons.len()), (Verdict::Passed, 1));
    let judgment = judged(&raising("TypeError"), &outcome, accepted, Snapshots::Optional);
    assert_eq!(judgment.verdict, Verdict::Failed);
}

#[test]
fn only_exceptions_can_be_accepted_on_demand() {
    let timed_out = ended(Ending::TimedOut, Some(cause(CauseKind::Wall, None)));
    let mut missing = raised("ModuleNotFoundError", "");
    missing.cause = Some(cause(CauseKind::MissingPackage, Some("numpy")));
    for (snippet, outcome, expected) in [
        (plain(), completed(), Acceptable::Always),
        (raising("KeyError"), raised("KeyError", ""), Acceptable::Always),
        (plain(), raised("KeyError", ""), Acceptable::WithErrors),
        (raising("OSError"), raised("KeyError", ""), Acceptable::Never),
        (raising("OSError"), completed(), Acceptable::Never),
        (plain(), missing, Acceptable::Never),
        (plain(), timed_out, Acceptable::Never),
        (plain(), ended(Ending::Killed, None), Acceptable::Never),
        (plain(), ended(Ending::NotRun, None), Acceptable::Never),
    ] {
        assert_eq!(acceptable(&snippet, &outcome, AnnouncedException::Nowhere), expected, "{outcome:?}");
    }
}

#[test]
fn an_exception_that_the_document_shows_is_no_failure() {
    let (snippet, outcome) = (plain(), raised("KeyError", "'a'"));
    for (verdict, kind, expected) in [
        (ClaimVerdict::Holds, ClaimKind::Traceback, Acceptable::Always),
        (ClaimVerdict::Broken, ClaimKind::Traceback, Acceptable::WithErrors),
        (ClaimVerdict::Holds, ClaimKind::Exception, Acceptable::WithErrors),
    ] {
        let text = "KeyError: 'a'".to_owned();
        let claim = Claim {
            line: Line(9),
            text,
            kind,
            verdict,
            actual: None,
            accepted: false,
            correction: None,
            doubt: None,
        };
        let announced = AnnouncedException::by(&[claim]);
        assert_eq!(acceptable(&snippet, &outcome, announced), expected, "{kind:?} {verdict:?}");
        let case = Case {
            snippet: &snippet,
            outcome: &outcome,
            claims: &[],
            announced,
            stored: Stored::Nothing,
            file: FILE,
            python: PYTHON,
        };
        let judgment = judge(case, Snapshots::Optional, &Redactions::new(&[]));
        assert_eq!(
            judgment.verdict == Verdict::Passed,
            expected == Acceptable::Always,
            "{kind:?} {verdict:?}"
        );
    }
}
