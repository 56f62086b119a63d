//! Comments beside what happened at their statements.

use std::ops::RangeInclusive;

use crate::expect::claims::aftermath;
use crate::expect::claims::comment::{About, Comment, Says};
use crate::expect::claims::comparison::{self, Match, Real};
use crate::expect::claims::evidence::Evidence;
use crate::expect::claims::manner;
use crate::expect::claims::quantity::{self, Dimension, Quantity};
use crate::expect::claims::said::{Joint, Reading, Said, Strength, Value};
use crate::expect::claims::statement::StatementKind;
use crate::expect::claims::term::{Term, whole};
use crate::expect::claims::volatile::is_volatile;
use crate::expect::transcript::headline;
use crate::model::claim::ClaimKind;
use crate::model::outcome::{Exception, Value as Told};
use crate::model::snippet::{Line, Look, Place};

/// What became of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    Holds(ClaimKind, String),
    /// What it is really; nothing where it should have raised.
    Broken(ClaimKind, Option<String>),
    /// Another machine would have found something else.
    Unstable(ClaimKind, String),
    NotReached(ClaimKind),
    Remark,
}

/// Where a snippet's code begins in its document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin(pub(super) Line);

impl Origin {
    pub(super) fn line(self, line: u32) -> Line {
        Line(self.0.0.saturating_add(line).saturating_sub(1))
    }

    pub(super) fn lines(self, comment: &Comment) -> RangeInclusive<Line> {
        self.line(comment.statement.first)..=self.line(comment.statement.last)
    }

    pub(super) fn place(self, comment: &Comment) -> Place {
        Place { line: self.line(comment.statement.first), column: comment.statement.column }
    }

    /// With lines of the document.
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
pub(super) struct Seen<'a> {
    pub(super) kind: ClaimKind,
    pub(super) text: &'a str,
}

pub(super) fn judge(comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let finding = match comment.about {
        About::Statement => statement(comment, origin, evidence),
        About::Aftermath => match statement(&comment.in_words(), origin, evidence) {
            found @ Finding::Holds(..) => found,
            _ => aftermath::state(comment, origin, evidence),
        },
        About::Operations => aftermath::operations(comment, origin, evidence),
        About::Attempt => aftermath::attempt(comment, origin, evidence),
    };
    match finding {
        // What comes behind an exception may miss what the exception has kept from happening.
        Finding::Broken(kind, _) | Finding::Unstable(kind, _)
            if evidence.is_beyond(origin.line(comment.statement.first)) =>
        {
            Finding::NotReached(kind)
        }
        finding => finding,
    }
}

