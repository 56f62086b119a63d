//! Judges comments by what happened at their statements.

use std::ops::RangeInclusive;

use crate::expect::claims::comment::{About, Says, StatementComment};
use crate::expect::claims::comparison::{ActualText, Match, is_nearly, related};
use crate::expect::claims::equivalence::is_equivalent;
use crate::expect::claims::finding::{CodeStart, Finding, Observation, matches};
use crate::expect::claims::quantity::{self, Dimension};
use crate::expect::claims::reading::{CommentMeaning, CommentReading, Joint, Strength};
use crate::expect::claims::term::{Term, whole};
use crate::expect::claims::unstable::{Excuse, excuse};
use crate::expect::claims::watched;
use crate::expect::evidence::Evidence;
use crate::expect::exception::{ANY_EXCEPTION, headline, is_a, is_of_surroundings};
use crate::expect::statement::StatementKind;
use crate::model::announced_error::is_nameless_error;
use crate::model::claim::{ClaimKind, DoubtReason};
use crate::model::outcome::{Exception, Value};
use crate::model::snippet::{Line, Look};

pub(super) fn judge(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let finding = match comment.about {
        About::Statement => statement(comment, start, evidence),
        About::StateAfter => match statement(&comment.in_words(), start, evidence) {
            found @ Finding::Holds(..) => found,
            _ => watched::state(comment, start, evidence),
        },
        About::Operations => watched::operations(comment, start, evidence),
        About::CommentedCode => watched::attempt(comment, start, evidence),
    };

    match finding {
        // A statement after an exception may miss what the exception has kept from happening.
        Finding::Broken(kind, _) | Finding::Unstable(kind, _) | Finding::Doubtful(kind, ..)
            if evidence.is_after_exception(start.line(comment.statement.first)) =>
        {
            Finding::NotReached(kind)
        }
        finding => finding,
    }
}

fn statement(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let lines = start.lines(comment);
    let is_beside = comment.line == comment.statement.last;
    if let Some(exception) = evidence.survived(&lines, start.line(comment.line))
        && (is_beside || names(comment, exception))
    {
        let headline = headline(exception).trim_end().to_owned();
        return if has_other_message(comment, &headline) {
            Finding::Broken(ClaimKind::Exception, Some(headline))
        } else {
            Finding::Holds(ClaimKind::Exception, headline)
        };
    }

    let kind = match comment.statement.kind {
        StatementKind::Assignment | StatementKind::Literal => ClaimKind::Binding,
        StatementKind::Expression => ClaimKind::Value,
        StatementKind::Print
        | StatementKind::Identity
        | StatementKind::Block
        | StatementKind::Definition
        | StatementKind::Other => ClaimKind::Output,
    };
    let values = evidence.values(start.place(comment));
    let each = if says_several(comment) { one_by_one(values) } else { String::new() };
    let outputs =
        [evidence.written(lines.clone()), evidence.caused(lines.clone()), evidence.printed_in_trial(&lines)];
    let mut observed = observed_values(comment, kind, values);
    if values.len() > 1 && says_several(comment) {
        // A list says something of all values, or of each.
        observed.retain(|observation| matches(comment, observation) == Match::Same);
        observed.extend((!each.is_empty()).then_some(Observation { kind, text: &each }));
    }
    // `print(3, file=sys.stderr)  # 3`
    let is_print = matches!(comment.statement.kind, StatementKind::Print | StatementKind::Identity);
    let is_silent = is_print && outputs.iter().all(String::is_empty);
    let complained = if is_silent { evidence.complained(lines.clone()) } else { String::new() };
    let outputs = outputs.iter().chain([&complained]).filter(|text| !text.is_empty());
    observed.extend(outputs.map(|text| Observation { kind: ClaimKind::Output, text }));

    if let Says::Line(CommentReading { meaning: CommentMeaning::Error(name), .. }) = &comment.says
        && !observed.iter().any(|observation| matches(comment, observation) == Match::Same)
    {
        if let Some(found) = warned(name, comment, &evidence.warnings(lines)) {
            return found;
        }
        return raised(name, comment, start, evidence);
    }

    let found = |wanted| observed.iter().find(|observation| matches(comment, observation) == wanted);
    let actual = |observation: &Observation<'_>| observation.text.trim_end().to_owned();
    if let Some(same) = found(Match::Same) {
        return Finding::Holds(same.kind, actual(same));
    }
    if let Some(text) = watched::hint(comment, kind, start, evidence) {
        return Finding::Holds(kind, text);
    }
    if let Some(text) = watched::written(comment) {
        return Finding::Holds(kind, text.to_owned());
    }
    if let Says::Line(CommentReading { meaning: CommentMeaning::Success, .. }) = &comment.says {
        return went_well(comment, start, evidence);
    }

    let Some(first) = observed.first() else {
        if was_not_needed(comment, start, evidence) && (is_promise(comment) || quotes_code(comment)) {
            return Finding::Broken(kind, None);
        }
        if !(values.is_empty() && is_promise(comment)) {
            return Finding::Remark;
        }
        let unkept = stopped(comment, &lines, evidence);
        return unkept.map_or(Finding::NotReached(kind), |headline| Finding::Broken(kind, Some(headline)));
    };
    if comment.statement.kind == StatementKind::Identity && says_number(comment) {
        return Finding::Doubtful(first.kind, actual(first), DoubtReason::Code);
    }

    if let Some(timing) = observed.iter().find(|observation| is_worded_timing(comment, observation)) {
        return Finding::Unstable(timing.kind, actual(timing));
    }

    match found(Match::Other) {
        Some(other) => false_of_this_run(comment, evidence, (other.kind, actual(other))),
        None => match observed.iter().find(|observation| is_timing(comment, observation)) {
            Some(timing) => Finding::Unstable(timing.kind, actual(timing)),
            None => Finding::Remark,
        },
    }
}

