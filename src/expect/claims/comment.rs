//! The comments of a snippet that speak of a statement.

use std::ops::RangeInclusive;

use ruff_text_size::TextRange;

use crate::expect::claims::attempt::attempts;
use crate::expect::claims::doing::Doing;
use crate::expect::claims::operations;
use crate::expect::claims::quantity::Dimension;
use crate::expect::claims::references::{self, Subject};
use crate::expect::claims::said::{self, Joint, Reading, Said, Strength, Value};
use crate::expect::claims::state;
use crate::expect::claims::statement::{Statement, StatementKind, Statements};
use crate::expect::claims::term::{Term, whole};
use crate::expect::shown;
use crate::model::snippet::{Line, Look};
use crate::syntax::Tree;

/// More lines below each other are an essay.
const LONGEST: usize = 60;
/// Copies of a process that one snippet is worth.
const ATTEMPTS: usize = 30;

/// A comment, the statement it speaks of, and how it reads.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    pub(super) statement: Statement,
    /// Of the code, from 1.
    pub(super) line: u32,
    /// The code in front of the sign, on each line.
    pub(super) margin: String,
    /// What follows the sign, line by line.
    pub(super) lines: Vec<String>,
    pub(super) says: Says,
    pub(super) about: About,
    /// What it takes to judge it, beside the output. Lines are those of the code.
    pub(super) looks: Vec<Look>,
    /// The lines that catch the exception that it names.
    pub(super) handler: Option<RangeInclusive<u32>>,
}

/// What a comment speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// What its statement prints, gives, assigns or raises.
    Statement,
    /// What is looked at behind the statement.
    Aftermath,
    /// The names of operations.
    Operations,
    /// Code that stands in the comment.
    Attempt,
}

/// How a comment says it.
#[derive(Clone, Debug)]
pub(super) enum Says {
    /// Behind its statement, or in one line below it.
    Line(Reading),
    /// One value on several lines.
    Block(Value),
    /// Whatever stands on several lines.
    Lines,
}