fn statement(comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let lines = origin.lines(comment);
    let behind = comment.line == comment.statement.last;
    if behind && let Some(exception) = evidence.survived(&lines) {
        return Finding::Holds(ClaimKind::Exception, headline(exception).trim_end().to_owned());
    }
    let (written, caused) = (evidence.written(lines.clone()), evidence.caused(lines.clone()));
    let aside = evidence.aside(&lines);
    let values = evidence.values(origin.place(comment));
    let mut seen = Vec::new();
    let output = |text| Seen { kind: ClaimKind::Output, text };
    let kind = match comment.statement.kind {
        StatementKind::Assignment | StatementKind::Literal => ClaimKind::Binding,
        StatementKind::Expression => ClaimKind::Value,
        StatementKind::Print
        | StatementKind::Identity
        | StatementKind::Block
        | StatementKind::Definition
        | StatementKind::Other => ClaimKind::Output,
    };
    for value in values {
        // What gives `None` is called for what it does.
        let reprs = value.repr.as_deref().filter(|repr| *repr != "None" || says_none(comment));
        seen.extend(reprs.map(|text| Seen { kind, text }));
        seen.extend(value.text.as_deref().filter(|_| says_text(comment)).map(|text| Seen { kind, text }));
    }
    let each = if says_several(comment) { one_by_one(values) } else { String::new() };
    if values.len() > 1 && says_several(comment) {
        // A list is of all of them, or of each.
        seen.retain(|seen| matches(comment, seen) == Match::Same);
        seen.extend((!each.is_empty()).then_some(Seen { kind, text: &each }));
    }
    seen.extend(
        [&written, &caused, &aside].into_iter().filter(|text| !text.is_empty()).map(|text| output(text)),
    );
    if let Says::Line(Reading { said: Said::Error(name), .. }) = &comment.says
        && !seen.iter().any(|seen| matches(comment, seen) == Match::Same)
    {
        return raised(name, comment, origin, evidence);
    }
    let found = |wanted| seen.iter().find(|seen| matches(comment, seen) == wanted);
    let actual = |seen: &Seen<'_>| seen.text.trim_end().to_owned();
    if let Some(seen) = found(Match::Same) {
        return Finding::Holds(seen.kind, actual(seen));
    }
    if let Some(text) = aftermath::hint(comment, kind, origin, evidence) {
        return Finding::Holds(kind, text);
    }
    if let Some(text) = aftermath::written(comment) {
        return Finding::Holds(kind, text.to_owned());
    }
    if let Says::Line(Reading { said: Said::Success, .. }) = &comment.says {
        return went_well(comment, origin, evidence);
    }
    let Some(first) = seen.first() else {
        if !(values.is_empty() && is_promise(comment)) {
            return Finding::Remark;
        }
        let unkept = stopped(comment, &lines, evidence);
        return unkept.map_or(Finding::NotReached(kind), |headline| Finding::Broken(kind, Some(headline)));
    };
    if comment.statement.kind == StatementKind::Identity && says_number(comment) {
        return Finding::Unstable(first.kind, actual(first));
    }
    match found(Match::Other) {
        Some(seen) if moves(comment, evidence) => Finding::Unstable(seen.kind, actual(seen)),
        Some(seen) => Finding::Broken(seen.kind, Some(actual(seen))),
        None => match seen.iter().find(|seen| is_timing(comment, seen)) {
            Some(seen) => Finding::Unstable(seen.kind, actual(seen)),
            None => Finding::Remark,
        },
    }
}

/// Whether it would be another the next time.
fn moves(comment: &Comment, evidence: &Evidence<'_>) -> bool {
    if says_time(comment) { !evidence.has_only_waited() } else { is_volatile(comment) }
}

/// All values of a statement that ran again and again, below each other.
fn one_by_one(values: &[&Told]) -> String {
    let reprs: Vec<&str> = values.iter().filter_map(|value| value.repr.as_deref()).collect();
    reprs.join("\n")
}

/// Whether a comment says how long something took: its statement, or in the words of what was printed.
fn is_timing(comment: &Comment, seen: &Seen<'_>) -> bool {
    match &comment.says {
        Says::Line(Reading { said: Said::Quantity(quantity), .. }) => {
            quantity.is_rough() && quantity.dimension() == Dimension::Time
        }
        Says::Line(Reading { said: Said::Words, core }) => {
            let words = comment.lines[0].get(core.clone()).unwrap_or_default();
            quantity::is_same_timing(words, seen.text)
        }
        Says::Line(_) | Says::Block(_) | Says::Lines => false,
    }
}

/// Of a statement that is said to raise nothing.
fn went_well(comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let lines = origin.lines(comment);
    let kind = ClaimKind::Exception;
    if let Some(headline) = stopped(comment, &lines, evidence) {
        return Finding::Broken(kind, Some(headline));
    }
    let acts = match comment.statement.kind {
        StatementKind::Print
        | StatementKind::Identity
        | StatementKind::Expression
        | StatementKind::Assignment => true,
        StatementKind::Literal | StatementKind::Block | StatementKind::Definition | StatementKind::Other => {
            false
        }
    };
    let top = comment.statement.top;
    let came_out =
        !evidence.values(origin.place(comment)).is_empty() || !evidence.caused(lines.clone()).is_empty();
    if acts && (top && evidence.passed(*lines.end()) || !top && came_out) {
        Finding::Holds(kind, "no exception".to_owned())
    } else if acts && top {
        Finding::NotReached(kind)
    } else {
        Finding::Remark
    }
}

