//! Judges comments by what the runner watched for their sake: the state that a statement leaves, the operations that it
//! is compiled to, code in a comment that was tried.

use crate::expect::claims::comment::{Says, StatementComment};
use crate::expect::claims::comparison::Match;
use crate::expect::claims::finding::{CodeStart, Finding, Observation, matches};
use crate::expect::claims::operations::{self, Known};
use crate::expect::claims::prose;
use crate::expect::claims::reading::{CommentMeaning, CommentReading};
use crate::expect::claims::term::whole;
use crate::expect::evidence::Evidence;
use crate::expect::exception::{self, ANY_EXCEPTION, headline, is_of_surroundings};
use crate::expect::statement::StatementKind;
use crate::model::claim::ClaimKind;
use crate::model::snippet::Look;

/// A comment about the state after its statement: true if it is true of every name that was looked at.
pub(super) fn state(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let at = start.place(comment);
    let observed = comment.looks.iter().flat_map(|look| evidence.observed(at, look));
    let texts: Vec<&str> = observed.filter_map(|value| value.repr.as_deref()).collect();

    let kind = ClaimKind::Value;
    let found = |text: &&str| matches(comment, &Observation { kind, text });
    let first = texts.first().copied().unwrap_or_default().to_owned();

    if texts.is_empty() {
        unobserved(comment, start, evidence)
    } else if texts.iter().all(|text| found(text) == Match::Same) {
        Finding::Holds(kind, first)
    } else {
        let other = texts.iter().find(|text| found(text) == Match::Other);
        other.map_or(Finding::Remark, |text| Finding::Broken(kind, Some((*text).to_owned())))
    }
}

/// A comment about a name that was not observed is prose, because the name may mean something else. A comment that
/// counts references is always a claim.
fn unobserved(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let counts = |look: &Look| matches!(look, Look::References { .. } | Look::Leftovers { .. });
    let passed = evidence.passed(*start.lines(comment).end());
    if !passed && comment.looks.iter().any(counts) {
        Finding::NotReached(ClaimKind::Value)
    } else {
        Finding::Remark
    }
}

/// A comment that names the operations of its statement's first line.
pub(super) fn operations(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let names = operations::read(&comment.lines[0]).unwrap_or_default();
    let observed = evidence.observed(start.place(comment), &Look::Operations).next();
    let Some(real) = observed.and_then(|value| value.repr.as_deref()) else { return Finding::Remark };

    let real = real.split(' ').filter(|name| !matches!(*name, "CACHE" | "EXTENDED_ARG" | "NOP" | "RESUME"));
    let real = real.collect::<Vec<_>>().join(" ");

    match operations::known(&names, &real) {
        Known::All => Finding::Holds(ClaimKind::Value, real),
        Known::Some => Finding::Broken(ClaimKind::Value, Some(real)),
        Known::None => Finding::Remark,
    }
}

/// Code in a comment that was tried in a copy of the process.
pub(super) fn attempt(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let kind = ClaimKind::Exception;
    let Says::Line(CommentReading { meaning: CommentMeaning::Error(name), .. }) = &comment.says else {
        return Finding::Remark;
    };
    let Some(attempt) = evidence.attempt(start.line(comment.line)) else { return Finding::Remark };

    match &attempt.exception {
        None => Finding::Broken(kind, None),
        Some(raised)
            if exception::is_a(raised, name) && (name != ANY_EXCEPTION || !is_of_surroundings(raised)) =>
        {
            Finding::Holds(kind, headline(raised))
        }
        // The code may need more than the comment shows.
        Some(raised) if is_of_surroundings(raised) => Finding::Remark,
        Some(raised) => Finding::Broken(kind, Some(headline(raised))),
    }
}

/// What was observed apart from the value and makes a comment true. The comment may be about something else: nothing
/// here makes it false.
pub(super) fn hint(
    comment: &StatementComment,
    kind: ClaimKind,
    start: CodeStart,
    evidence: &Evidence<'_>,
) -> Option<String> {
    let at = start.place(comment);
    let other_looks = comment.looks.iter().filter(|look| **look != Look::Value);
    let observed = other_looks.flat_map(|look| evidence.observed(at, look));
    let mut texts = observed.flat_map(|value| [value.repr.as_deref(), value.text.as_deref()]).flatten();

    let found = texts.find(|text| matches(comment, &Observation { kind, text }) == Match::Same);
    found.map(str::to_owned)
}

/// A value that stands in the code, if a comment says its type.
pub(super) fn written(comment: &StatementComment) -> Option<&str> {
    let Says::Line(CommentReading { meaning: CommentMeaning::Type(name), .. }) = &comment.says else {
        return None;
    };
    if comment.statement.kind != StatementKind::Literal {
        return None;
    }
    let (_, value) = comment.margin.split_once('=')?;
    whole(value).filter(|term| prose::is_of_type(name, term)).map(|_| value.trim())
}
