//! Tracebacks that a document shows: what is printed before them, and the exception with which they end.

use crate::expect::exception::{TRACEBACK_HEADER, headline};
use crate::expect::shown::comparison::{Exactness, is_same};
use crate::expect::shown::correction::ShownForm;
use crate::expect::shown::observed::{Observed, OutputReach};
use crate::expect::shown::shown_text::ShownText;
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, Correction};
use crate::model::outcome::{Ending, Exception};
use crate::model::snippet::{Detail, Line};

/// A text that ends with an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ShownTraceback<'a> {
    before: &'a str,
    /// Lines before the exception: those that were printed, and those of the stack.
    above: usize,
    error: &'a str,
}

/// Judges a text that may show a traceback; `None` where it does not show the exception that ends the snippet.
pub(super) fn judge(shown_text: &ShownText, observed: &Observed<'_>) -> Option<Claim> {
    let exception = observed.outcome.exception.as_ref().filter(|_| observed.outcome.ending == Ending::Raised);
    let Some(shown) = with_header(&shown_text.text) else {
        let shown = last_line(&shown_text.text)?;
        let holds = exception.is_some_and(|exception| holds(shown, exception, observed));
        return holds.then(|| claim(shown_text, shown, ClaimVerdict::Holds, exception));
    };
    let holds = |exception: &Exception| {
        holds(shown, exception, observed)
            || shown_text.detail == Detail::Ignored && class(shown.error) == class(&headline(exception))
    };

    let printed =
        [observed.stdout.clone(), observed.stderr.clone(), format!("{}{}", observed.stdout, observed.stderr)];
    let is_printed = printed.iter().filter_map(|text| with_header(text)).any(|printed| {
        let same = |shown, printed| is_same(shown, printed, Exactness::Exact, observed.redactions);
        same(shown.before, printed.before) && same(&short(shown.error), &short(printed.error))
    });

    if is_printed {
        let claim = claim(shown_text, shown, ClaimVerdict::Holds, None);
        return Some(Claim { kind: ClaimKind::Shown, ..claim });
    }

    let verdict = match (exception, observed.end()) {
        (Some(exception), _) if holds(exception) => ClaimVerdict::Holds,
        (Some(_), _) | (None, OutputReach::Whole) => ClaimVerdict::Broken,
        (None, OutputReach::Partly | OutputReach::Not) => ClaimVerdict::NotReached,
    };
    Some(claim(shown_text, shown, verdict, exception))
}

fn claim(
    shown_text: &ShownText,
    shown: ShownTraceback<'_>,
    verdict: ClaimVerdict,
    exception: Option<&Exception>,
) -> Claim {
    let line = Line(shown_text.line.0.saturating_add(u32::try_from(shown.above).unwrap_or(u32::MAX)));
    let actual = exception.map(headline);
    let lines = actual.as_deref().filter(|_| verdict == ClaimVerdict::Broken);
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

fn holds(shown: ShownTraceback<'_>, exception: &Exception, observed: &Observed<'_>) -> bool {
    let same = |shown: &str, actual: &str| is_same(shown, actual, Exactness::Exact, observed.redactions);
    let error = short(shown.error);
    // Notes and the text of a syntax error stand in the traceback, and not in the message.
    let printed = with_header(&exception.traceback).map(|traceback| short(traceback.error));
    let is_stack = shown.before.lines().all(|line| line.starts_with(' ') || line.is_empty());
    (is_stack || same(shown.before, &observed.stdout))
        && (same(&error, &short(&headline(exception)))
            || printed.is_some_and(|printed| same(&error, &printed)))
}

/// The last exception of a traceback with a header.
fn with_header(text: &str) -> Option<ShownTraceback<'_>> {
    let is_header = |line: &str| line.trim_end() == TRACEBACK_HEADER;
    let mut before = None;
    let mut error = None;
    let (mut at, mut in_stack) = (0, false);

    for (number, line) in text.split_inclusive('\n').enumerate() {
        if is_header(line) {
            before.get_or_insert(&text[..at]);
            (in_stack, error) = (true, None);
        } else if in_stack && !line.starts_with([' ', '\t']) && !line.trim().is_empty() {
            (in_stack, error) = (false, Some((number, &text[at..])));
        }
        at += line.len();
    }

    let (above, error) = error?;
    Some(ShownTraceback { before: before?, above, error: error.trim_end() })
}

fn last_line(text: &str) -> Option<ShownTraceback<'_>> {
    let text = text.trim_end();
    let at = text.rfind('\n').map_or(0, |at| at + 1);
    let (before, error) = text.split_at(at);
    (!error.is_empty()).then(|| ShownTraceback { before, above: before.lines().count(), error })
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
    format!("{}{message}", class.rsplit('.').next().unwrap_or(class))
}

#[cfg(test)]
mod tests {
    use super::{ShownTraceback, last_line, short, with_header};

    #[test]
    fn tracebacks() {
        let text = "a\nTraceback (most recent call last):\n  File x\n    y\n\nValueError: b\nc\n";
        assert_eq!(
            with_header(text),
            Some(ShownTraceback { before: "a\n", above: 5, error: "ValueError: b\nc" })
        );
        let chained = "Traceback (most recent call last):\n  ...\nKeyError: 1\n\nDuring it\n\nTraceback (most recent call last):\n  ...\na.B\n";
        assert_eq!(with_header(chained), Some(ShownTraceback { before: "", above: 8, error: "a.B" }));
        assert_eq!(with_header("Traceback (most recent call last):\n  File\n"), None);
        assert_eq!(with_header("ValueError: a\n"), None);
    }

    #[test]
    fn exceptions_alone() {
        assert_eq!(last_line("a\nE: b\n"), Some(ShownTraceback { before: "a\n", above: 1, error: "E: b" }));
        assert_eq!(last_line(" \n"), None);
    }

    #[test]
    fn classes_without_their_modules() {
        assert_eq!(short("json.decoder.JSONDecodeError: a.b: c"), "JSONDecodeError: a.b: c");
        assert_eq!(short("KeyError"), "KeyError");
        assert_eq!(short("a.b\nc.d"), "b\nc.d");
    }
}
