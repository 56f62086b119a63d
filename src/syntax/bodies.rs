//! The statements within a statement.

use ruff_python_ast::{ExceptHandler, Stmt};

/// The bodies of a compound statement, in their order; none for a simple one.
pub(crate) fn bodies(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::FunctionDef(definition) => vec![&definition.body],
        Stmt::ClassDef(definition) => vec![&definition.body],
        Stmt::With(with) => vec![&with.body],
        Stmt::For(each) => vec![&each.body, &each.orelse],
        Stmt::While(repeated) => vec![&repeated.body, &repeated.orelse],
        Stmt::If(choice) => {
            let others = choice.elif_else_clauses.iter().map(|clause| &*clause.body);
            std::iter::once(&*choice.body).chain(others).collect()
        }
        Stmt::Match(choice) => choice.cases.iter().map(|case| &*case.body).collect(),
        Stmt::Try(attempt) => {
            let handlers = attempt.handlers.iter().map(|handler| match handler {
                ExceptHandler::ExceptHandler(handler) => &*handler.body,
            });
            std::iter::once(&*attempt.body)
                .chain(handlers)
                .chain([&*attempt.orelse, &*attempt.finalbody])
                .collect()
        }
        _ => Vec::new(),
    }
}