/// The values of a statement, and their texts where a comment may speak of those.
fn observed_values<'a>(
    comment: &StatementComment,
    kind: ClaimKind,
    values: &[&'a Value],
) -> Vec<Observation<'a>> {
    let mut observed = Vec::new();
    for value in values {
        // A statement whose value is `None` is written for its effect.
        let repr = value.repr.as_deref().filter(|repr| *repr != "None" || says_none(comment));
        observed.extend(repr.map(|text| Observation { kind, text }));
        let text = value.text.as_deref().filter(|_| says_text(comment));
        observed.extend(text.map(|text| Observation { kind, text }));
    }
    observed
}

/// A comment that is false of what was observed, and what may excuse it.
fn false_of_this_run(
    comment: &StatementComment,
    evidence: &Evidence<'_>,
    (kind, actual): (ClaimKind, String),
) -> Finding {
    if says_time(comment) {
        let is_exact = evidence.has_only_waited();
        return if is_exact { Finding::Broken(kind, Some(actual)) } else { Finding::Unstable(kind, actual) };
    }

    match excuse(comment, &actual) {
        None => Finding::Broken(kind, Some(actual)),
        Some(Excuse::Machine) => Finding::Unstable(kind, actual),
        Some(Excuse::Run) => Finding::Doubtful(kind, actual, DoubtReason::Code),
        Some(Excuse::Words) => Finding::Doubtful(kind, actual, DoubtReason::Words),
    }
}

/// All values of a statement that ran several times, one per line.
fn one_by_one(values: &[&Value]) -> String {
    let reprs: Vec<&str> = values.iter().filter_map(|value| value.repr.as_deref()).collect();
    reprs.join("\n")
}

/// Whether a comment says how long its statement took, in a quantity or in the words that were printed.
fn is_timing(comment: &StatementComment, observed: &Observation<'_>) -> bool {
    match &comment.says {
        Says::Line(CommentReading { meaning: CommentMeaning::Quantity(quantity), .. }) => {
            quantity.is_rough() && quantity.dimension() == Dimension::Time
        }
        Says::Line(_) | Says::Lines => is_worded_timing(comment, observed),
        Says::Block(_) => false,
    }
}

fn is_worded_timing(comment: &StatementComment, observed: &Observation<'_>) -> bool {
    match &comment.says {
        Says::Line(CommentReading { meaning: CommentMeaning::Words, core }) => {
            let words = comment.lines[0].get(core.clone()).unwrap_or_default();
            quantity::is_same_timing(words, observed.text)
        }
        Says::Lines => {
            let text = comment.led_text();
            let (said, real): (Vec<&str>, Vec<&str>) =
                (text.lines().collect(), observed.text.trim_end().lines().collect());
            let is_so = |(said, real): (&&str, &&str)| {
                is_equivalent(said, real) || quantity::is_same_timing(said, real)
            };
            said.len() == real.len() && said.iter().zip(&real).all(is_so)
        }
        Says::Line(_) | Says::Block(_) => false,
    }
}

