//! Output that is shown within the code: comments and strings below a statement.

use std::collections::HashSet;

use ruff_python_ast::{Expr, ExprStringLiteral, Stmt};
use ruff_text_size::Ranged;

use crate::expect::shown::comparison::{Exactness, indentation};
use crate::expect::shown::correction::Form;
use crate::expect::shown::{Exhibit, Origin, Statement, StatementKind};
use crate::model::snippet::{Line, Place};
use crate::syntax::{Tree, bodies};

/// What begins a line of output that belongs to the statement above.
const ARROW: &str = "#>";
/// Words that begin a block of comments.
const LABELS: &[&str] = &[
    "output:",
    "outputs:",
    "expected output:",
    "the output:",
    "prints:",
    "this prints:",
    "printed:",
    "result:",
    "results:",
    "stdout:",
    UNORDERED,
];
const UNORDERED: &str = "unordered output:";
/// Statements that end on one line and are looked at.
const MOST_ON_A_LINE: usize = 100;

#[derive(Clone, Copy)]
struct Comment<'a> {
    line: u32,
    column: u32,
    /// What stands in front of it.
    before: &'a str,
    text: &'a str,
}

impl Comment<'_> {
    fn is_alone(&self) -> bool {
        self.before.trim().is_empty()
    }

    /// Behind the `#`, in lower case.
    fn words(&self) -> String {
        words(self.text)
    }
}

fn words(comment: &str) -> String {
    comment.trim_start_matches('#').trim().to_lowercase()
}

/// Whether the comments below this one are output.
pub(in crate::expect) fn is_heading(comment: &str) -> bool {
    LABELS.contains(&words(comment).as_str())
}

struct Reader<'a> {
    tree: &'a Tree<'a>,
    lines: Vec<&'a str>,
    comments: Vec<Comment<'a>>,
    /// By their ends.
    statements: Vec<Statement>,
    code: Line,
    exhibits: Vec<Exhibit>,
}

/// In no order. `code` is the line of the document in which the code starts.
pub(super) fn exhibits(tree: &Tree<'_>, code: Line) -> Vec<Exhibit> {
    let lines: Vec<&str> = tree.source.split('\n').collect();
    let comments = tree.comments().map(|range| {
        let (line, column) = (tree.line(range.start()), tree.column(range.start()));
        let before = lines.get(index(line)).and_then(|text| text.get(..column as usize)).unwrap_or_default();
        Comment { line, column, before, text: tree.source[range].trim_end() }
    });
    let comments = comments.collect();
    let mut reader = Reader { tree, lines, comments, statements: Vec::new(), code, exhibits: Vec::new() };
    reader.statements();
    reader.comments();
    reader.exhibits
}

fn index(line: u32) -> usize {
    line.saturating_sub(1) as usize
}