impl Comment {
    /// Without signs.
    pub(super) fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.trim()).collect();
        lines.join("\n")
    }

    /// As if nothing had been looked at.
    pub(super) fn in_words(&self) -> Self {
        let says = self.lines.first().map_or(Says::Lines, |line| Says::Line(said::read(line)));
        Self { says, about: About::Statement, looks: Vec::new(), ..self.clone() }
    }

    /// What may be seen of the statement beside its output.
    fn of_statement(&self) -> Vec<Look> {
        let mut looks = Vec::new();
        let is_assignment = self.statement.kind == StatementKind::Assignment;
        looks.extend(self.wants_value().then_some(Look::Value));
        let memory = matches!(&self.says, Says::Line(Reading { said: Said::Quantity(quantity), .. })
            if quantity.dimension() == Dimension::Memory);
        looks.extend((memory && is_assignment).then_some(Look::Size));
        // `x.sort()  # [1, 2]`
        if let (Doing::Calls(name), Some(value)) = (&self.statement.doing, self.value())
            && is_container(value)
            && looks.contains(&Look::Value)
        {
            looks.push(Look::State { name: name.clone(), attribute: None });
        }
        looks
    }

    fn value(&self) -> Option<&Value> {
        match &self.says {
            Says::Line(Reading { said: Said::Value(value), .. }) | Says::Block(value) => Some(value),
            Says::Line(_) | Says::Lines => None,
        }
    }

    /// Whether the value of the statement, or the one that it assigns, is of interest.
    pub(super) fn wants_value(&self) -> bool {
        let strong = |value: &Value| value.strength != Strength::Faint;
        let (said, container) = match &self.says {
            Says::Line(Reading { said: Said::Value(value), .. }) => (strong(value), is_container(value)),
            // A value has no unit, unless it is a number of bytes.
            Says::Line(Reading { said: Said::Quantity(quantity), .. }) => {
                (matches!(quantity.dimension(), Dimension::None | Dimension::Memory), false)
            }
            Says::Block(value) => (true, is_container(value)),
            // Whether it came to a value, and to which.
            Says::Line(Reading { said: Said::Success | Said::Type(_), .. }) => (true, false),
            // An exception is a value, too, and this is how one reads.
            Says::Line(Reading { said: Said::Error(_), .. }) => {
                (self.lines.first().is_some_and(|line| line.contains('(')), false)
            }
            Says::Line(Reading { said: Said::Complaint | Said::Words | Said::Marker, .. }) | Says::Lines => {
                (false, false)
            }
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

fn is_container(value: &Value) -> bool {
    matches!(value.terms[..], [Term::List(_) | Term::Tuple(_) | Term::Set(_) | Term::Dict(_)])
}

/// In the order of the code. Comments for programs, and those that stand by themselves, are left out.
pub(super) fn comments(tree: &Tree<'_>) -> Vec<Comment> {
    let statements = Statements::of(tree);
    let ranges: Vec<TextRange> = tree.comments().collect();
    let mut comments: Vec<Comment> = Vec::new();
    let mut subject = Subject::default();
    let mut tried = 0;
    let mut rest = &ranges[..];
    while let Some((first, after)) = rest.split_first() {
        let place = Sign::of(tree, *first);
        let block = if place.is_alone() { run(tree, rest, &place) } else { 1 };
        rest = after.get(block - 1..).unwrap_or_default();
        let lines: Vec<String> = ranges[ranges.len() - after.len() - 1..][..block]
            .iter()
            .map(|range| body(tree, *range))
            .collect();
        if place.is_alone() && place.column == 0 && tried < ATTEMPTS {
            let found = tries(&lines, &place, &statements);
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
                Says::Line(Reading { said: Said::Error(name), .. }) => statements.handler(&statement, name),
                Says::Line(_) | Says::Block(_) | Says::Lines => None,
            };
            let (about, looks) = (About::Statement, Vec::new());
            let mut comment =
                Comment { statement, line: place.line, margin, lines, says, about, looks, handler };
            comment.looks = comment.of_statement();
            comment
        };
        if !place.is_alone() {
            let says = behind(&lines[0], place.margin);
            let mut made = says.map(|says| comment(lines, says));
            if let Some(made) = &mut made {
                beyond_values(made, &mut subject);
            }
            comments.extend(made);
        } else if let Some((count, says)) = below(&lines) {
            let lines = lines.into_iter().take(count).collect();
            let made = comment(lines, says);
            comments.extend(speaks_of(made.statement.kind).then_some(made));
        }
    }
    comments
}

/// Where a comment begins.
struct Sign<'a> {
    line: u32,
    column: u32,
    margin: &'a str,
}

impl<'a> Sign<'a> {
    fn of(tree: &Tree<'a>, comment: TextRange) -> Self {
        let column = tree.column(comment.start());
        let start = usize::from(comment.start());
        let margin = &tree.source[start - column as usize..start];
        Self { line: tree.line(comment.start()), column, margin }
    }

    fn is_alone(&self) -> bool {
        self.margin.trim().is_empty()
    }
}

/// How many comments stand below each other, each alone on its line.
fn run(tree: &Tree<'_>, ranges: &[TextRange], first: &Sign<'_>) -> usize {
    let below = ranges.iter().zip(first.line..).take_while(|(range, line)| {
        let sign = Sign::of(tree, **range);
        sign.line == *line && sign.column == first.column && sign.is_alone()
    });
    below.count().max(1)
}

fn body(tree: &Tree<'_>, range: TextRange) -> String {
    let text = &tree.source[range];
    text.strip_prefix('#').unwrap_or(text).trim_end().to_owned()
}

