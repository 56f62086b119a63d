//! Tracebacks that a document shows: what is printed in front of them, and the exception they end with.

use crate::expect::shown::Exhibit;
use crate::expect::shown::comparison::{Exactness, is_same};
use crate::expect::shown::correction::Form;
use crate::expect::shown::scene::{Reach, Scene};
use crate::expect::transcript::headline;
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, Correction};
use crate::model::outcome::{Ending, Exception};
use crate::model::snippet::Line;

const HEADER: &str = "Traceback (most recent call last):";

/// A text that ends with an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Raised<'a> {
    before: &'a str,
    /// Lines in front of the exception: of what was printed, and of the stack.
    above: usize,
    error: &'a str,
}

/// `None` where nothing speaks of an exception that ends the snippet.
pub(super) fn judge(exhibit: &Exhibit, scene: &Scene<'_>) -> Option<Claim> {
    let exception = scene.outcome.exception.as_ref().filter(|_| scene.outcome.ending == Ending::Raised);
    let Some(shown) = with_header(&exhibit.text) else {
        let shown = last_line(&exhibit.text)?;
        let holds = exception.is_some_and(|exception| holds(shown, exception, scene));
        return holds.then(|| claim(exhibit, shown, ClaimVerdict::Holds, exception));
    };
    let printed = [scene.stdout.clone(), scene.stderr.clone(), format!("{}{}", scene.stdout, scene.stderr)];
    let is_printed = printed.iter().filter_map(|text| with_header(text)).any(|printed| {
        let same = |shown, printed| is_same(shown, printed, Exactness::Exact, scene.redactions);
        same(shown.before, printed.before) && same(&short(shown.error), &short(printed.error))
    });
    if is_printed {
        let claim = claim(exhibit, shown, ClaimVerdict::Holds, None);
        return Some(Claim { kind: ClaimKind::Shown, ..claim });
    }
    let verdict = match (exception, scene.end()) {
        (Some(exception), _) if holds(shown, exception, scene) => ClaimVerdict::Holds,
        (Some(_), _) | (None, Reach::Whole) => ClaimVerdict::Broken,
        (None, Reach::Partly | Reach::Not) => ClaimVerdict::NotReached,
    };
    Some(claim(exhibit, shown, verdict, exception))
}

fn claim(
    exhibit: &Exhibit,
    shown: Raised<'_>,
    verdict: ClaimVerdict,
    exception: Option<&Exception>,
) -> Claim {
    let line = Line(exhibit.line.0.saturating_add(u32::try_from(shown.above).unwrap_or(u32::MAX)));
    let actual = exception.map(headline);
    let lines = actual.as_deref().filter(|_| verdict == ClaimVerdict::Broken);
    let lines = lines.and_then(|actual| Form::Block.written(actual));
    let count = u32::try_from(shown.error.lines().count()).unwrap_or(u32::MAX);
    Claim {
        line,
        text: shown.error.to_owned(),
        kind: ClaimKind::Traceback,
        verdict,
        actual,
        accepted: false,
        correction: lines.map(|lines| Correction { first: line, count, lines }),
    }
}

fn holds(shown: Raised<'_>, exception: &Exception, scene: &Scene<'_>) -> bool {
    let same = |shown: &str, actual: &str| is_same(shown, actual, Exactness::Exact, scene.redactions);
    let error = short(shown.error);
    // Notes and the text of a syntax error are part of no message.
    let told = with_header(&exception.traceback).map(|told| short(told.error));
    let is_stack = shown.before.lines().all(|line| line.starts_with(' ') || line.is_empty());
    (is_stack || same(shown.before, &scene.stdout))
        && (same(&error, &short(&headline(exception))) || told.is_some_and(|told| same(&error, &told)))
}

/// Of exceptions that followed one another the last.
fn with_header(text: &str) -> Option<Raised<'_>> {
    let is_header = |line: &str| line.trim_end() == HEADER;
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
    Some(Raised { before: before?, above, error: error.trim_end() })
}

fn last_line(text: &str) -> Option<Raised<'_>> {
    let text = text.trim_end();
    let at = text.rfind('\n').map_or(0, |at| at + 1);
    let (before, error) = text.split_at(at);
    (!error.is_empty()).then(|| Raised { before, above: before.lines().count(), error })
}

/// With the bare name of the class, as some show it and some do not.
fn short(error: &str) -> String {
    let end = error.find([':', '\n', ' ']).unwrap_or(error.len());
    let (class, message) = error.split_at(end);
    format!("{}{message}", class.rsplit('.').next().unwrap_or(class))
}

#[cfg(test)]
mod tests {
    use super::{Raised, last_line, short, with_header};

    #[test]
    fn tracebacks() {
        let text = "a\nTraceback (most recent call last):\n  File x\n    y\n\nValueError: b\nc\n";
        assert_eq!(with_header(text), Some(Raised { before: "a\n", above: 5, error: "ValueError: b\nc" }));
        let chained = "Traceback (most recent call last):\n  ...\nKeyError: 1\n\nDuring it\n\nTraceback (most recent call last):\n  ...\na.B\n";
        assert_eq!(with_header(chained), Some(Raised { before: "", above: 8, error: "a.B" }));
        assert_eq!(with_header("Traceback (most recent call last):\n  File\n"), None);
        assert_eq!(with_header("ValueError: a\n"), None);
    }

    #[test]
    fn exceptions_alone() {
        assert_eq!(last_line("a\nE: b\n"), Some(Raised { before: "a\n", above: 1, error: "E: b" }));
        assert_eq!(last_line(" \n"), None);
    }

    #[test]
    fn classes_without_their_modules() {
        assert_eq!(short("json.decoder.JSONDecodeError: a.b: c"), "JSONDecodeError: a.b: c");
        assert_eq!(short("KeyError"), "KeyError");
        assert_eq!(short("a.b\nc.d"), "b\nc.d");
    }
}
