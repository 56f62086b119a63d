//! The comments of a snippet that speak of a statement.

use std::ops::RangeInclusive;

use ruff_text_size::TextRange;

use crate::directive::Python;
use crate::expect::claims::checker;
use crate::expect::claims::closeness;
use crate::expect::claims::commented_code::commented_code;
use crate::expect::claims::lead_words::{without_lead, without_leads};
use crate::expect::claims::operations;
use crate::expect::claims::quantity::Dimension;
use crate::expect::claims::reading::{self, CommentMeaning, CommentReading, Joint, StatedValue, Strength};
use crate::expect::claims::references::{self, Subject};
use crate::expect::claims::sign::{Sign, body, consecutive};
use crate::expect::claims::state;
use crate::expect::claims::term::{Term, whole};
use crate::expect::effects::Effect;
use crate::expect::shown;
use crate::expect::statement::{CodeStatement, StatementKind, Statements};
use crate::model::snippet::{Line, Look};
use crate::syntax::Tree;

/// Consecutive lines of comments that may be one output; more are prose.
const LONGEST: usize = 60;
/// Commented code of one snippet that is tried, each in a copy of the process.
const ATTEMPTS: usize = 30;

/// A comment, the statement it speaks of, and how it reads.
#[derive(Clone, Debug)]
pub(super) struct StatementComment {
    pub(super) statement: CodeStatement,
    /// The first line of the comment in the code, from 1.
    pub(super) line: u32,
    /// The text before the sign `#`, on each line.
    pub(super) margin: String,
    /// What follows the sign, line by line.
    pub(super) lines: Vec<String>,
    pub(super) says: Says,
    pub(super) about: About,
    /// Looks that its judgment needs in addition to the output. Lines are those of the code.
    pub(super) looks: Vec<Look>,
    /// The lines of the clause that catches the exception named in the comment.
    pub(super) handler: Option<RangeInclusive<u32>>,
}

/// What a comment speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// What its statement prints, gives, assigns or raises.
    Statement,
    /// The state that is looked at after the statement.
    StateAfter,
    /// The operations that its statement is compiled to.
    Operations,
    /// Code that stands in the comment.
    CommentedCode,
}

/// The form of what a comment says.
#[derive(Clone, Debug)]
pub(super) enum Says {
    /// After its statement on the same line, or on one line below it.
    Line(CommentReading),
    /// One value on several lines.
    Block(StatedValue),
    /// Several lines that are no value.
    Lines,
}