/// Code in comments of the module, which speaks of a moment between two statements.
fn tries(lines: &[String], first: &Sign<'_>, statements: &Statements) -> Vec<Comment> {
    let Some(statement) = statements.latest(first.line) else { return Vec::new() };
    let found = attempts(lines).into_iter().map(|attempt| {
        let line = first.line.saturating_add(u32::try_from(attempt.line).unwrap_or(u32::MAX));
        let reading = Reading { said: Said::Error(attempt.name), core: attempt.core };
        Comment {
            statement: statement.clone(),
            line,
            margin: first.margin.to_owned(),
            lines: vec![lines[attempt.line].clone()],
            says: Says::Line(reading),
            about: About::Attempt,
            looks: vec![Look::Attempt { line: Line(line), code: attempt.code }],
            handler: None,
        }
    });
    found.collect()
}

/// What a comment may speak of if it is not a value of its statement.
fn beyond_values(comment: &mut Comment, subject: &mut Subject) {
    let Says::Line(Reading { said: said @ (Said::Words | Said::Complaint), core }) = &mut comment.says else {
        return;
    };
    let (line, statement) = (&comment.lines[0], &comment.statement);
    if line.len() > said::LONGEST {
        return;
    }
    if let Some(count) = references::read(line).filter(|_| statement.top) {
        comment.looks = subject.looks(&count, &statement.doing);
        if let Some(term) = whole(&line[count.number.clone()]).filter(|_| !comment.looks.is_empty()) {
            *said = Said::Value(Value { terms: vec![term], joint: Joint::None, strength: Strength::Firm });
            *core = count.number;
            comment.about = About::Aftermath;
        }
    } else if let Some(state) = state::read(line)
        && let Some(look) = state.look(&statement.doing)
        && matches!(statement.kind, StatementKind::Expression | StatementKind::Assignment)
    {
        *said = Said::Value(state.value);
        *core = state.core;
        comment.about = if look == Look::Value { About::Statement } else { About::Aftermath };
        comment.looks = vec![look];
    } else if statement.kind == StatementKind::Assignment
        && let Some((quantity, place)) = said::labelled(line)
    {
        *said = Said::Quantity(quantity);
        *core = place;
        comment.looks = vec![Look::Size];
    } else if operations::read(line).is_some() {
        comment.about = About::Operations;
        comment.looks = vec![Look::Operations];
    }
}

fn behind(line: &str, code: &str) -> Option<Says> {
    let mut reading = said::read(line);
    match &reading.said {
        Said::Marker => return None,
        // `error = ValueError()  # ValueError` raises nothing.
        Said::Error(name) if code.contains(name.as_str()) => reading.said = Said::Complaint,
        Said::Error(_)
        | Said::Value(_)
        | Said::Quantity(_)
        | Said::Success
        | Said::Type(_)
        | Said::Complaint
        | Said::Words => {}
    }
    Some(Says::Line(reading))
}

/// How lines below a statement read, and how many of them do. Blocks with a heading of their own are shown output.
fn below(lines: &[String]) -> Option<(usize, Says)> {
    let first = lines.first()?;
    if first.starts_with('>') || shown::is_heading(first) || is_heading(first) {
        return None;
    }
    let reading = said::read(first);
    if reading.said == Said::Marker {
        return None;
    }
    if lines.len() > 1 && lines.len() <= LONGEST {
        if let Some(value) = said::block(&lines.join("\n")) {
            return Some((lines.len(), Says::Block(value)));
        }
        // A value above prose is a value.
        if matches!(&reading.said, Said::Value(value) if is_container(value) && value.strength == Strength::Firm)
            && !lines[1..].iter().all(|line| whole(line).is_some())
        {
            return Some((1, Says::Line(alone(reading))));
        }
        return Some((lines.len(), Says::Lines));
    }
    (lines.len() == 1).then(|| (1, Says::Line(alone(reading))))
}

/// A comment on a line of its own may as well be a heading for what follows.
fn alone(mut reading: Reading) -> Reading {
    match &mut reading.said {
        Said::Value(value) => match value.strength {
            Strength::Firm => value.strength = Strength::Loose,
            Strength::Loose => {}
            Strength::Faint => reading.said = Said::Words,
        },
        Said::Error(_) | Said::Success | Said::Type(_) | Said::Complaint => reading.said = Said::Words,
        Said::Quantity(_) | Said::Words | Said::Marker => {}
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
