//! Comments beside what was looked at for their sake: what a statement leaves behind, what it is made of, what was tried.

use crate::expect::claims::comment::{Comment, Says};
use crate::expect::claims::comparison::Match;
use crate::expect::claims::evidence::Evidence;
use crate::expect::claims::judge::{Finding, Origin, Seen, is_a, is_elsewhere, matches};
use crate::expect::claims::manner;
use crate::expect::claims::operations::{self, Known};
use crate::expect::claims::said::{Reading, Said};
use crate::expect::claims::statement::StatementKind;
use crate::expect::claims::term::whole;
use crate::model::claim::ClaimKind;
use crate::model::outcome::Exception;
use crate::model::snippet::Look;

/// What is said of every name that was looked at.
pub(super) fn state(comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let at = origin.place(comment);
    let told = comment.looks.iter().flat_map(|look| evidence.seen(at, look));
    let texts: Vec<&str> = told.filter_map(|value| value.repr.as_deref()).collect();
    let kind = ClaimKind::Value;
    let found = |text: &&str| matches(comment, &Seen { kind, text });
    let first = texts.first().copied().unwrap_or_default().to_owned();
    if texts.is_empty() {
        unseen(comment, origin, evidence)
    } else if texts.iter().all(|text| found(text) == Match::Same) {
        Finding::Holds(kind, first)
    } else {
        let other = texts.iter().find(|text| found(text) == Match::Other);
        other.map_or(Finding::Remark, |text| Finding::Broken(kind, Some((*text).to_owned())))
    }
}

/// A name may mean something else, but who counts references makes a claim.
fn unseen(comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let counts = |look: &Look| matches!(look, Look::References { .. } | Look::Leftovers { .. });
    let passed = evidence.passed(*origin.lines(comment).end());
    if !passed && comment.looks.iter().any(counts) {
        Finding::NotReached(ClaimKind::Value)
    } else {
        Finding::Remark
    }
}

/// The operations of the statement's first line.
pub(super) fn operations(comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let names = operations::read(&comment.lines[0]).unwrap_or_default();
    let told = evidence.seen(origin.place(comment), &Look::Operations).next();
    let Some(real) = told.and_then(|value| value.repr.as_deref()) else { return Finding::Remark };
    let real = real.split(' ').filter(|name| !matches!(*name, "CACHE" | "EXTENDED_ARG" | "NOP" | "RESUME"));
    let real = real.collect::<Vec<_>>().join(" ");
    match operations::known(&names, &real) {
        Known::All => Finding::Holds(ClaimKind::Value, real),
        Known::Some => Finding::Broken(ClaimKind::Value, Some(real)),
        Known::None => Finding::Remark,
    }
}

/// Code in a comment that was tried in a copy of the process.
pub(super) fn attempt(comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let kind = ClaimKind::Exception;
    let Says::Line(Reading { said: Said::Error(name), .. }) = &comment.says else { return Finding::Remark };
    let Some(attempt) = evidence.attempt(origin.line(comment.line)) else { return Finding::Remark };
    let headline = |exception: &Exception| match exception.message.as_str() {
        "" => exception.kind.clone(),
        message => format!("{}: {message}", exception.kind),
    };
    match &attempt.exception {
        None => Finding::Broken(kind, None),
        Some(exception)
            if is_a(exception, name) && (name != manner::ANY_EXCEPTION || !is_elsewhere(exception)) =>
        {
            Finding::Holds(kind, headline(exception))
        }
        // It may need more than the comment shows.
        Some(exception) if is_elsewhere(exception) => Finding::Remark,
        Some(exception) => Finding::Broken(kind, Some(headline(exception))),
    }
}

/// What was seen beside the value and makes a comment true. There may be more to it: it makes none false.
pub(super) fn hint(
    comment: &Comment,
    kind: ClaimKind,
    origin: Origin,
    evidence: &Evidence<'_>,
) -> Option<String> {
    let at = origin.place(comment);
    let told =
        comment.looks.iter().filter(|look| **look != Look::Value).flat_map(|look| evidence.seen(at, look));
    let mut texts = told.flat_map(|value| [value.repr.as_deref(), value.text.as_deref()]).flatten();
    let found = texts.find(|text| matches(comment, &Seen { kind, text }) == Match::Same);
    found.map(str::to_owned)
}

/// A value that stands in the code, if a comment tells its type.
pub(super) fn written(comment: &Comment) -> Option<&str> {
    let Says::Line(Reading { said: Said::Type(name), .. }) = &comment.says else { return None };
    if comment.statement.kind != StatementKind::Literal {
        return None;
    }
    let (_, value) = comment.margin.split_once('=')?;
    whole(value).filter(|term| manner::is_of_type(name, term)).map(|_| value.trim())
}