impl StatementComment {
    /// The text of the comment without signs.
    pub(super) fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.trim()).collect();
        lines.join("\n")
    }

    /// The same without an arrow or a word that leads to it: `=> {`.
    pub(super) fn led_text(&self) -> String {
        without_leads(&self.lines).join("\n")
    }

    /// The part of the text that states a result.
    pub(super) fn stated(&self) -> String {
        match (&self.says, self.lines.first()) {
            (Says::Line(CommentReading { core, .. }), Some(line)) => {
                line.get(core.clone()).unwrap_or(line).trim().to_owned()
            }
            _ => self.text(),
        }
    }

    /// The comment as its words read, without the looks that change their meaning.
    pub(super) fn in_words(&self) -> Self {
        let says = self.lines.first().map_or(Says::Lines, |line| Says::Line(reading::read(line)));
        Self { says, about: About::Statement, looks: Vec::new(), ..self.clone() }
    }

    /// Takes `OK` for the word of a type checker, which does not run the code.
    fn leave_success_to_checker(&mut self) {
        if let Says::Line(CommentReading { meaning: meaning @ CommentMeaning::Success, .. }) = &mut self.says
        {
            *meaning = CommentMeaning::Words;
        }
    }

    /// Looks at the statement that may confirm the comment in addition to the output.
    fn of_statement(&self) -> Vec<Look> {
        let mut looks = Vec::new();
        let is_assignment = self.statement.kind == StatementKind::Assignment;
        looks.extend(self.wants_value().then_some(Look::Value));
        let memory = matches!(&self.says, Says::Line(CommentReading { meaning: CommentMeaning::Quantity(quantity), .. })
            if quantity.dimension() == Dimension::Memory);
        looks.extend((memory && is_assignment).then_some(Look::Size));

        // `x.sort()  # [1, 2]`
        if let (Effect::Calls(name), Some(value)) = (&self.statement.effect, self.value())
            && is_container(value)
            && looks.contains(&Look::Value)
        {
            looks.push(Look::State { name: name.clone(), attribute: None });
        }
        looks
    }

    fn value(&self) -> Option<&StatedValue> {
        match &self.says {
            Says::Line(CommentReading { meaning: CommentMeaning::Value(value), .. }) | Says::Block(value) => {
                Some(value)
            }
            Says::Line(_) | Says::Lines => None,
        }
    }

    /// Whether the value of the statement, or the one that it assigns, is of interest.
    pub(super) fn wants_value(&self) -> bool {
        let strong = |value: &StatedValue| value.strength != Strength::Faint;
        let (said, container) = match &self.says {
            Says::Line(CommentReading { meaning: CommentMeaning::Value(value), .. }) => {
                (strong(value), is_container(value))
            }
            // A value has no unit, unless it is a number of bytes.
            Says::Line(CommentReading { meaning: CommentMeaning::Quantity(quantity), .. }) => {
                (matches!(quantity.dimension(), Dimension::None | Dimension::Memory), false)
            }
            Says::Block(value) => (true, is_container(value)),
            // Success shows in any value, a type in the value itself.
            Says::Line(CommentReading {
                meaning: CommentMeaning::Success | CommentMeaning::Type(_), ..
            }) => (true, false),
            // With a bracket it may be the repr of an exception, which is a value as well.
            Says::Line(CommentReading { meaning: CommentMeaning::Error(_), .. }) => {
                (self.lines.first().is_some_and(|line| line.contains('(')), false)
            }
            // Words may be the text of the value, with or without a slip.
            Says::Line(CommentReading { meaning: CommentMeaning::Words, .. }) => {
                let is_expression = self.statement.kind == StatementKind::Expression;
                (is_expression && closeness::may_be_output(&self.stated()), false)
            }
            Says::Lines => {
                let is_expression = self.statement.kind == StatementKind::Expression;
                (is_expression && self.lines.iter().any(|line| may_be_row(line)), false)
            }
            Says::Line(CommentReading {
                meaning: CommentMeaning::Complaint | CommentMeaning::Marker,
                ..
            }) => (false, false),
        };

        match self.statement.kind {
            StatementKind::Expression => said,
            StatementKind::Assignment => said && (self.line == self.statement.last || container),
            StatementKind::Print
            | StatementKind::Identity
            | StatementKind::Literal
            | StatementKind::Block
            | StatementKind::Definition
            | StatementKind::Other => false,
        }
    }
}

/// Whether a line may be one of a table: numbers or columns.
fn may_be_row(line: &str) -> bool {
    let text = line.trim();
    text.contains("  ") || text.split_whitespace().any(|word| word.parse::<f64>().is_ok())
}

fn is_container(value: &StatedValue) -> bool {
    matches!(value.terms[..], [Term::List(_) | Term::Tuple(_) | Term::Set(_) | Term::Dict(_)])
}