/// Judges a comment which says that its statement raises nothing.
fn went_well(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let lines = start.lines(comment);
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
        !evidence.values(start.place(comment)).is_empty() || !evidence.caused(lines.clone()).is_empty();

    if acts && (top && evidence.passed(*lines.end()) || !top && came_out) {
        Finding::Holds(kind, "no exception".to_owned())
    } else if acts && top {
        Finding::NotReached(kind)
    } else {
        Finding::Remark
    }
}

/// The exception that a statement of the module raised instead, unless it comes of the surroundings.
fn stopped(
    comment: &StatementComment,
    lines: &RangeInclusive<Line>,
    evidence: &Evidence<'_>,
) -> Option<String> {
    let exception = evidence.ended_by(lines).filter(|_| comment.statement.top)?;
    let ordinary = exception.bases.iter().any(|base| base == ANY_EXCEPTION);
    (ordinary && !is_of_surroundings(exception)).then(|| headline(exception).trim_end().to_owned())
}

/// Whether a comment below a statement has the name of the exception, or says in words that there is one.
fn names(comment: &StatementComment, exception: &Exception) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let bases = exception.bases.iter().map(|base| base.rsplit('.').next().unwrap_or(base));
    let bases: Vec<&str> = bases.filter(|name| *name != "object").collect();
    let has_name = |line: &String| line.split(|letter| !is_name(letter)).any(|word| bases.contains(&word));
    comment.lines.iter().any(|line| has_name(line) || is_nameless_error(line))
}

/// Judges a comment that names a warning by those that its statement has shown; `None` where it has shown none.
fn warned(name: &str, comment: &StatementComment, warnings: &[String]) -> Option<Finding> {
    let kind = ClaimKind::Output;
    let first = warnings.first().filter(|_| name.ends_with("Warning"))?.clone();

    let line = comment.lines.first().map_or("", String::as_str);
    let after_name = line.find(name).and_then(|place| line.get(place + name.len()..)).unwrap_or_default();
    let said = after_name.strip_prefix(':').map(str::trim).filter(|said| !said.is_empty());
    let is_said = |warning: &&String| {
        let (category, message) = warning.split_once(": ").unwrap_or((warning, ""));
        let category = category.rsplit('.').next().unwrap_or(category);
        let quotes = |said: &str| {
            let bare = said.split(" (").next().unwrap_or_default().trim_end();
            let start = said.strip_suffix("...").or_else(|| said.strip_suffix('…'));
            said == message
                || bare == message
                || start.is_some_and(|start| message.starts_with(start.trim_end()))
        };
        (category == name || name == "Warning") && said.is_none_or(quotes)
    };

    let found = warnings.iter().find(is_said).cloned();
    Some(found.map_or(Finding::Broken(kind, Some(first)), |warning| Finding::Holds(kind, warning)))
}

