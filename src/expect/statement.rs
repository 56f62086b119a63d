//! The statements of a snippet, and which of them a comment speaks of.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ruff_python_ast::{ExceptHandler, Expr, Stmt, StmtTry};
use ruff_text_size::{Ranged, TextRange};

use crate::expect::effects::Effect;
use crate::expect::exception::ANY_EXCEPTION;
use crate::expect::rescue::rescuing;
use crate::syntax::{Tree, bodies};

/// `except` clauses of one `try` that are considered: each comment is compared with all of them.
const HANDLERS: usize = 16;

/// A statement that comments may speak of. Lines count those of the code, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CodeStatement {
    pub(super) kind: StatementKind,
    pub(super) effect: Effect,
    pub(super) first: u32,
    pub(super) last: u32,
    /// Bytes before the statement on its first line.
    pub(super) column: u32,
    /// The offset of its end in the code.
    end: usize,
    /// A statement of the module itself: nothing around it decides whether it runs, or catches what it raises.
    pub(super) top: bool,
    /// The last line of the `try` that has to fail for the statement to run.
    pub(super) rescues: Option<u32>,
    /// The closest `try` whose `except` clauses catch what the statement raises.
    guard: Option<usize>,
}

/// An `except` clause.
#[derive(Debug)]
struct ExceptClause {
    /// The types as the code spells them; empty where the clause catches everything.
    types: String,
    lines: RangeInclusive<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatementKind {
    /// A call of `print`.
    Print,
    /// A call of `print` with an identity, which is another number each time.
    Identity,
    Expression,
    Assignment,
    /// An assignment of a literal, or a literal alone.
    Literal,
    /// A statement with other statements in it, which may print.
    Block,
    /// A function or a class, whose body may run later.
    Definition,
    Other,
}

/// All statements of a snippet, by the line on which they end.
#[derive(Debug, Default)]
pub(super) struct Statements {
    by_end: BTreeMap<u32, Vec<CodeStatement>>,
    /// The statements of the module itself, by their last line.
    tops: BTreeMap<u32, CodeStatement>,
    /// The `except` clauses of each `try`.
    guards: Vec<Vec<ExceptClause>>,
}

impl Statements {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let mut by_end: BTreeMap<u32, Vec<CodeStatement>> = BTreeMap::new();
        let mut tops = BTreeMap::new();
        let mut guards = Vec::new();
        let rescuing = rescuing(tree);
        let mut waiting: Vec<(&Stmt, bool, Option<usize>)> =
            tree.module().body.iter().map(|stmt| (stmt, true, None)).collect();

        while let Some((stmt, top, guard)) = waiting.pop() {
            let range = stmt.range();
            if range.is_empty() {
                continue;
            }

            let last = tree.line(range.end());
            let statement = CodeStatement {
                kind: kind(stmt, tree.source),
                effect: Effect::of(stmt),
                first: tree.line(range.start()),
                last,
                column: tree.column(range.start()),
                end: range.end().into(),
                top,
                rescues: rescuing.get(&range.start()).copied(),
                guard,
            };

            if top {
                tops.entry(last).or_insert_with(|| statement.clone());
            }
            by_end.entry(last).or_default().push(statement);

            let inner = bodies(stmt).into_iter().flatten();
            match stmt {
                Stmt::Try(tried) => {
                    waiting.extend(inner.skip(tried.body.len()).map(|stmt| (stmt, false, guard)));
                    waiting.extend(tried.body.iter().map(|stmt| (stmt, false, Some(guards.len()))));
                    guards.push(handlers(tried, tree));
                }
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
                    waiting.extend(inner.map(|stmt| (stmt, false, None)));
                }
                _ => waiting.extend(inner.map(|stmt| (stmt, false, guard))),
            }
        }

        Self { by_end, tops, guards }
    }

    /// The statement that ends before a comment on the same line.
    pub(super) fn before(&self, comment: TextRange, line: u32) -> Option<&CodeStatement> {
        let here = self.by_end.get(&line)?.iter().filter(|statement| statement.end <= comment.start().into());
        // The comment after `if x: print(x)` speaks of the inner statement.
        here.max_by_key(|statement| (statement.end, statement.first, statement.column))
    }

    /// The lines of the clause around a statement that catches the named exception.
    pub(super) fn handler(&self, statement: &CodeStatement, name: &str) -> Option<RangeInclusive<u32>> {
        let handlers = self.guards.get(statement.guard?)?;
        if name == ANY_EXCEPTION {
            return Some(*handlers.first()?.lines.start()..=*handlers.last()?.lines.end());
        }

        let letter = |character: char| character.is_alphanumeric() || character == '_';
        let names = |handler: &&ExceptClause| {
            handler.types.split(|character| !letter(character)).any(|part| part == name)
        };
        handlers.iter().find(names).map(|handler| handler.lines.clone())
    }

    /// The last statement of the module that ends above a line.
    pub(super) fn latest(&self, line: u32) -> Option<&CodeStatement> {
        self.tops.range(..line).next_back().map(|(_, statement)| statement)
    }

    /// The statement that ends on the line above a comment and begins in the same column.
    pub(super) fn above(&self, line: u32, column: u32) -> Option<&CodeStatement> {
        let above = self.by_end.get(&line.checked_sub(1)?)?;
        above.iter().filter(|statement| statement.column == column).min_by_key(|statement| statement.first)
    }
}

