//! Compares what happened with what was promised. Pure: knows no files.

use std::borrow::Cow;

use crate::config::Snapshots;
use crate::event::Difference;
use crate::expect::exception::is_a;
use crate::expect::redact::Redactions;
use crate::expect::sentence;
use crate::expect::transcript::transcript;
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{Cause, CauseKind, Ending, Outcome};
use crate::model::snippet::Snippet;
use crate::model::verdict::Verdict;

/// The verdict on one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgment {
    pub(crate) verdict: Verdict,
    /// Everything that led to the verdict, the gravest first.
    pub(crate) reasons: Vec<String>,
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
    let Case { snippet, outcome, claims, announced, stored, file } = case;
    let mut judgment = Judgment { verdict: Verdict::Passed, reasons: Vec::new(), difference: None };

    if outcome.ending == Ending::NotRun {
        judgment.verdict = if snippet.directives.skip.is_some() { Verdict::Skipped } else { Verdict::Failed };
        judgment.reasons.extend(sentence::not_run(snippet, outcome));
        judgment.reasons.extend_from_slice(&outcome.notes);
        return judgment;
    }

    if let Some(module) = missing(snippet, outcome) {
        judgment.verdict = Verdict::Skipped;
        judgment.reasons.push(format!("`{module}` is not installed, and the document says that it needs it"));
        return judgment;
    }

    // The output of a nondeterministic snippet is not compared.
    let (stored, snapshots) = if snippet.directives.nondeterministic {
        (Stored::Nothing, Snapshots::Optional)
    } else {
        (stored, snapshots)
    };

    let broken_promises = broken_promises(snippet, outcome, announced);
    let false_claims: Vec<String> = claims.iter().filter_map(sentence::claim).collect();
    let kept = broken_promises.is_empty() && false_claims.is_empty();

    let actual = || redactions.apply(&transcript(outcome)).map(Cow::into_owned);
    let differ =
        |accepted: Option<String>, actual| Difference { snapshot: file.to_owned(), accepted, actual };

    judgment.verdict = if kept { Verdict::Passed } else { Verdict::Failed };
    judgment.reasons = [broken_promises, false_claims.clone()].concat();

    match stored {
        Stored::Nothing => match snapshots {
            Snapshots::Required if kept => {
                judgment.verdict = Verdict::Unreviewed;
                judgment.reasons.push("nobody has accepted its output yet".to_owned());
                match actual() {
                    Ok(actual) => judgment.difference = Some(differ(None, actual)),
                    Err(error) => judgment.reasons.push(error.to_string()),
                }
            }
            Snapshots::Required | Snapshots::Optional => {}
        },
        Stored::Unreadable => {
            judgment.verdict = Verdict::Failed;
            judgment.reasons.push(format!("its snapshot `{file}` cannot be read"));
        }
        Stored::Body(body) => match (actual(), redactions.apply(body)) {
            // A redaction may change its own result, so that the stored text redacted once more would never be equal.
            (Ok(actual), Ok(accepted)) if actual == body || actual == accepted => {
                if acceptable(snippet, outcome, announced) == Acceptable::WithErrors {
                    judgment.verdict =
                        if false_claims.is_empty() { Verdict::Passed } else { Verdict::Failed };
                    judgment.reasons = false_claims;
                }
            }
            (Ok(actual), Ok(accepted)) => {
                judgment.verdict = Verdict::Failed;
                judgment.reasons.push("the output differs from the accepted snapshot".to_owned());
                judgment.difference = Some(differ(Some(accepted.into_owned()), actual));
            }
            (Err(error), _) | (_, Err(error)) => {
                judgment.verdict = Verdict::Failed;
                judgment.reasons.push(format!("the snapshot cannot be compared: {error}"));
            }
        },
    }
    judgment.reasons.extend_from_slice(&outcome.notes);
    judgment
}

pub(crate) fn acceptable(snippet: &Snippet, outcome: &Outcome, announced: AnnouncedException) -> Acceptable {
    if outcome.ending == Ending::NotRun {
        Acceptable::Never
    } else if broken_promises(snippet, outcome, announced).is_empty() {
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
fn broken_promises(snippet: &Snippet, outcome: &Outcome, announced: AnnouncedException) -> Vec<String> {
    let cause = outcome.cause.as_ref();
    let raises = snippet.directives.raises.as_deref();
    let mut reasons = Vec::new();

    match (outcome.ending, raises, &outcome.exception) {
        (Ending::Completed, None, _) => {}
        (Ending::Completed, Some(name), _) => reasons.push(format!("expected `{name}`, but it completed")),
        (Ending::Raised | Ending::Exited, Some(name), Some(exception)) => {
            if !is_a(exception, name) {
                reasons.push(format!("expected `{name}`, but it {}", sentence::raised(exception)));
                reasons.extend(cause.map(sentence::cause));
            }
        }
        (Ending::Raised, _, _) if announced == AnnouncedException::Shown => {}
        (Ending::Raised, None, _) if snippet.directives.may_raise => {}
        (Ending::Raised, _, exception) => {
            let missing = cause.is_some_and(|cause| cause.kind == CauseKind::MissingPackage);
            reasons.extend(exception.as_ref().filter(|_| !missing).map(sentence::raised));
            reasons.extend(cause.map(sentence::cause));
            if reasons.is_empty() {
                reasons.push("an exception ended it".to_owned());
            }
        }
        (Ending::Exited, None, _) => reasons.extend(cause.map(sentence::cause)),
        (Ending::Exited, Some("SystemExit"), None) if !left_without_unwinding(cause) => {}
        (Ending::Exited, Some(name), None) => {
            reasons.push(format!("expected `{name}`, but it exited"));
            reasons.extend(cause.map(sentence::cause));
        }
        (ending @ (Ending::TimedOut | Ending::Killed | Ending::Deadlocked | Ending::NotRun), _, _) => {
            reasons.push(cause.map_or_else(|| sentence::ending(ending).to_owned(), sentence::cause));
        }
    }
    reasons
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