impl Reader<'_> {
    fn line(&self, line: u32) -> Line {
        Line(self.code.0.saturating_add(line.saturating_sub(1)))
    }

    fn statements(&mut self) {
        let tree = self.tree;
        let mut open: Vec<(&[Stmt], bool)> = vec![(&tree.module().body, false)];
        while let Some((body, is_nested)) = open.pop() {
            for (index, statement) in body.iter().enumerate() {
                let range = statement.range();
                let first = self.line(tree.line(range.start()));
                let known = Statement {
                    first,
                    last: self.line(tree.line(range.end())),
                    place: Place { line: first, column: tree.column(range.start()) },
                    kind: kind(statement),
                    is_nested,
                };
                if !is_text(statement) {
                    self.statements.push(known);
                }
                if let Some(Stmt::Expr(next)) = body.get(index + 1)
                    && let Expr::StringLiteral(literal) = &*next.value
                    && is_call(statement)
                {
                    self.exhibits.extend(self.literal(known, literal));
                }
                open.extend(bodies(statement).into_iter().map(|body| (body, true)));
            }
        }
        self.statements.sort_unstable_by_key(|statement| (statement.last, statement.first, statement.place));
    }

    /// A string of several lines on the line behind a call.
    fn literal(&self, statement: Statement, literal: &ExprStringLiteral) -> Option<Exhibit> {
        let tree = self.tree;
        let source = &tree.source[literal.as_single_part_string()?.range()];
        let is_raw = source.starts_with(['r', 'R']);
        let body = source.trim_start_matches(['r', 'R']);
        let quotes = ["\"\"\"", "'''"].into_iter().find(|quotes| body.starts_with(quotes))?;
        let text = body.get(3..body.len().checked_sub(3)?)?.strip_prefix('\n')?;
        let start = tree.line(literal.range().start());
        if self.line(start).0 != statement.last.0 + 1 {
            return None;
        }
        let end = literal.range().end();
        let last = self.lines.get(index(tree.line(end)))?;
        let (closing, behind) = last.split_at_checked(tree.column(end) as usize)?;
        let indent = " ".repeat(tree.column(literal.range().start()) as usize);
        let is_apart = closing.trim_start() == quotes;
        let closing = if is_apart { (*last).to_owned() } else { format!("{indent}{quotes}{behind}") };
        let text = if is_apart { text.trim_end_matches(' ') } else { text };
        let is_indented = indentation(text.lines()) >= indent.len();
        let base = if is_indented { indent } else { String::new() };
        let value = literal.value.to_str();
        let value = value.strip_prefix('\n').unwrap_or(value).to_owned();
        Some(Exhibit {
            line: self.line(start + 1),
            unescaped: (value != text).then_some(value),
            text: text.to_owned(),
            exactness: Exactness::Exact,
            origin: Origin::Statement(statement),
            form: Form::Literal { base, quotes, is_raw, closing, is_apart },
        })
    }

    fn comments(&mut self) {
        let mut taken = HashSet::new();
        let mut section = self.code;
        let mut next = 0;
        while let Some(first) = self.comments.get(next).copied() {
            let below = self.below(next);
            let words = if first.is_alone() { first.words() } else { String::new() };
            let exhibit = if first.text.starts_with(ARROW) {
                let rest = below.iter().take_while(|comment| comment.text.starts_with(ARROW)).count();
                next += rest;
                let group = &self.comments[next - rest..=next];
                self.arrows(group, first).filter(|(statement, _)| taken.insert(*statement)).map(|(_, it)| it)
            } else if LABELS.contains(&words.as_str()) {
                let rest = below.iter().take_while(|comment| !comment.text.starts_with(ARROW)).count();
                next += rest;
                let group = &self.comments[next + 1 - rest..=next];
                let exhibit = self.section(group, first, section);
                section = self.line(self.comments[next].line + 1);
                exhibit
            } else {
                None
            };
            self.exhibits.extend(exhibit);
            next += 1;
        }
    }

    /// Comments on the lines right below one, in its column, and alone.
    fn below(&self, at: usize) -> &[Comment<'_>] {
        let Some(rest) = self.comments.get(at..) else { return &[] };
        let continues = |pair: &&[Comment<'_>]| {
            let is_first = pair[0].line == rest[0].line;
            pair[1].line == pair[0].line + 1
                && pair[1].is_alone()
                && (pair[1].column == pair[0].column || is_first && !pair[0].is_alone())
        };
        let count = rest.windows(2).take_while(continues).count();
        &rest[1..=count]
    }

    fn arrows(&self, group: &[Comment<'_>], first: Comment<'_>) -> Option<(Statement, Exhibit)> {
        let statement = if first.is_alone() {
            self.above(first.line, first.column)?
        } else {
            self.above(first.line + 1, first.column)?
        };
        let line = |comment: &Comment<'_>| {
            let text = &comment.text[ARROW.len()..];
            format!("{}\n", text.strip_prefix(' ').unwrap_or(text))
        };
        let indent = group
            .get(1)
            .map_or_else(|| " ".repeat(statement.place.column as usize), |second| second.before.to_owned());
        let exhibit = Exhibit {
            line: self.line(first.line),
            text: group.iter().map(line).collect(),
            unescaped: None,
            exactness: Exactness::Exact,
            origin: Origin::Statement(statement),
            form: Form::Comments {
                first: format!("{}{ARROW} ", first.before),
                others: format!("{indent}{ARROW} "),
                is_dedented: false,
            },
        };
        Some((statement, exhibit))
    }

    fn section(&self, group: &[Comment<'_>], label: Comment<'_>, start: Line) -> Option<Exhibit> {
        let first = group.first()?;
        let blanks = indentation(group.iter().map(|comment| &comment.text[1..])).max(1);
        let line = |comment: &Comment<'_>| {
            let text = &comment.text[1..];
            format!("{}\n", text.get(blanks..).unwrap_or_else(|| text.trim_start()))
        };
        let prefix = format!("{}#{}", first.before, " ".repeat(blanks));
        let end = self.line(label.line);
        Some(Exhibit {
            line: self.line(first.line),
            text: group.iter().map(line).collect(),
            unescaped: None,
            exactness: if label.words() == UNORDERED { Exactness::Unordered } else { Exactness::Exact },
            origin: Origin::Section {
                statement: self.above(label.line, label.column)?,
                lines: start..=end,
                is_last: self.statements.last().is_none_or(|statement| statement.last < end),
            },
            form: Form::Comments { first: prefix.clone(), others: prefix, is_dedented: blanks > 1 },
        })
    }

    /// The statement that ended last in front of a line: of several the one in the same column, else the innermost.
    fn above(&self, line: u32, column: u32) -> Option<Statement> {
        let line = self.line(line);
        let before = &self.statements[..self.statements.partition_point(|statement| statement.last < line)];
        let last = before.last()?;
        let here = before.iter().rev().take(MOST_ON_A_LINE).take_while(|other| other.last == last.last);
        Some(*here.into_iter().find(|statement| statement.place.column == column).unwrap_or(last))
    }
}

fn is_call(statement: &Stmt) -> bool {
    let Stmt::Expr(expression) = statement else { return false };
    match &*expression.value {
        Expr::Await(awaited) => awaited.value.is_call_expr(),
        value => value.is_call_expr(),
    }
}

/// A string alone does nothing: it shows what is above it.
fn is_text(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expression) if expression.value.is_string_literal_expr())
}

fn kind(statement: &Stmt) -> StatementKind {
    let Stmt::Expr(expression) = statement else { return StatementKind::Other };
    match &*expression.value {
        Expr::Call(call) => match &*call.func {
            Expr::Name(name) if matches!(name.id.as_str(), "print" | "pprint" | "pp") => StatementKind::Print,
            _ => StatementKind::Expression,
        },
        _ => StatementKind::Expression,
    }
}
