//! Compares what happened with what was promised. Pure: knows no files.

use std::borrow::Cow;

use crate::config::Snapshots;
use crate::directive::Python;
use crate::event::Difference;
use crate::expect::exception::{headline, is_a};
use crate::expect::other_language::not_this_python;
use crate::expect::redact::Redactions;
use crate::expect::transcript::transcript;
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{Cause, CauseKind, Ending, Exception, Outcome};
use crate::model::reason::{Instead, Reason};
use crate::model::snippet::Snippet;
use crate::model::verdict::Verdict;

/// The verdict on one outcome.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judgment {
    pub(crate) verdict: Verdict,
    /// Everything that led to the verdict, the gravest first.
    pub(crate) reasons: Vec<Reason>,
    pub(crate) difference: Option<Difference>,
}

/// The stored snapshot of a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored<'a> {
    /// No output has been accepted.
    Nothing,
    Body(&'a str),
    /// The file exists and cannot be read.
    Unreadable,
}

/// The facts that a judgment is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) snippet: &'a Snippet,
    pub(crate) outcome: &'a Outcome,
    /// The claims of the document about the snippet, judged.
    pub(crate) claims: &'a [Claim],
    pub(crate) announced: AnnouncedException,
    pub(crate) stored: Stored<'a>,
    /// The snapshot's file relative to the project root.
    pub(crate) file: &'a str,
    /// The Python in which the snippet ran.
    pub(crate) python: Option<Python>,
}

/// Whether the document shows the exception that ends the snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnnouncedException {
    Shown,
    Nowhere,
}

impl AnnouncedException {
    pub(crate) fn by(claims: &[Claim]) -> Self {
        let is_kept =
            |claim: &Claim| claim.kind == ClaimKind::Traceback && claim.verdict == ClaimVerdict::Holds;
        if claims.iter().any(is_kept) { Self::Shown } else { Self::Nowhere }
    }
}

/// Whether the outcome may become a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acceptable {
    Always,
    /// The outcome is an unannounced exception: only `accept --errors` takes it.
    WithErrors,
    Never,
}

pub(crate) fn judge(case: Case<'_>, snapshots: Snapshots, redactions: &Redactions) -> Judgment {
    let Case { snippet, outcome, claims, announced, stored, file, python } = case;
    let mut judgment = Judgment { verdict: Verdict::Passed, reasons: Vec::new(), difference: None };

    if outcome.ending == Ending::NotRun {
        judgment.verdict = if snippet.directives.skip.is_some() { Verdict::Skipped } else { Verdict::Failed };
        judgment.reasons.extend(not_run(snippet, outcome));
        judgment.reasons.extend(notes(outcome));
        return judgment;
    }

    if let Some(module) = missing(snippet, outcome) {
        judgment.verdict = Verdict::Skipped;
        judgment.reasons.push(Reason::Requirement { module: module.to_owned() });
        return judgment;
    }

    // The output of a nondeterministic snippet is not compared.
    let (stored, snapshots) = if snippet.directives.nondeterministic {
        (Stored::Nothing, Snapshots::Optional)
    } else {
        (stored, snapshots)
    };

    let broken_promises = broken_promises(snippet, outcome, announced, python);
    let false_claims = claims.iter().any(Claim::is_false).then_some(Reason::FalseClaims);
    let kept = broken_promises.is_empty() && false_claims.is_none();

    let actual = || redactions.apply(&transcript(outcome)).map(Cow::into_owned);
    let differ =
        |accepted: Option<String>, actual| Difference { snapshot: file.to_owned(), accepted, actual };

    judgment.verdict = if kept { Verdict::Passed } else { Verdict::Failed };
    judgment.reasons = broken_promises.into_iter().chain(false_claims.clone()).collect();

    match stored {
        Stored::Nothing => match snapshots {
            Snapshots::Required if kept => {
                judgment.verdict = Verdict::Unreviewed;
                judgment.reasons.push(Reason::NeverAccepted);
                match actual() {
                    Ok(actual) => judgment.difference = Some(differ(None, actual)),
                    Err(error) => judgment.reasons.push(Reason::Redaction { error: error.to_string() }),
                }
            }
            Snapshots::Required | Snapshots::Optional => {}
        },
        Stored::Unreadable => {
            judgment.verdict = Verdict::Failed;
            judgment.reasons.push(Reason::UnreadableSnapshot { file: file.to_owned() });
        }
        Stored::Body(body) => match (actual(), redactions.apply(body)) {
            // A redaction may change its own result, so that the stored text redacted once more would never be equal.
            (Ok(actual), Ok(accepted)) if actual == body || actual == accepted => {
                if acceptable(snippet, outcome, announced) == Acceptable::WithErrors {
                    judgment.verdict = if false_claims.is_none() { Verdict::Passed } else { Verdict::Failed };
                    judgment.reasons = false_claims.into_iter().collect();
                }
            }
            (Ok(actual), Ok(accepted)) => {
                judgment.verdict = Verdict::Failed;
                judgment.reasons.push(Reason::Difference);
                judgment.difference = Some(differ(Some(accepted.into_owned()), actual));
            }
            (Err(error), _) | (_, Err(error)) => {
                judgment.verdict = Verdict::Failed;
                judgment.reasons.push(Reason::Incomparable { error: error.to_string() });
            }
        },
    }
    judgment.reasons.extend(notes(outcome));
    judgment
}

