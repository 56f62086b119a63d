//! Failures that follow from others: a snippet lacks a name, because the one that defines it failed before.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Alias, Expr, ExprContext, Stmt};

use crate::event::Judged;
use crate::model::outcome::Exception;
use crate::model::snippet::{Form, Line, Snippet};
use crate::model::verdict::Verdict;
use crate::syntax::Tree;

/// Failed snippets of a session that are remembered.
const MOST: usize = 1000;

/// The failed snippets of one session, in the order in which they were judged.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    failed: Vec<Failure>,
}

#[derive(Debug)]
struct Failure {
    /// Of the snippet that all of it began with.
    root: Line,
    names: Names,
}

impl Failures {
    /// The code of the snippet that this one fails for, if it fails for another one at all.
    pub(crate) fn cause(&mut self, snippet: &Snippet, judged: &Judged) -> Option<Line> {
        if judged.verdict != Verdict::Failed {
            return None;
        }
        let missing = judged.outcome.exception.as_ref().and_then(missing_name);
        let above = |failure: &&Failure| failure.root < snippet.location.code;
        let cause = missing.and_then(|name| {
            let mut failed = self.failed.iter().filter(above);
            failed.find(|failure| failure.names.may_hold(name)).map(|failure| failure.root)
        });

        if snippet.form == Form::Script && self.failed.len() < MOST {
            let root = cause.unwrap_or(snippet.location.code);
            self.failed.push(Failure { root, names: Names::of(&Tree::parse(&snippet.code)) });
        }
        cause
    }
}

/// `x` of `name 'x' is not defined`.
fn missing_name(exception: &Exception) -> Option<&str> {
    if exception.kind != "NameError" {
        return None;
    }
    exception.message.strip_prefix("name '")?.strip_suffix("' is not defined")
}

/// The names that code defines in its module.
#[derive(Debug, Default)]
struct Names {
    names: BTreeSet<String>,
    /// Names of a module that are not known: `from x import *`.
    unknown: bool,
}

impl Names {
    fn of(tree: &Tree<'_>) -> Self {
        let mut names = Self::default();
        names.visit_body(&tree.module().body);
        names
    }

    fn may_hold(&self, name: &str) -> bool {
        self.unknown || self.names.contains(name)
    }

    fn define(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    fn import(&mut self, alias: &Alias) {
        match (&alias.asname, alias.name.as_str()) {
            (Some(name), _) => self.define(name),
            (None, "*") => self.unknown = true,
            (None, name) => self.define(name.split('.').next().unwrap_or(name)),
        }
    }
}

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            // What they define inside is not of the module.
            Stmt::FunctionDef(function) => self.define(&function.name),
            Stmt::ClassDef(class) => self.define(&class.name),
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => import.names.iter().for_each(|alias| self.import(alias)),
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ExprContext::Store => self.define(&name.id),
            Expr::Lambda(_) => {}
            other => walk_expr(self, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Names;
    use crate::syntax::Tree;

    #[track_caller]
    fn check(code: &str, expected: &[&str]) {
        let names = Names::of(&Tree::parse(code));
        assert_eq!(names.names.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{code}");
    }

    #[test]
    fn code_defines_names() {
        check("import a.b, c as d\nfrom e import f, g as h\n", &["a", "d", "f", "h"]);
        check("x, (y, *z) = w\nv: int = 1\nu += 1\n", &["u", "v", "x", "y", "z"]);
        check("def f(a):\n    b = 1\nclass C:\n    d = 1\n", &["C", "f"]);
        check("for i in j:\n    with k as l:\n        m = (n := 1)\n", &["i", "l", "m", "n"]);
        check("try:\n    a = 1\nexcept E:\n    b = 2\n", &["a", "b"]);
        check("d['a'] = 1\no.x = 1\nlambda: (y := 1)\n", &[]);
        assert!(Names::of(&Tree::parse("from shelf import *\n")).may_hold("tea"));
    }
}
