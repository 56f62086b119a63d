//! Reasons of a verdict as sentences. Lower case, no final period.

mod cause;
mod claim;
mod contrast;
mod literal;
mod run;

use crate::event::Judged;
use crate::model::outcome::Ending;
use crate::model::reason::{Instead, Reason, Shell};
use crate::report::reason::literal::quoted;

pub(crate) use cause::excess;
pub(crate) use claim::{advice, is_false, sentence as falsehood, truth};

/// A sentence for everything that led to the verdict, the gravest first.
pub(crate) fn sentences(judged: &Judged) -> Vec<String> {
    judged.reasons.iter().flat_map(|reason| of(judged, reason)).collect()
}

/// What one reason says: nothing, a sentence, or one for each of the facts that it speaks of.
pub(crate) fn of(judged: &Judged, reason: &Reason) -> Vec<String> {
    let sentence = match reason {
        Reason::FalseClaims => return judged.claims.iter().filter_map(claim::sentence).collect(),
        Reason::UnequalRuns => return run::sentences(&judged.variations),

        Reason::LeftOut(text) | Reason::Note(text) => text.clone(),
        Reason::NotRun => "not run".to_owned(),
        Reason::Requirement { module } => {
            format!("`{module}` is not installed, and the document says that it needs it")
        }
        Reason::OtherThanAnnounced { announced, instead } => {
            format!("expected `{announced}`, but it {}", ended_instead(instead))
        }
        Reason::Raised { headline: Some(headline) } => raised(headline),
        Reason::Raised { headline: None } => ended(Ending::Raised).to_owned(),
        Reason::EndedBy(cause) => cause::sentence(cause),
        Reason::Ended(ending) => ended(*ending).to_owned(),
        Reason::NeverAccepted => "nobody has accepted its output yet".to_owned(),
        Reason::Difference => "the output differs from the accepted snapshot".to_owned(),
        Reason::UnreadableSnapshot { file } => format!("its snapshot `{file}` cannot be read"),
        Reason::Redaction { error } => error.clone(),
        Reason::Incomparable { error } => format!("the snapshot cannot be compared: {error}"),
        Reason::EarlierName { file } => {
            format!("its snapshot is still at `{file}`; `snipcheck accept` moves it")
        }
        Reason::AcceptableError => "`snipcheck accept --errors` would accept its exception".to_owned(),
        Reason::Contradicted => "not accepted, because the document says something else: `snipcheck update` \
             corrects the document, `--claims report` accepts it as known to be false"
            .to_owned(),
        Reason::NewerSyntax { needs, is } => format!("needs Python {needs}, and this is Python {is}"),
        Reason::Command { line, text, shell: Shell::IPython } => {
            format!("line {line} is for IPython, not for Python: {}", quoted(text))
        }
        Reason::Command { line, text, shell: Shell::System } => {
            format!("line {line} is a command for a shell, not for Python: {}", quoted(text))
        }
        Reason::Unacceptable => "this is not an ending that can be accepted".to_owned(),
    };
    vec![sentence]
}

fn ended_instead(instead: &Instead) -> String {
    match instead {
        Instead::Completed => "completed".to_owned(),
        Instead::Exited => "exited".to_owned(),
        Instead::Raised { headline } => raised(headline),
    }
}

/// The exception with the first line of its message.
fn raised(headline: &str) -> String {
    let first = headline.trim_end().lines().next().unwrap_or_default().trim_end();
    format!("raised {}", quoted(first))
}

/// An ending whose cause is unknown.
fn ended(ending: Ending) -> &'static str {
    match ending {
        Ending::Completed => "completed",
        Ending::Raised => "an exception ended it",
        Ending::Exited => "exited before its last statement",
        Ending::TimedOut => "ran out of time",
        Ending::Killed => "was killed",
        Ending::Deadlocked => "deadlocked: nothing in it could ever run again",
        Ending::NotRun => "not run",
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::model::outcome::Ending;
    use crate::model::reason::{Instead, Reason};
    use crate::model::verdict::Verdict;
    use crate::report::sample;

    #[track_caller]
    fn check(reason: &Reason, expected: &str) {
        let judged = sample::judged("a.md", "x", Verdict::Failed, sample::outcome(Ending::Completed));
        assert_eq!(of(&judged, reason), [expected]);
    }

    #[test]
    fn reasons_are_sentences() {
        let headline = "ValueError: bad\nworse".to_owned();
        check(&Reason::Raised { headline: Some(headline.clone()) }, "raised `ValueError: bad`");
        check(&Reason::Raised { headline: None }, "an exception ended it");
        let other = |instead| Reason::OtherThanAnnounced { announced: "OSError".to_owned(), instead };
        check(&other(Instead::Completed), "expected `OSError`, but it completed");
        check(&other(Instead::Exited), "expected `OSError`, but it exited");
        check(&other(Instead::Raised { headline }), "expected `OSError`, but it raised `ValueError: bad`");
        check(&Reason::Ended(Ending::Killed), "was killed");
        check(&Reason::Ended(Ending::Deadlocked), "deadlocked: nothing in it could ever run again");
        let file = "expected/a.md/one-1.snap".to_owned();
        check(
            &Reason::UnreadableSnapshot { file: file.clone() },
            "its snapshot `expected/a.md/one-1.snap` cannot be read",
        );
        check(
            &Reason::EarlierName { file },
            "its snapshot is still at `expected/a.md/one-1.snap`; `snipcheck accept` moves it",
        );
    }

    #[test]
    fn long_messages_are_cut() {
        let long = Reason::Raised { headline: Some("E".repeat(300)) };
        check(&long, &format!("raised `{}…`", "E".repeat(200)));
    }
}
