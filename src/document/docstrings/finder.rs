//! The docstrings of a module that `doctest.testmod` looks at, found without importing it.

use std::collections::HashMap;

use ruff_python_ast::{Decorator, ExceptHandler, Expr, ExprStringLiteral, Stmt, StmtFunctionDef};

use crate::model::fingerprint::fingerprint;

/// Python itself refuses more levels of indentation.
const DEEPEST: usize = 100;

const LONGEST_NAME: usize = 100;

/// What a docstring describes.
pub(super) struct Docstring<'a> {
    /// Without the module: `Class.method`, `__test__.key`; `__doc__` for that of the module itself.
    pub(super) name: String,
    pub(super) literal: &'a ExprStringLiteral,
}

/// In the order in which they stand.
pub(super) fn docstrings(body: &[Stmt]) -> Vec<Docstring<'_>> {
    let mut finder = Finder { found: Vec::new() };
    finder.found.extend(docstring(body).map(|literal| Docstring { name: "__doc__".to_owned(), literal }));
    finder.suite(body, "", 0);
    finder.found
}

struct Finder<'a> {
    found: Vec<Docstring<'a>>,
}

impl<'a> Finder<'a> {
    /// Statements of a module or a class. Of definitions that replace one another the last one counts.
    fn suite(&mut self, body: &'a [Stmt], scope: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let definitions = body.iter().enumerate().filter_map(|(at, stmt)| Some((defined(stmt)?, at)));
        let last: HashMap<&str, usize> = definitions.collect();
        for (at, stmt) in body.iter().enumerate() {
            if defined(stmt).is_none_or(|name| last.get(name) == Some(&at)) {
                self.statement(stmt, scope, depth);
            }
        }
    }

    fn statement(&mut self, stmt: &'a Stmt, scope: &str, depth: usize) {
        let mut suite = |body| self.suite(body, scope, depth + 1);

        match stmt {
            Stmt::FunctionDef(function) if !adds_to_property(function) => {
                self.definition(&function.body, &within(scope, &function.name));
            }
            Stmt::ClassDef(class) => {
                let name = within(scope, &class.name);
                self.definition(&class.body, &name);
                self.suite(&class.body, &name, depth + 1);
            }
            Stmt::If(choice) => {
                if !never_holds(&choice.test) {
                    suite(&choice.body);
                }
                choice.elif_else_clauses.iter().for_each(|clause| suite(&clause.body));
            }
            Stmt::Try(attempt) => {
                suite(&attempt.body);
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    suite(&handler.body);
                }
                suite(&attempt.orelse);
                suite(&attempt.finalbody);
            }
            Stmt::With(with) => suite(&with.body),
            Stmt::For(repeated) => {
                suite(&repeated.body);
                suite(&repeated.orelse);
            }
            Stmt::While(repeated) => {
                suite(&repeated.body);
                suite(&repeated.orelse);
            }
            Stmt::Match(choice) => choice.cases.iter().for_each(|case| suite(&case.body)),
            Stmt::Assign(assigned) if scope.is_empty() => {
                if let [Expr::Name(name)] = assigned.targets.as_slice() {
                    self.tests(&name.id, &assigned.value);
                }
            }
            Stmt::AnnAssign(assigned) if scope.is_empty() => {
                if let (Expr::Name(name), Some(value)) = (&*assigned.target, &assigned.value) {
                    self.tests(&name.id, value);
                }
            }
            // What is defined in a function cannot be reached from outside.
            _ => {}
        }
    }

    fn definition(&mut self, body: &'a [Stmt], name: &str) {
        self.found.extend(docstring(body).map(|literal| Docstring { name: name.to_owned(), literal }));
    }

    /// The texts of `__test__ = {"name": "text"}`.
    fn tests(&mut self, name: &str, value: &'a Expr) {
        let Expr::Dict(dict) = value else { return };
        if name != "__test__" {
            return;
        }
        for item in &dict.items {
            if let (Some(Expr::StringLiteral(key)), Expr::StringLiteral(literal)) = (&item.key, &item.value) {
                let name = within(name, key.value.to_str());
                self.found.push(Docstring { name, literal });
            }
        }
    }
}

fn docstring(body: &[Stmt]) -> Option<&ExprStringLiteral> {
    match body.first() {
        Some(Stmt::Expr(first)) => first.value.as_string_literal_expr(),
        _ => None,
    }
}

fn defined(stmt: &Stmt) -> Option<&str> {
    match stmt {
        Stmt::FunctionDef(function) => (!adds_to_property(function)).then_some(function.name.as_str()),
        Stmt::ClassDef(class) => Some(class.name.as_str()),
        _ => None,
    }
}

/// `@name.setter` and its like: the docstring of a property is that of its getter.
fn adds_to_property(function: &StmtFunctionDef) -> bool {
    let adds = |decorator: &Decorator| match &decorator.expression {
        Expr::Attribute(attribute) => matches!(attribute.attr.as_str(), "setter" | "deleter"),
        _ => false,
    };
    function.decorator_list.iter().any(adds)
}

/// Of a module that is imported.
fn never_holds(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        Expr::Compare(compare) => compare.left.as_name_expr().is_some_and(|name| name.id == "__name__"),
        _ => false,
    }
}

/// A dotted name of bounded length, in printable letters.
fn within(scope: &str, name: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let dot = if scope.is_empty() { "" } else { "." };
    if name.chars().all(plain) && !name.is_empty() && scope.len() + name.len() < LONGEST_NAME {
        return format!("{scope}{dot}{name}");
    }
    let start: String = name.chars().filter(|letter| plain(*letter)).take(20).collect();
    let scope: String = scope.chars().take(40).collect();
    format!("{scope}{dot}{start}-{}", &fingerprint(name)[..8])
}