fn handlers(tried: &StmtTry, tree: &Tree<'_>) -> Vec<ExceptClause> {
    let handlers = tried.handlers.iter().map(|handler| match handler {
        ExceptHandler::ExceptHandler(handler) => ExceptClause {
            types: handler.type_.as_ref().map_or("", |types| &tree.source[types.range()]).to_owned(),
            lines: tree.line(handler.range().start())..=tree.line(handler.range().end()),
        },
    });
    handlers.take(HANDLERS).collect()
}

fn kind(stmt: &Stmt, source: &str) -> StatementKind {
    match stmt {
        Stmt::Expr(expression) => match &*expression.value {
            Expr::Call(call) => match &*call.func {
                Expr::Name(name) if matches!(name.id.as_str(), "print" | "pprint") => {
                    let identity = ["id(", "hash("].iter().any(|call| has_call(&source[stmt.range()], call));
                    if identity { StatementKind::Identity } else { StatementKind::Print }
                }
                _ => StatementKind::Expression,
            },
            Expr::Yield(_) | Expr::YieldFrom(_) => StatementKind::Other,
            expression if is_literal(expression) => StatementKind::Literal,
            _ => StatementKind::Expression,
        },
        Stmt::Assign(assignment) => assigned(&assignment.value),
        Stmt::AnnAssign(assignment) => assignment.value.as_deref().map_or(StatementKind::Other, assigned),
        Stmt::AugAssign(_) => StatementKind::Assignment,
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => StatementKind::Definition,
        Stmt::For(_) | Stmt::While(_) | Stmt::If(_) | Stmt::With(_) | Stmt::Try(_) | Stmt::Match(_) => {
            StatementKind::Block
        }
        _ => StatementKind::Other,
    }
}

fn assigned(value: &Expr) -> StatementKind {
    match value {
        Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Lambda(_) => StatementKind::Other,
        value if is_literal(value) => StatementKind::Literal,
        _ => StatementKind::Assignment,
    }
}

fn has_call(code: &str, call: &str) -> bool {
    let glued = |place: usize| code[..place].ends_with(|last: char| last.is_alphanumeric() || last == '_');
    code.match_indices(call).any(|(place, _)| !glued(place))
}

/// Whether the value can be read where it stands.
fn is_literal(expression: &Expr) -> bool {
    let mut waiting = vec![expression];
    while let Some(expression) = waiting.pop() {
        match expression {
            Expr::List(list) => waiting.extend(&list.elts),
            Expr::Tuple(tuple) => waiting.extend(&tuple.elts),
            Expr::Set(set) => waiting.extend(&set.elts),
            Expr::Dict(dict) => {
                for item in &dict.items {
                    waiting.extend(item.key.iter().chain([&item.value]));
                }
            }
            Expr::UnaryOp(operation) => waiting.push(&operation.operand),
            other if other.is_literal_expr() => {}
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{StatementKind, Statements};
    use crate::syntax::Tree;

    #[track_caller]
    fn check(code: &str, expected: &[Option<(StatementKind, u32)>]) {
        let tree = Tree::parse(code);
        let statements = Statements::of(&tree);
        let found: Vec<_> = tree
            .comments()
            .map(|range| {
                let statement = statements.before(range, tree.line(range.start()))?;
                Some((statement.kind, statement.first))
            })
            .collect();
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn comments_find_their_statements() {
        use StatementKind::{Assignment, Expression, Identity, Literal, Print};
        check("print(1)  # a\n", &[Some((Print, 1))]);
        check("print(id(x))  # a\n", &[Some((Identity, 1))]);
        check("f(\n    1,  # a\n)  # b\n", &[None, Some((Expression, 1))]);
        check("x = 1; f(x)  # a\n", &[Some((Expression, 1))]);
        check("for x in y: print(x)  # a\n", &[Some((Print, 1))]);
        check("for x in y:  # a\n    x += 1  # b\n", &[None, Some((Assignment, 2))]);
        check("x = [1, {2: -3}]  # a\n", &[Some((Literal, 1))]);
        check("x: int  # a\n", &[Some((StatementKind::Other, 1))]);
        check("# a\nx\n", &[None]);
        check("try:\n    f()\nexcept E:\n    g()  # a\n", &[Some((Expression, 4))]);
    }

    #[test]
    fn comments_below_find_what_is_above() {
        let tree = Tree::parse("for x in y:\n    print(x)\n# a\n");
        let statements = Statements::of(&tree);
        let kind = |column| statements.above(3, column).map(|statement| statement.kind);
        assert_eq!(
            (kind(0), kind(4), kind(2)),
            (Some(StatementKind::Block), Some(StatementKind::Print), None)
        );
    }
}
