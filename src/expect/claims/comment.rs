//! The comments of a snippet that speak of a statement.

use std::ops::RangeInclusive;

use ruff_text_size::TextRange;

use crate::expect::claims::quantity::Dimension;
use crate::expect::claims::said::{self, Reading, Said, Strength, Value};
use crate::expect::claims::statement::{Statement, StatementKind, Statements};
use crate::expect::claims::term::{Term, whole};
use crate::expect::shown;
use crate::syntax::Tree;

/// More lines below each other are an essay.
const LONGEST: usize = 60;

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
    /// The lines that catch the exception that it names.
    pub(super) handler: Option<RangeInclusive<u32>>,
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

    /// Whether the value of the statement, or the one that it assigns, is of interest.
    pub(super) fn wants_value(&self) -> bool {
        let strong = |value: &Value| value.strength != Strength::Faint;
        let (said, container) = match &self.says {
            Says::Line(Reading { said: Said::Value(value), .. }) => (strong(value), is_container(value)),
            // A value has no unit.
            Says::Line(Reading { said: Said::Quantity(quantity), .. }) => {
                (quantity.dimension() == Dimension::None, false)
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
            StatementKind::Literal => matches!(&self.says, Says::Line(Reading { said: Said::Type(_), .. })),
            StatementKind::Print
            | StatementKind::Identity
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
    let mut comments = Vec::new();
    let mut rest = &ranges[..];
    while let Some((first, after)) = rest.split_first() {
        let place = Sign::of(tree, *first);
        let block = if place.is_alone() { run(tree, rest, &place) } else { 1 };
        rest = after.get(block - 1..).unwrap_or_default();
        let lines: Vec<String> = ranges[ranges.len() - after.len() - 1..][..block]
            .iter()
            .map(|range| body(tree, *range))
            .collect();
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
            Comment { statement, line: place.line, margin, lines, says, handler }
        };
        if !place.is_alone() {
            let says = behind(&lines[0], place.margin);
            comments.extend(says.map(|says| comment(lines, says)));
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