pub(crate) fn acceptable(snippet: &Snippet, outcome: &Outcome, announced: AnnouncedException) -> Acceptable {
    if outcome.ending == Ending::NotRun {
        Acceptable::Never
    } else if broken_promises(snippet, outcome, announced, None).is_empty() {
        Acceptable::Always
    } else if outcome.ending == Ending::Raised
        && outcome.cause.is_none()
        && snippet.directives.raises.is_none()
    {
        Acceptable::WithErrors
    } else {
        Acceptable::Never
    }
}

/// Reasons why the snippet did not end as it should; empty where it did, whatever it printed.
fn broken_promises(
    snippet: &Snippet,
    outcome: &Outcome,
    announced: AnnouncedException,
    python: Option<Python>,
) -> Vec<Reason> {
    let cause = outcome.cause.as_ref();
    let raises = snippet.directives.raises.as_deref();
    let ended_by = cause.cloned().map(Reason::EndedBy);
    let mut reasons = Vec::new();

    match (outcome.ending, raises, &outcome.exception) {
        (Ending::Completed, None, _) => {}
        (Ending::Completed, Some(name), _) => reasons.push(other_than(name, Instead::Completed)),
        (Ending::Raised | Ending::Exited, Some(name), Some(exception)) => {
            if !is_a(exception, name) {
                reasons.push(other_than(name, Instead::Raised { headline: headline(exception) }));
                reasons.extend(ended_by);
            }
        }
        (Ending::Raised, _, _) if announced == AnnouncedException::Shown => {}
        (Ending::Raised, None, _) if snippet.directives.may_raise => {}
        (Ending::Raised, _, exception) => {
            let missing = cause.is_some_and(|cause| cause.kind == CauseKind::MissingPackage);
            reasons.extend(exception.as_ref().filter(|_| !missing).map(raised));
            let other = exception.as_ref().and_then(|exception| not_this_python(snippet, exception, python));
            reasons.extend(other);
            reasons.extend(ended_by);
            if reasons.is_empty() {
                reasons.push(Reason::Raised { headline: None });
            }
        }
        (Ending::Exited, None, _) => reasons.extend(ended_by),
        (Ending::Exited, Some("SystemExit"), None) if !left_without_unwinding(cause) => {}
        (Ending::Exited, Some(name), None) => {
            reasons.push(other_than(name, Instead::Exited));
            reasons.extend(ended_by);
        }
        (ending @ (Ending::TimedOut | Ending::Killed | Ending::Deadlocked | Ending::NotRun), _, _) => {
            reasons.push(ended_by.unwrap_or(Reason::Ended(ending)));
        }
    }
    reasons
}

fn raised(exception: &Exception) -> Reason {
    Reason::Raised { headline: Some(headline(exception)) }
}

fn other_than(announced: &str, instead: Instead) -> Reason {
    Reason::OtherThanAnnounced { announced: announced.to_owned(), instead }
}

/// Why a snippet did not run, where the notes of its outcome do not say it.
fn not_run(snippet: &Snippet, outcome: &Outcome) -> Option<Reason> {
    match &snippet.directives.skip {
        Some(skip) => skip.why.clone().map(Reason::LeftOut),
        None => match &outcome.cause {
            Some(cause) => Some(Reason::EndedBy(cause.clone())),
            None => outcome.notes.is_empty().then_some(Reason::NotRun),
        },
    }
}

pub(crate) fn notes(outcome: &Outcome) -> impl Iterator<Item = Reason> {
    outcome.notes.iter().cloned().map(Reason::Note)
}

/// A missing module that the document requires; without it there is nothing to judge.
fn missing<'a>(snippet: &'a Snippet, outcome: &Outcome) -> Option<&'a str> {
    let top = |module: &str| module.split('.').next().unwrap_or_default().to_owned();
    let cause = outcome.cause.as_ref().filter(|cause| cause.kind == CauseKind::MissingPackage);

    // A prompt that raises does not end its snippet, so that its exception has no cause.
    let raised = outcome.facts.examples.iter().filter_map(|example| example.exception.as_ref());
    let not_found = raised.filter(|exception| exception.kind == "ModuleNotFoundError");
    let names = not_found.filter_map(|exception| exception.message.split('\'').nth(1));

    let missing: Vec<String> =
        cause.and_then(|cause| cause.detail.as_deref()).into_iter().chain(names).map(top).collect();
    snippet.directives.requires.iter().map(String::as_str).find(|module| missing.contains(&top(module)))
}

fn left_without_unwinding(cause: Option<&Cause>) -> bool {
    cause.is_some_and(|cause| cause.detail.as_deref() == Some(Cause::NO_UNWINDING))
}
