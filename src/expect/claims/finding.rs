//! What became of a comment, and whether a text that was observed at its statement is what it says.

use std::ops::RangeInclusive;

use crate::expect::claims::closeness;
use crate::expect::claims::comment::{Says, StatementComment};
use crate::expect::claims::comparison::{self, ActualText, Match};
use crate::expect::claims::lead_words::{Lead, lead, without_leads};
use crate::expect::claims::prose;
use crate::expect::claims::quantity::Quantity;
use crate::expect::claims::reading::{CommentMeaning, CommentReading, StatedValue};
use crate::expect::claims::term::{Term, whole};
use crate::expect::claims::type_names;
use crate::expect::statement::StatementKind;
use crate::model::claim::{ClaimKind, DoubtReason};
use crate::model::snippet::{Line, Look, Place};

/// What became of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// The claim is true; what was observed.
    Holds(ClaimKind, String),
    /// The claim is false; what was observed instead, absent where the statement should have raised and did not.
    Broken(ClaimKind, Option<String>),
    /// Another machine would have found something else; what was observed on this one.
    Unstable(ClaimKind, String),
    /// The claim is false of this run, and other runs decide whether that is chance; what was observed.
    Doubtful(ClaimKind, String, DoubtReason),
    NotReached(ClaimKind),
    Remark,
}

/// The line of the document in which a snippet's code begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodeStart(pub(super) Line);

impl CodeStart {
    /// The line of the document for a line of the code.
    pub(super) fn line(self, line: u32) -> Line {
        Line(self.0.0.saturating_add(line).saturating_sub(1))
    }

    /// The lines of the statement that a comment speaks of.
    pub(super) fn lines(self, comment: &StatementComment) -> RangeInclusive<Line> {
        self.line(comment.statement.first)..=self.line(comment.statement.last)
    }

    /// The beginning of the statement that a comment speaks of.
    pub(super) fn place(self, comment: &StatementComment) -> Place {
        Place { line: self.line(comment.statement.first), column: comment.statement.column }
    }

    /// The same look with lines of the document instead of those of the code.
    pub(super) fn look(self, look: &Look) -> Look {
        match look {
            Look::Attempt { line, code } => Look::Attempt { line: self.line(line.0), code: code.clone() },
            Look::Value
            | Look::Size
            | Look::State { .. }
            | Look::References { .. }
            | Look::Leftovers { .. }
            | Look::Operations
            | Look::Output => look.clone(),
        }
    }
}

/// Something that happened at a statement.
pub(super) struct Observation<'a> {
    pub(super) kind: ClaimKind,
    pub(super) text: &'a str,
}

/// Whether an observation is what a comment says, something else, or not what the comment is about.
pub(super) fn matches(comment: &StatementComment, observed: &Observation<'_>) -> Match {
    let top = comment.statement.top && comment.statement.kind != StatementKind::Block;
    let repeated = !top && observed.text.trim_end().lines().nth(1).is_some();
    let actual = ActualText { text: observed.text, repeated };

    match &comment.says {
        Says::Lines => match comparison::lines(&comment.lines, observed.text) {
            Match::Unrelated => comparison::lines(&without_leads(&comment.lines), observed.text),
            found @ (Match::Same | Match::Other) => found,
        },
        Says::Block(value) => of_kind(value, &comment.led_text(), observed, actual),
        Says::Line(reading) => {
            let line = &comment.lines[0];
            match line_matches(line, reading, observed, actual) {
                Match::Unrelated if type_names::asks(&comment.margin) => {
                    let words = line.get(reading.core.clone()).unwrap_or_default();
                    type_names::compare(words, observed.text)
                }
                found => found,
            }
        }
    }
}