fn raised(name: &str, comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> Finding {
    let lines = start.lines(comment);
    let is = |exception: &Exception| is_a(exception, name);
    if !comment.statement.top {
        if let Some(exception) = evidence.left_by(&lines).filter(|exception| is(exception)) {
            return Finding::Holds(ClaimKind::Exception, headline(exception).trim_end().to_owned());
        }
        // A handler that names the exception and printed something has caught it.
        let caught = comment.handler.as_ref().is_some_and(|handler| {
            !evidence.caused(start.line(*handler.start())..=start.line(*handler.end())).is_empty()
        });

        if caught {
            return Finding::Holds(ClaimKind::Exception, name.to_owned());
        }
        let is_print = comment.statement.kind == StatementKind::Print;
        return if is_print && was_not_needed(comment, start, evidence) {
            Finding::Broken(ClaimKind::Exception, None)
        } else {
            Finding::Remark
        };
    }

    match evidence.ended_by(&lines) {
        Some(exception) if name == ANY_EXCEPTION && is_of_surroundings(exception) => {
            Finding::NotReached(ClaimKind::Exception)
        }
        Some(exception) => {
            let headline = headline(exception).trim_end().to_owned();
            if is(exception) && !has_other_message(comment, &headline) {
                Finding::Holds(ClaimKind::Exception, headline)
            } else {
                Finding::Broken(ClaimKind::Exception, Some(headline))
            }
        }
        None if evidence.passed(*lines.end()) => Finding::Broken(ClaimKind::Exception, None),
        None => Finding::NotReached(ClaimKind::Exception),
    }
}

/// Whether what follows the name of an exception is its message with a slip, or another value than the message is. Other
/// words explain it.
fn has_other_message(comment: &StatementComment, headline: &str) -> bool {
    let line = comment.lines.first().map_or("", String::as_str);
    let Says::Line(CommentReading { meaning: CommentMeaning::Error(_), core }) = &comment.says else {
        return false;
    };
    let after_name = line.get(core.end..).and_then(|rest| rest.strip_prefix(": "));
    let (Some(said), Some((_, real))) = (after_name.map(str::trim), headline.split_once(": ")) else {
        return false;
    };

    let is_value = |term: &Term| matches!(term, Term::Text(_) | Term::Integer(_));
    let is_other = |term: Term| related(&term, real) && whole(real).is_some_and(|real| real != term);
    whole(said).filter(is_value).is_some_and(is_other)
        || is_nearly(said, ActualText { text: real, repeated: false })
}

/// Whether a statement did not run because what it would have caught was not raised.
fn was_not_needed(comment: &StatementComment, start: CodeStart, evidence: &Evidence<'_>) -> bool {
    comment.statement.rescues.is_some_and(|last| evidence.passed(start.line(last)))
}

/// Whether a comment repeats a text of the code, which its statement would print.
fn quotes_code(comment: &StatementComment) -> bool {
    let stated = comment.stated();
    let quoted = ['"', '\''].map(|quote| format!("{quote}{stated}{quote}"));
    !stated.is_empty() && quoted.iter().any(|quoted| comment.margin.contains(quoted))
}

/// Whether a statement without any observation must be one that never ran.
fn is_promise(comment: &StatementComment) -> bool {
    let strong = match &comment.says {
        Says::Line(CommentReading { meaning: CommentMeaning::Value(value), .. }) => {
            value.strength != Strength::Faint
        }
        Says::Line(CommentReading { meaning: CommentMeaning::Quantity(_), .. }) | Says::Block(_) => true,
        Says::Line(CommentReading {
            meaning:
                CommentMeaning::Error(_)
                | CommentMeaning::Success
                | CommentMeaning::Type(_)
                | CommentMeaning::Complaint
                | CommentMeaning::Words
                | CommentMeaning::Marker,
            ..
        })
        | Says::Lines => false,
    };

    match comment.statement.kind {
        StatementKind::Print | StatementKind::Identity => strong,
        StatementKind::Expression => comment.wants_value() && !says_words(comment),
        // The memory that a value takes is seldom the value.
        StatementKind::Assignment => comment.wants_value() && !comment.looks.contains(&Look::Size),
        StatementKind::Literal | StatementKind::Block | StatementKind::Definition | StatementKind::Other => {
            false
        }
    }
}

/// Whether a comment is looked at because it may happen to be the text of a value.
fn says_words(comment: &StatementComment) -> bool {
    matches!(
        &comment.says,
        Says::Lines
            | Says::Line(CommentReading { meaning: CommentMeaning::Words | CommentMeaning::Complaint, .. })
    )
}

fn says_none(comment: &StatementComment) -> bool {
    matches!(term(comment), Some(Term::Constant(name)) if name == "None")
}

fn says_text(comment: &StatementComment) -> bool {
    !matches!(term(comment), Some(Term::Integer(_) | Term::Float(_) | Term::Constant(_)))
}

fn says_several(comment: &StatementComment) -> bool {
    matches!(&comment.says, Says::Line(CommentReading { meaning: CommentMeaning::Value(value), .. })
        if value.joint != Joint::None)
}

fn says_number(comment: &StatementComment) -> bool {
    matches!(&comment.says, Says::Line(CommentReading { meaning: CommentMeaning::Value(value), .. })
        if value.strength == Strength::Firm && matches!(value.terms[..], [Term::Integer(_)]))
}

fn says_time(comment: &StatementComment) -> bool {
    matches!(&comment.says, Says::Line(CommentReading { meaning: CommentMeaning::Quantity(quantity), .. })
        if quantity.dimension() == Dimension::Time)
}

fn term(comment: &StatementComment) -> Option<&Term> {
    match &comment.says {
        Says::Line(CommentReading { meaning: CommentMeaning::Value(value), .. }) | Says::Block(value) => {
            (value.joint == Joint::None).then(|| value.terms.first()).flatten()
        }
        Says::Line(_) | Says::Lines => None,
    }
}