/// What a statement of the module raised instead, unless something around it is missing.
fn stopped(comment: &Comment, lines: &RangeInclusive<Line>, evidence: &Evidence<'_>) -> Option<String> {
    let exception = evidence.ended_by(lines).filter(|_| comment.statement.top)?;
    let ordinary = exception.bases.iter().any(|base| base == manner::ANY_EXCEPTION);
    (ordinary && !is_elsewhere(exception)).then(|| headline(exception).trim_end().to_owned())
}

/// Whether it tells of what surrounds the code, and nothing of the code.
pub(super) fn is_elsewhere(exception: &Exception) -> bool {
    const ELSEWHERE: [&str; 6] =
        ["NameError", "ImportError", "OSError", "MemoryError", "RecursionError", "SyntaxError"];
    exception.bases.iter().any(|base| ELSEWHERE.contains(&base.as_str()))
}

pub(super) fn matches(comment: &Comment, seen: &Seen<'_>) -> Match {
    let top = comment.statement.top && comment.statement.kind != StatementKind::Block;
    let real = Real { text: seen.text, repeated: !top && seen.text.trim_end().lines().nth(1).is_some() };
    match &comment.says {
        Says::Lines => comparison::lines(&comment.lines, seen.text),
        Says::Block(value) => of_kind(value, &comment.text(), seen, real),
        Says::Line(Reading { said, core }) => {
            let line = &comment.lines[0];
            let words = line.get(core.clone()).unwrap_or_default();
            let spelled = || match comparison::words(line, real) {
                Match::Same => Match::Same,
                Match::Other | Match::Unrelated => comparison::words(words, real),
            };
            match said {
                Said::Value(value) => match of_kind(value, words, seen, real) {
                    Match::Same => Match::Same,
                    other => {
                        if comparison::words(line, real) == Match::Same {
                            Match::Same
                        } else {
                            other
                        }
                    }
                },
                Said::Quantity(quantity) => match amount(quantity, seen, real) {
                    Match::Unrelated => spelled(),
                    found @ (Match::Same | Match::Other) => found,
                },
                Said::Type(name) => match whole(seen.text) {
                    Some(term) if seen.kind != ClaimKind::Output && manner::is_of_type(name, &term) => {
                        Match::Same
                    }
                    Some(_) | None => spelled(),
                },
                Said::Words | Said::Error(_) | Said::Success | Said::Complaint => spelled(),
                Said::Marker => Match::Unrelated,
            }
        }
    }
}

/// A value beside a value must be of its family, a value beside an output need not.
fn of_kind(value: &Value, words: &str, seen: &Seen<'_>, real: Real<'_>) -> Match {
    let found = comparison::value(value, words, real);
    let loose = match seen.kind {
        ClaimKind::Value | ClaimKind::Binding => true,
        ClaimKind::Output
        | ClaimKind::Exception
        | ClaimKind::Doctest
        | ClaimKind::Shown
        | ClaimKind::Traceback
        | ClaimKind::Remark => false,
    };
    match (found, &value.terms[..]) {
        (Match::Other, [term]) if loose && !comparison::related(term, seen.text) => Match::Unrelated,
        (found, _) => found,
    }
}

fn amount(quantity: &Quantity, seen: &Seen<'_>, real: Real<'_>) -> Match {
    match quantity.is(seen.text) {
        None => Match::Unrelated,
        Some(true) => Match::Same,
        Some(false) if real.repeated => Match::Unrelated,
        Some(false) => Match::Other,
    }
}