/// The comments of a snippet in the order of the code, without comments for programs and those that speak of no
/// statement.
pub(super) fn comments(tree: &Tree<'_>, python: Option<Python>) -> Vec<StatementComment> {
    let statements = Statements::of(tree);
    let ranges: Vec<TextRange> = tree.comments().collect();
    let mut comments: Vec<StatementComment> = Vec::new();
    let mut subject = Subject::default();
    let mut tried = 0;
    let mut rest = &ranges[..];

    while let Some((first, after)) = rest.split_first() {
        let place = Sign::of(tree, *first);
        let block = if place.is_alone() { consecutive(tree, rest, &place) } else { 1 };
        rest = after.get(block - 1..).unwrap_or_default();
        let lines: Vec<String> = ranges[ranges.len() - after.len() - 1..][..block]
            .iter()
            .map(|range| body(tree, *range))
            .collect();

        if place.is_alone() && place.column == 0 && tried < ATTEMPTS {
            let found = code_in_comments(&lines, &place, &statements);
            tried += found.len();
            if !found.is_empty() {
                comments.extend(found);
                continue;
            }
        }

        let statement = if place.is_alone() {
            statements.above(place.line, place.column)
        } else {
            statements.before(*first, place.line)
        };
        let Some(statement) = statement.cloned() else { continue };

        let margin = place.margin.to_owned();
        let comment = |lines, says| {
            let handler = match &says {
                Says::Line(CommentReading { meaning: CommentMeaning::Error(name), .. }) => {
                    statements.handler(&statement, name)
                }
                Says::Line(_) | Says::Block(_) | Says::Lines => None,
            };
            let (about, looks) = (About::Statement, Vec::new());
            let mut comment =
                StatementComment { statement, line: place.line, margin, lines, says, about, looks, handler };
            comment.looks = comment.of_statement();
            comment
        };

        if !place.is_alone() {
            let says = on_same_line(&lines[0], place.margin, python);
            let mut made = says.map(|says| comment(lines, says));
            if let Some(made) = &mut made {
                beyond_values(made, &mut subject);
            }
            comments.extend(made);
        } else if let Some((count, says)) = below_statement(&lines, what_follows(tree, place.line, block)) {
            let lines = lines.into_iter().take(count).collect();
            let made = comment(lines, says);
            comments.extend(speaks_of(made.statement.kind).then_some(made));
        }
    }

    if checker::is_quoted(tree) {
        comments.iter_mut().for_each(StatementComment::leave_success_to_checker);
    }
    comments
}

/// Code in comments of the module, which is tried between two statements.
fn code_in_comments(lines: &[String], first: &Sign<'_>, statements: &Statements) -> Vec<StatementComment> {
    let Some(statement) = statements.latest(first.line) else { return Vec::new() };
    let found = commented_code(lines).into_iter().map(|attempt| {
        let line = first.line.saturating_add(u32::try_from(attempt.line).unwrap_or(u32::MAX));
        let reading = CommentReading { meaning: CommentMeaning::Error(attempt.name), core: attempt.core };
        StatementComment {
            statement: statement.clone(),
            line,
            margin: first.margin.to_owned(),
            lines: vec![lines[attempt.line].clone()],
            says: Says::Line(reading),
            about: About::CommentedCode,
            looks: vec![Look::Attempt { line: Line(line), code: attempt.code }],
            handler: None,
        }
    });

    found.collect()
}

/// Reads a comment that is prose as a claim about references, state, memory or operations, if it is one.
fn beyond_values(comment: &mut StatementComment, subject: &mut Subject) {
    let Says::Line(CommentReading {
        meaning: meaning @ (CommentMeaning::Words | CommentMeaning::Complaint),
        core,
    }) = &mut comment.says
    else {
        return;
    };
    let (line, statement) = (&comment.lines[0], &comment.statement);
    if line.len() > reading::LONGEST {
        return;
    }

    if let Some(count) = references::read(line).filter(|_| statement.top) {
        comment.looks = subject.looks(&count, &statement.effect);
        if let Some(term) = whole(&line[count.number.clone()]).filter(|_| !comment.looks.is_empty()) {
            *meaning = CommentMeaning::Value(StatedValue {
                terms: vec![term],
                joint: Joint::None,
                strength: Strength::Firm,
            });
            *core = count.number;
            comment.about = About::StateAfter;
        }
    } else if let Some(state) = state::read(line)
        && let Some(look) = state.look(&statement.effect)
        && matches!(statement.kind, StatementKind::Expression | StatementKind::Assignment)
    {
        *meaning = CommentMeaning::Value(state.value);
        *core = state.core;
        comment.about = if look == Look::Value { About::Statement } else { About::StateAfter };
        comment.looks = vec![look];
    } else if statement.kind == StatementKind::Assignment
        && let Some((quantity, place)) = reading::labelled(line)
    {
        *meaning = CommentMeaning::Quantity(quantity);
        *core = place;
        comment.looks = vec![Look::Size];
    } else if operations::read(line).is_some() {
        comment.about = About::Operations;
        comment.looks = vec![Look::Operations];
    }
}

