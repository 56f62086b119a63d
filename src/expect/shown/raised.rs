//! Tracebacks that a document shows: what is printed before them, and the exception with which they end.

use std::sync::LazyLock;

use regex::Regex;

use crate::expect::exception::headline;
use crate::expect::shown::comparison::{Exactness, is_same};
use crate::expect::shown::correction::ShownForm;
use crate::expect::shown::observed::{Observed, OutputReach};
use crate::expect::shown::shown_text::{ShownStatement, ShownText};
use crate::expect::shown::traceback::{Traceback, read};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, Correction};
use crate::model::outcome::{Ending, Exception, Survived};
use crate::model::snippet::{Detail, Line};

/// What newer versions of CPython add to the message of an exception.
static SUGGESTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\. (?:Did you mean: '[^'\n]*'\?|Did you forget to import '[^'\n]*'\?)(?: Or did you forget to import '[^'\n]*'\?)?$",
    )
    .expect("the pattern is tested")
});

/// The time of a log line, and the number of the line that wrote it.
static LOGGED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?|:[0-9]{1,6}\b")
        .expect("the pattern is tested")
});

static ON_LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bon line [0-9]+").expect("the pattern is tested"));

/// Judges a text that may show a traceback; `None` where it does not show the exception that ends the snippet.
pub(super) fn judge(shown_text: &ShownText, observed: &Observed<'_>) -> Option<Claim> {
    let exception = observed.outcome.exception.as_ref().filter(|_| observed.outcome.ending == Ending::Raised);
    let Some(shown) = read(&shown_text.text) else {
        let shown = last_line(&shown_text.text)?;
        let holds = exception.is_some_and(|exception| holds(&shown, exception, observed));
        return holds.then(|| claim(shown_text, &shown, ClaimVerdict::Holds, exception));
    };
    let holds = |exception: &Exception| {
        holds(&shown, exception, observed)
            || shown_text.detail == Detail::Ignored && class(shown.error) == class(&headline(exception))
    };

    let Observed { stdout, stderr, terminal, .. } = observed;
    let both = format!("{stdout}{stderr}");
    let printed = [Some(stdout), Some(stderr), terminal.as_ref(), Some(&both)];
    let is_printed = printed.into_iter().flatten().filter_map(|text| read(text)).any(|printed| {
        let same = |shown, printed| is_same(shown, printed, Exactness::Exact, observed.redactions);
        // A log above a traceback names its time and its place in the author's file.
        let logged = |text: &str| LOGGED.replace_all(text, "…").into_owned();
        let is_before =
            same(shown.before, printed.before) || same(&logged(shown.before), &logged(printed.before));
        is_before && has_same_error(&shown, &printed, observed)
    });

    if is_printed {
        let claim = claim(shown_text, &shown, ClaimVerdict::Holds, None);
        return Some(Claim { kind: ClaimKind::Shown, ..claim });
    }

    let verdict = match (exception, observed.end()) {
        (Some(exception), _) if holds(exception) => ClaimVerdict::Holds,
        (Some(_), _) | (None, OutputReach::Whole) => ClaimVerdict::Broken,
        (None, OutputReach::Partly | OutputReach::Not) => ClaimVerdict::NotReached,
    };
    Some(claim(shown_text, &shown, verdict, exception))
}

/// Judges a text below a statement whose exception the snippet has survived; `None` for any other statement.
pub(super) fn judge_survived(
    shown_text: &ShownText,
    statement: ShownStatement,
    observed: &Observed<'_>,
) -> Option<Claim> {
    let is_here = |survived: &&Survived| survived.first == statement.first && survived.last == statement.last;
    let survived = observed.outcome.facts.survived.iter().find(is_here)?;

    let shown = read(&shown_text.text).or_else(|| last_line(&shown_text.text))?;
    let is_so = has_error(&shown, &survived.exception, observed)
        // Documents shorten messages to the name.
        || short(shown.error) == short(&survived.exception.kind);
    let verdict = if is_so { ClaimVerdict::Holds } else { ClaimVerdict::Broken };
    // Its form is not that of a block.
    let claim = claim(shown_text, &shown, verdict, Some(&survived.exception));
    Some(Claim { kind: ClaimKind::Exception, correction: None, ..claim })
}

fn claim(
    shown_text: &ShownText,
    shown: &Traceback<'_>,
    verdict: ClaimVerdict,
    exception: Option<&Exception>,
) -> Claim {
    let line = Line(shown_text.line.0.saturating_add(u32::try_from(shown.above).unwrap_or(u32::MAX)));
    let actual = exception.map(|exception| actual_error(shown, exception));
    let is_single = shown.members.is_none() && actual.as_ref().is_some_and(|actual| actual != shown.error);
    let lines = actual.as_deref().filter(|_| verdict == ClaimVerdict::Broken && is_single);
    let lines = lines.and_then(|actual| ShownForm::Block.written(actual));
    let count = u32::try_from(shown.error.lines().count()).unwrap_or(u32::MAX);

    Claim {
        line,
        text: shown.error.to_owned(),
        kind: ClaimKind::Traceback,
        verdict,
        actual,
        accepted: false,
        correction: lines.map(|lines| Correction { first: line, count, lines }),
        doubt: None,
    }
}

/// The exception as far as a text shows one: with notes and suggestions if it shows such.
fn actual_error(shown: &Traceback<'_>, exception: &Exception) -> String {
    let headline = headline(exception);
    let printed = read(&exception.traceback);
    let is_more = shown.error.lines().count() > headline.lines().count()
        || SUGGESTION.is_match(shown.error)
        || exception.bases.iter().any(|base| base == "SyntaxError");
    match printed {
        Some(printed) if is_more => printed.error.to_owned(),
        Some(_) | None => headline,
    }
}