/// Whether an exception goes by this name, or one of its bases.
pub(super) fn is_a(exception: &Exception, name: &str) -> bool {
    let bases = exception.bases.iter().chain([&exception.kind]);
    bases.filter_map(|base| base.rsplit('.').next()).any(|base| base == name)
}

fn raised(name: &str, comment: &Comment, origin: Origin, evidence: &Evidence<'_>) -> Finding {
    let lines = origin.lines(comment);
    let is = |exception: &Exception| is_a(exception, name);
    if !comment.statement.top {
        if let Some(exception) = evidence.left_by(&lines).filter(|exception| is(exception)) {
            return Finding::Holds(ClaimKind::Exception, headline(exception).trim_end().to_owned());
        }
        // What catches it by its name has said something.
        let caught = comment.handler.as_ref().is_some_and(|handler| {
            !evidence.caused(origin.line(*handler.start())..=origin.line(*handler.end())).is_empty()
        });
        return if caught { Finding::Holds(ClaimKind::Exception, name.to_owned()) } else { Finding::Remark };
    }
    match evidence.ended_by(&lines) {
        Some(exception) if name == manner::ANY_EXCEPTION && is_elsewhere(exception) => {
            Finding::NotReached(ClaimKind::Exception)
        }
        Some(exception) => {
            let headline = headline(exception).trim_end().to_owned();
            if is(exception) {
                Finding::Holds(ClaimKind::Exception, headline)
            } else {
                Finding::Broken(ClaimKind::Exception, Some(headline))
            }
        }
        None if evidence.passed(*lines.end()) => Finding::Broken(ClaimKind::Exception, None),
        None => Finding::NotReached(ClaimKind::Exception),
    }
}

/// Whether silence means that the statement never ran.
fn is_promise(comment: &Comment) -> bool {
    let strong = match &comment.says {
        Says::Line(Reading { said: Said::Value(value), .. }) => value.strength != Strength::Faint,
        Says::Line(Reading { said: Said::Quantity(_), .. }) | Says::Block(_) => true,
        Says::Line(Reading {
            said:
                Said::Error(_) | Said::Success | Said::Type(_) | Said::Complaint | Said::Words | Said::Marker,
            ..
        })
        | Says::Lines => false,
    };
    match comment.statement.kind {
        StatementKind::Print | StatementKind::Identity => strong,
        StatementKind::Expression => comment.wants_value(),
        // What something takes is seldom what it is.
        StatementKind::Assignment => comment.wants_value() && !comment.looks.contains(&Look::Size),
        StatementKind::Literal | StatementKind::Block | StatementKind::Definition | StatementKind::Other => {
            false
        }
    }
}

fn says_none(comment: &Comment) -> bool {
    matches!(term(comment), Some(Term::Constant(name)) if name == "None")
}

fn says_text(comment: &Comment) -> bool {
    !matches!(term(comment), Some(Term::Integer(_) | Term::Float(_) | Term::Constant(_)))
}

fn says_several(comment: &Comment) -> bool {
    matches!(&comment.says, Says::Line(Reading { said: Said::Value(value), .. }) if value.joint != Joint::None)
}

fn says_number(comment: &Comment) -> bool {
    matches!(&comment.says, Says::Line(Reading { said: Said::Value(value), .. })
        if value.strength == Strength::Firm && matches!(value.terms[..], [Term::Integer(_)]))
}

fn says_time(comment: &Comment) -> bool {
    matches!(&comment.says, Says::Line(Reading { said: Said::Quantity(quantity), .. })
        if quantity.dimension() == Dimension::Time)
}

fn term(comment: &Comment) -> Option<&Term> {
    match &comment.says {
        Says::Line(Reading { said: Said::Value(value), .. }) | Says::Block(value) => {
            (value.joint == Joint::None).then(|| value.terms.first()).flatten()
        }
        Says::Line(_) | Says::Lines => None,
    }
}