fn on_same_line(line: &str, code: &str, python: Option<Python>) -> Option<Says> {
    let mut reading = reading::read(line);
    // `1 (Python 2)` says nothing of the version that runs.
    if python.is_some_and(|python| python.is_left_out_by(line)) {
        reading.meaning = CommentMeaning::Words;
    }
    match &reading.meaning {
        CommentMeaning::Marker => return None,
        // `error = ValueError()  # ValueError` raises nothing.
        CommentMeaning::Error(name) if code.contains(name.as_str()) => {
            reading.meaning = CommentMeaning::Complaint;
        }
        CommentMeaning::Error(_)
        | CommentMeaning::Value(_)
        | CommentMeaning::Quantity(_)
        | CommentMeaning::Success
        | CommentMeaning::Type(_)
        | CommentMeaning::Complaint
        | CommentMeaning::Words => {}
    }

    Some(Says::Line(reading))
}

/// What the lines of a comment below a statement say, and how many of them say it. Blocks with a heading of their own
/// are shown output.
fn below_statement(lines: &[String], followed_by: FollowedBy) -> Option<(usize, Says)> {
    let first = lines.first()?;
    if first.starts_with('>') || shown::is_heading(first) || is_heading(first) {
        return None;
    }

    let reading = reading::read(first);
    if reading.meaning == CommentMeaning::Marker {
        return None;
    }

    if lines.len() > 1 && lines.len() <= LONGEST {
        let text = lines.join("\n");
        if let Some(value) = reading::block(without_lead(text.trim_start())) {
            return Some((lines.len(), Says::Block(value)));
        }

        // A value with prose below it is a value.
        if matches!(&reading.meaning, CommentMeaning::Value(value)
            if is_container(value) && value.strength == Strength::Firm)
            && !lines[1..].iter().all(|line| whole(line).is_some())
        {
            return Some((1, Says::Line(alone(reading, followed_by))));
        }

        return Some((lines.len(), Says::Lines));
    }
    (lines.len() == 1).then(|| (1, Says::Line(alone(reading, followed_by))))
}

/// What stands on the line below a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FollowedBy {
    Code,
    Nothing,
}

fn what_follows(tree: &Tree<'_>, first: u32, count: usize) -> FollowedBy {
    let below = tree.source.lines().nth(first.saturating_sub(1) as usize + count);
    if below.is_some_and(|line| !line.trim().is_empty()) { FollowedBy::Code } else { FollowedBy::Nothing }
}

/// A comment on a line of its own may as well be a heading for what follows.
fn alone(mut reading: CommentReading, followed_by: FollowedBy) -> CommentReading {
    match &mut reading.meaning {
        CommentMeaning::Value(value) => match value.strength {
            Strength::Firm => value.strength = Strength::Loose,
            Strength::Loose => {}
            Strength::Faint => reading.meaning = CommentMeaning::Words,
        },
        CommentMeaning::Error(name) if followed_by == FollowedBy::Nothing && !name.ends_with("Warning") => {}
        CommentMeaning::Error(_)
        | CommentMeaning::Success
        | CommentMeaning::Type(_)
        | CommentMeaning::Complaint => reading.meaning = CommentMeaning::Words,
        CommentMeaning::Quantity(_) | CommentMeaning::Words | CommentMeaning::Marker => {}
    }
    reading
}

fn is_heading(line: &str) -> bool {
    let line = line.trim();
    let word = line.trim_end_matches(':').to_ascii_lowercase();
    matches!(
        word.as_str(),
        "output" | "outputs" | "prints" | "result" | "results" | "expected output" | "returns"
    )
}

fn speaks_of(kind: StatementKind) -> bool {
    match kind {
        StatementKind::Print
        | StatementKind::Identity
        | StatementKind::Expression
        | StatementKind::Assignment
        | StatementKind::Block => true,
        StatementKind::Literal | StatementKind::Definition | StatementKind::Other => false,
    }
}
