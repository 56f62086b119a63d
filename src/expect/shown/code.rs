//! Output that is shown within the code: comments and strings below a statement.

use std::collections::HashSet;

use ruff_python_ast::{Expr, ExprStringLiteral, Stmt};
use ruff_text_size::Ranged;

use crate::expect::rescue::rescuing;
use crate::expect::shown::comparison::{Exactness, indentation};
use crate::expect::shown::correction::ShownForm;
use crate::expect::shown::shown_text::{OutputOwner, ShownStatement, ShownStatementKind, ShownText};
use crate::model::output_words::is_output_word;
use crate::model::snippet::{Detail, Line, Place};
use crate::syntax::{Tree, bodies};

/// The beginning of a line that shows output of the statement above.
const ARROW: &str = "#>";
/// Headings of a block of comments that shows output.
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
/// Statements ending on one line that are considered.
const MOST_ON_A_LINE: usize = 100;

#[derive(Clone, Copy)]
struct CodeComment<'a> {
    line: u32,
    column: u32,
    /// The text before the comment on its line.
    before: &'a str,
    text: &'a str,
}

impl CodeComment<'_> {
    fn is_alone(&self) -> bool {
        self.before.trim().is_empty()
    }

    /// The words after the `#`, in lower case.
    fn words(&self) -> String {
        words(self.text)
    }
}

fn words(comment: &str) -> String {
    comment.trim_start_matches('#').trim().to_lowercase()
}

/// Whether words are a heading of output: `output:`, `salida:`.
fn is_label(words: &str) -> bool {
    LABELS.contains(&words) || words.ends_with([':', '：']) && is_output_word(words)
}

/// Whether the comments below this one are output.
pub(in crate::expect) fn is_heading(comment: &str) -> bool {
    is_label(&words(comment))
}

struct ShownReader<'a> {
    tree: &'a Tree<'a>,
    lines: Vec<&'a str>,
    comments: Vec<CodeComment<'a>>,
    /// Statements by their last lines.
    statements: Vec<ShownStatement>,
    code: Line,
    shown_texts: Vec<ShownText>,
}

/// The texts that the code shows as output, in no order. `code` is the line of the document in which the code starts.
pub(super) fn shown_texts(tree: &Tree<'_>, code: Line) -> Vec<ShownText> {
    let lines: Vec<&str> = tree.source.split('\n').collect();
    let comments = tree.comments().map(|range| {
        let (line, column) = (tree.line(range.start()), tree.column(range.start()));
        let before = lines.get(index(line)).and_then(|text| text.get(..column as usize)).unwrap_or_default();
        CodeComment { line, column, before, text: tree.source[range].trim_end() }
    });
    let comments = comments.collect();

    let mut reader =
        ShownReader { tree, lines, comments, statements: Vec::new(), code, shown_texts: Vec::new() };
    reader.statements();
    reader.comments();
    reader.shown_texts
}

fn index(line: u32) -> usize {
    line.saturating_sub(1) as usize
}