fn line_matches(
    line: &str,
    reading: &CommentReading,
    observed: &Observation<'_>,
    actual: ActualText<'_>,
) -> Match {
    let CommentReading { meaning, core } = reading;
    let words = line.get(core.clone()).unwrap_or_default();
    let spelled = || match comparison::words(line, actual) {
        Match::Same => Match::Same,
        Match::Other | Match::Unrelated => match comparison::words(words, actual) {
            Match::Unrelated if is_other_output(line, reading, actual) => Match::Other,
            found => found,
        },
    };

    match meaning {
        CommentMeaning::Value(value) => match of_kind(value, words, observed, actual) {
            Match::Same => Match::Same,
            _ if comparison::words(line, actual) == Match::Same => Match::Same,
            Match::Other if is_aside(&line[core.end..], value, observed, actual) => Match::Unrelated,
            Match::Unrelated if comparison::is_nearly(line, actual) => Match::Other,
            other => other,
        },
        CommentMeaning::Quantity(quantity) => match amount(quantity, observed, actual) {
            Match::Unrelated => spelled(),
            found @ (Match::Same | Match::Other) => found,
        },
        CommentMeaning::Type(name) => match whole(observed.text) {
            Some(term) if observed.kind != ClaimKind::Output && prose::is_of_type(name, &term) => Match::Same,
            Some(_) | None => spelled(),
        },
        CommentMeaning::Words | CommentMeaning::Complaint => spelled(),
        CommentMeaning::Error(_) | CommentMeaning::Success => match spelled() {
            Match::Other => Match::Unrelated,
            found => found,
        },
        CommentMeaning::Marker => Match::Unrelated,
    }
}

/// Whether words are meant as an output that is not the actual one: nearly the same, or announced as output.
fn is_other_output(line: &str, reading: &CommentReading, actual: ActualText<'_>) -> bool {
    let text = actual.text.trim();
    let words = line.get(reading.core.clone()).unwrap_or_default();
    if comparison::is_nearly(line, actual) || comparison::is_nearly(words, actual) {
        return true;
    }

    let is_words = whole(text).is_none_or(|term| matches!(term, Term::Name(_) | Term::Text(_)));
    is_words
        && !text.is_empty()
        && text.lines().nth(1).is_none()
        && match lead(line.get(..reading.core.start).unwrap_or_default()) {
            Some(Lead::Word) => closeness::is_output(words),
            Some(Lead::Arrow) => closeness::is_output_like(words, text),
            None => false,
        }
}

/// Whether a number with prose after a dash speaks of something in a printed sentence, and not of the sentence.
fn is_aside(rest: &str, value: &StatedValue, observed: &Observation<'_>, actual: ActualText<'_>) -> bool {
    let rest = rest.trim_start();
    let dash = ["--", "-", "–", "—"].iter().find_map(|dash| rest.strip_prefix(dash));
    let is_number = matches!(value.terms[..], [Term::Integer(_) | Term::Float(_)]);
    is_number
        && observed.kind == ClaimKind::Output
        && dash.is_some_and(|prose| prose.split_whitespace().count() > 1)
        && actual.text.contains(char::is_alphabetic)
        && whole(actual.text).is_none()
}

/// A value that is compared with a value must be of its family; one that is compared with an output need not.
fn of_kind(value: &StatedValue, words: &str, observed: &Observation<'_>, actual: ActualText<'_>) -> Match {
    let found = comparison::value(value, words, actual);
    let loose = match observed.kind {
        ClaimKind::Value | ClaimKind::Binding => true,
        ClaimKind::Output
        | ClaimKind::Exception
        | ClaimKind::Doctest
        | ClaimKind::Shown
        | ClaimKind::Traceback
        | ClaimKind::Remark => false,
    };

    match (found, &value.terms[..]) {
        (Match::Other, [term]) if loose && !comparison::related(term, observed.text) => Match::Unrelated,
        (found, _) => found,
    }
}

fn amount(quantity: &Quantity, observed: &Observation<'_>, actual: ActualText<'_>) -> Match {
    match quantity.is(observed.text) {
        None => Match::Unrelated,
        Some(true) => Match::Same,
        Some(false) if actual.repeated => Match::Unrelated,
        Some(false) => Match::Other,
    }
}