fn holds(shown: &Traceback<'_>, exception: &Exception, observed: &Observed<'_>) -> bool {
    let same = |shown: &str, actual: &str| is_same(shown, actual, Exactness::Exact, observed.redactions);
    let is_stack = shown.before.lines().all(|line| line.starts_with(' ') || line.is_empty());
    let is_before = is_stack
        || same(shown.before, &observed.stdout)
        || observed.terminal.as_ref().is_some_and(|terminal| same(shown.before, terminal));
    is_before && has_error(shown, exception, observed)
}

/// Whether a traceback ends with this exception.
fn has_error(shown: &Traceback<'_>, exception: &Exception, observed: &Observed<'_>) -> bool {
    let same = |shown: &str, actual: &str| is_same(shown, actual, Exactness::Exact, observed.redactions);

    // Notes, suggestions and the text of a syntax error stand in the traceback, and not in the message.
    let printed = read(&exception.traceback);
    let is_printed = printed.as_ref().is_some_and(|printed| has_same_error(shown, printed, observed));
    let has_suggestion = printed.as_ref().is_some_and(|printed| SUGGESTION.is_match(printed.error));

    let headline = short(&headline(exception));
    let error = short(shown.error);
    // Not every version of CPython makes the same suggestions.
    let bare = SUGGESTION.find(&error).filter(|_| !has_suggestion).map(|found| &error[..found.start()]);
    let is_headline = shown.members.is_none()
        && (same(&error, &headline) || bare.is_some_and(|bare| same(bare, &headline)))
        && has_earlier(shown, printed.as_ref(), observed);

    is_printed || is_headline
}

/// Whether both tracebacks end with the same exception, and are members of one group where they show a group.
fn has_same_error(shown: &Traceback<'_>, printed: &Traceback<'_>, observed: &Observed<'_>) -> bool {
    let same = |shown: &str, printed: &str| is_same(shown, printed, Exactness::Exact, observed.redactions);
    match (&shown.members, &printed.members) {
        (Some(shown), Some(printed)) => same(shown, printed),
        (Some(_), None) => false,
        (None, Some(_) | None) => {
            same(&short(shown.error), &short(printed.error)) && has_earlier(shown, Some(printed), observed)
        }
    }
}

/// Whether each exception that is shown to have led to the last one did so. A text may leave some of them out.
fn has_earlier(shown: &Traceback<'_>, printed: Option<&Traceback<'_>>, observed: &Observed<'_>) -> bool {
    let same = |shown: &str, printed: &str| {
        is_same(&short(shown), &short(printed), Exactness::Exact, observed.redactions)
    };
    let mut printed = printed.map_or(&[][..], |printed| &printed.earlier).iter();
    shown.earlier.iter().all(|shown| printed.any(|printed| same(shown, printed)))
}

fn last_line(text: &str) -> Option<Traceback<'_>> {
    let text = text.trim_end();
    let at = text.rfind('\n').map_or(0, |at| at + 1);
    let (before, error) = text.split_at(at);
    let above = before.lines().count();
    (!error.is_empty()).then(|| Traceback { before, above, error, earlier: Vec::new(), members: None })
}

/// The bare name of an exception's class.
fn class(error: &str) -> String {
    let end = error.find([':', '\n', ' ']).unwrap_or(error.len());
    short(&error[..end])
}

/// The exception with the bare name of its class: documents show it with and without the module.
fn short(error: &str) -> String {
    let end = error.find([':', '\n', ' ']).unwrap_or(error.len());
    let (class, message) = error.split_at(end);
    let class = class.rsplit('.').next().unwrap_or(class);
    // The lines of the code are not those of the document.
    let is_syntax = ["SyntaxError", "IndentationError", "TabError"].contains(&class);
    let message = if is_syntax { ON_LINE.replace_all(message, "on line …") } else { message.into() };
    format!("{class}{message}")
}

#[cfg(test)]
mod tests {
    use super::{LOGGED, SUGGESTION, last_line, short};

    #[test]
    fn logs_above_tracebacks() {
        for (text, expected) in [
            ("2018-07-17 01:38:43.975 | ERROR | app:f:10 - What?", "… | ERROR | app:f… - What?"),
            ("2018-07-17T01:38:43,975 ERROR a.py:3 no", "… ERROR a.py… no"),
            ("12 of 30: 5", "12 of 30: 5"),
        ] {
            assert_eq!(LOGGED.replace_all(text, "…"), expected);
        }
    }

    #[test]
    fn exceptions_alone() {
        let found = last_line("a\nE: b\n").unwrap();
        assert_eq!((found.before, found.above, found.error), ("a\n", 1, "E: b"));
        assert_eq!(last_line(" \n"), None);
    }

    #[test]
    fn classes_without_their_modules() {
        assert_eq!(short("json.decoder.JSONDecodeError: a.b: c"), "JSONDecodeError: a.b: c");
        assert_eq!(short("KeyError"), "KeyError");
        assert_eq!(short("a.b\nc.d"), "b\nc.d");
        assert_eq!(short("IndentationError: after 'if' on line 7"), "IndentationError: after 'if' on line …");
        assert_eq!(short("ValueError: bad on line 7"), "ValueError: bad on line 7");
    }

    #[test]
    fn suggestions() {
        for text in [
            "NameError: name 'pritn' is not defined. Did you mean: 'print'?",
            "NameError: name 'io' is not defined. Did you forget to import 'io'?",
            "NameError: name 'tim' is not defined. Did you mean: 'time'? Or did you forget to import 'tim'?",
        ] {
            assert_eq!(SUGGESTION.find(text).map(|found| found.start()), text.find(". Did"), "{text}");
        }
        assert!(!SUGGESTION.is_match("ValueError: Did you mean: 'x'?"));
    }
}