impl ShownReader<'_> {
    fn line(&self, line: u32) -> Line {
        Line(self.code.0.saturating_add(line.saturating_sub(1)))
    }

    fn statements(&mut self) {
        let tree = self.tree;
        let rescuing = rescuing(tree);
        let mut open: Vec<(&[Stmt], bool)> = vec![(&tree.module().body, false)];
        while let Some((body, is_nested)) = open.pop() {
            for (index, statement) in body.iter().enumerate() {
                let range = statement.range();
                let first = self.line(tree.line(range.start()));
                let known = ShownStatement {
                    first,
                    last: self.line(tree.line(range.end())),
                    place: Place { line: first, column: tree.column(range.start()) },
                    kind: kind(statement),
                    is_nested,
                    rescues: rescuing.get(&range.start()).map(|last| self.line(*last)),
                };

                if !is_text(statement) {
                    self.statements.push(known);
                }

                if let Some(Stmt::Expr(next)) = body.get(index + 1)
                    && let Expr::StringLiteral(literal) = &*next.value
                    && is_call(statement)
                {
                    self.shown_texts.extend(self.literal(known, literal));
                }

                open.extend(bodies(statement).into_iter().map(|body| (body, true)));
            }
        }

        self.statements.sort_unstable_by_key(|statement| (statement.last, statement.first, statement.place));
    }

    /// A string of several lines that begins on the line after a call.
    fn literal(&self, statement: ShownStatement, literal: &ExprStringLiteral) -> Option<ShownText> {
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
        let (closing, rest) = last.split_at_checked(tree.column(end) as usize)?;
        let indent = " ".repeat(tree.column(literal.range().start()) as usize);
        let is_apart = closing.trim_start() == quotes;
        let closing = if is_apart { (*last).to_owned() } else { format!("{indent}{quotes}{rest}") };
        let text = if is_apart { text.trim_end_matches(' ') } else { text };

        let is_indented = indentation(text.lines()) >= indent.len();
        let base = if is_indented { indent } else { String::new() };
        let value = literal.value.to_str();
        let value = value.strip_prefix('\n').unwrap_or(value).to_owned();

        Some(ShownText {
            line: self.line(start + 1),
            unescaped: (value != text).then_some(value),
            text: text.to_owned(),
            exactness: Exactness::Formatted,
            detail: Detail::Compared,
            owner: OutputOwner::Statement(statement),
            form: ShownForm::Literal { base, quotes, is_raw, closing, is_apart },
            is_introduced: false,
        })
    }

    fn comments(&mut self) {
        let mut taken = HashSet::new();
        let mut section = self.code;
        let mut next = 0;

        while let Some(first) = self.comments.get(next).copied() {
            let below = self.below(next);
            let words = if first.is_alone() { first.words() } else { String::new() };

            let shown_text = if first.text.starts_with(ARROW) {
                let rest = below.iter().take_while(|comment| comment.text.starts_with(ARROW)).count();
                let above = next.checked_sub(1).map(|above| self.comments[above]);
                let is_introduced = above.is_some_and(|above| {
                    above.line + 1 == first.line && above.is_alone() && !above.text.starts_with(ARROW)
                });
                next += rest;
                let group = &self.comments[next - rest..=next];
                self.arrows(group, first, is_introduced)
                    .filter(|(statement, _)| taken.insert(*statement))
                    .map(|(_, it)| it)
            } else if is_label(&words) {
                let rest = below.iter().take_while(|comment| !comment.text.starts_with(ARROW)).count();
                next += rest;
                let group = &self.comments[next + 1 - rest..=next];
                let shown_text = self.section(group, first, section);
                section = self.line(self.comments[next].line + 1);
                shown_text
            } else {
                None
            };

            self.shown_texts.extend(shown_text);
            next += 1;
        }
    }

    /// Comments on the lines right below one, in its column, and alone.
    fn below(&self, at: usize) -> &[CodeComment<'_>] {
        let Some(rest) = self.comments.get(at..) else { return &[] };
        let continues = |pair: &&[CodeComment<'_>]| {
            let is_first = pair[0].line == rest[0].line;
            pair[1].line == pair[0].line + 1
                && pair[1].is_alone()
                && (pair[1].column == pair[0].column || is_first && !pair[0].is_alone())
        };
        let count = rest.windows(2).take_while(continues).count();
        &rest[1..=count]
    }

    fn arrows(
        &self,
        group: &[CodeComment<'_>],
        first: CodeComment<'_>,
        is_introduced: bool,
    ) -> Option<(ShownStatement, ShownText)> {
        let statement = if first.is_alone() {
            self.above(first.line, first.column)?
        } else {
            self.above(first.line + 1, first.column)?
        };

        let line = |comment: &CodeComment<'_>| {
            let text = &comment.text[ARROW.len()..];
            format!("{}\n", text.strip_prefix(' ').unwrap_or(text))
        };

        let indent = group
            .get(1)
            .map_or_else(|| " ".repeat(statement.place.column as usize), |second| second.before.to_owned());

        let shown_text = ShownText {
            line: self.line(first.line),
            text: group.iter().map(line).collect(),
            unescaped: None,
            exactness: Exactness::Exact,
            detail: Detail::Compared,
            owner: OutputOwner::Statement(statement),
            form: ShownForm::Comments {
                first: format!("{}{ARROW} ", first.before),
                others: format!("{indent}{ARROW} "),
                is_dedented: false,
            },
            is_introduced,
        };

        Some((statement, shown_text))
    }

    fn section(&self, group: &[CodeComment<'_>], label: CodeComment<'_>, start: Line) -> Option<ShownText> {
        let first = group.first()?;
        let blanks = indentation(group.iter().map(|comment| &comment.text[1..])).max(1);
        let line = |comment: &CodeComment<'_>| {
            let text = &comment.text[1..];
            format!("{}\n", text.get(blanks..).unwrap_or_else(|| text.trim_start()))
        };

        let prefix = format!("{}#{}", first.before, " ".repeat(blanks));
        let end = self.line(label.line);

        Some(ShownText {
            line: self.line(first.line),
            text: group.iter().map(line).collect(),
            unescaped: None,
            exactness: if label.words() == UNORDERED { Exactness::Unordered } else { Exactness::Exact },
            detail: Detail::Compared,
            owner: OutputOwner::Section {
                statement: self.above(label.line, label.column)?,
                lines: start..=end,
                is_last: self.statements.last().is_none_or(|statement| statement.last < end),
            },
            form: ShownForm::Comments { first: prefix.clone(), others: prefix, is_dedented: blanks > 1 },
            is_introduced: false,
        })
    }

    /// The statement that ended last before a line: of several the one in the same column, else the innermost.
    fn above(&self, line: u32, column: u32) -> Option<ShownStatement> {
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

/// Whether a statement is a string alone, which does nothing but show output.
fn is_text(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expression) if expression.value.is_string_literal_expr())
}

fn kind(statement: &Stmt) -> ShownStatementKind {
    let Stmt::Expr(expression) = statement else { return ShownStatementKind::Other };
    match &*expression.value {
        Expr::Call(call) => match &*call.func {
            Expr::Name(name) if matches!(name.id.as_str(), "print" | "pprint" | "pp") => {
                ShownStatementKind::Print
            }
            _ => ShownStatementKind::Expression,
        },
        _ => ShownStatementKind::Expression,
    }
}
