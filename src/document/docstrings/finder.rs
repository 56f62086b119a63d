//! The docstrings of a module that `doctest.testmod` looks at, found without importing it.

use std::collections::HashMap;

use ruff_python_ast::{
    Alias, CmpOp, Decorator, ExceptHandler, Expr, ExprStringLiteral, Operator, Stmt, StmtFunctionDef,
};
use ruff_text_size::{Ranged, TextSize};

use crate::model::fingerprint::fingerprint;

/// Python itself refuses more levels of indentation.
const DEEPEST: usize = 100;

const LONGEST_NAME: usize = 100;

/// What a docstring describes.
pub(super) struct Docstring<'a> {
    /// Without the module: `Class.method`, `__test__.key`; `__doc__` for that of the module itself.
    pub(super) name: String,
    pub(super) literal: &'a ExprStringLiteral,
    /// Texts that are added to it where the module runs, in their order.
    pub(super) more: Vec<&'a ExprStringLiteral>,
}

/// The docstrings of a module.
pub(super) struct FoundDocstrings<'a> {
    /// In the order in which they stand.
    pub(super) docstrings: Vec<Docstring<'a>>,
    /// Those that the module computes: what they describe, and where.
    pub(super) computed: Vec<(String, TextSize)>,
}

pub(super) fn docstrings(body: &[Stmt]) -> FoundDocstrings<'_> {
    let mut finder = Finder { found: Vec::new(), computed: Vec::new() };
    let own = docstring(body);
    finder.found.extend(own.map(|literal| Docstring::new("__doc__".to_owned(), literal)));
    finder.suite(body, "", 0);
    finder.assigned(body, body, 0);
    finder.found.sort_by_key(|docstring| docstring.literal.range.start());
    FoundDocstrings { docstrings: finder.found, computed: finder.computed }
}

impl<'a> Docstring<'a> {
    /// Its texts in their order.
    pub(super) fn literals(&self) -> impl Iterator<Item = &'a ExprStringLiteral> {
        std::iter::once(self.literal).chain(self.more.iter().copied())
    }

    fn new(name: String, literal: &'a ExprStringLiteral) -> Self {
        Self { name, literal, more: Vec::new() }
    }
}

struct Finder<'a> {
    found: Vec<Docstring<'a>>,
    computed: Vec<(String, TextSize)>,
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
            Stmt::Assign(assigned) if !scope.is_empty() => {
                let is_docstring =
                    |target: &Expr| target.as_name_expr().is_some_and(|name| name.id.as_str() == "__doc__");
                if let ([target], Some(literal)) = (assigned.targets.as_slice(), literal(&assigned.value))
                    && is_docstring(target)
                {
                    self.found.retain(|docstring| docstring.name != scope);
                    self.found.push(Docstring::new(scope.to_owned(), literal));
                }
            }
            Stmt::Assign(assigned) => {
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
        self.found.extend(docstring(body).map(|literal| Docstring::new(name.to_owned(), literal)));
    }

    /// Docstrings that are assigned: `f.__doc__ = "text"`, `f.__doc__ += "text"`. `doctest` finds those of things that
    /// the module defines, and none that they replace.
    fn assigned(&mut self, body: &'a [Stmt], module: &'a [Stmt], depth: usize) {
        for statement in body {
            let (target, value, is_added) = match statement {
                Stmt::Assign(assigned) => match assigned.targets.as_slice() {
                    [target] => (target, &*assigned.value, false),
                    _ => continue,
                },
                Stmt::AugAssign(assigned) => (&*assigned.target, &*assigned.value, true),
                // `if f.__doc__:` is true where docstrings are not stripped.
                Stmt::If(choice) if depth < DEEPEST && asks_for_docstring(&choice.test) => {
                    self.assigned(&choice.body, module, depth + 1);
                    continue;
                }
                _ => continue,
            };
            let Some(name) = documented(target).filter(|name| is_of_module(module, name)) else { continue };

            let is_sum = matches!(statement, Stmt::AugAssign(assigned) if assigned.op == Operator::Add);
            match Assigned::read(value, &name, module) {
                Assigned::Text(literal) if is_sum => self.add(&name, literal),
                Assigned::Added(literal) if !is_added => self.add(&name, literal),
                Assigned::Text(literal) if !is_added => {
                    self.found.retain(|docstring| docstring.name != name);
                    self.found.push(Docstring::new(name, literal));
                }
                // The examples of another docstring are tested where they stand.
                Assigned::Elsewhere if is_sum => {}
                Assigned::Same if !is_added => {}
                Assigned::Elsewhere if !is_added => self.found.retain(|docstring| docstring.name != name),
                Assigned::Computed if !is_added && !mentions(value, &name) => {
                    self.found.retain(|docstring| docstring.name != name);
                    self.computed.push((name, value.range().start()));
                }
                Assigned::Text(_)
                | Assigned::Added(_)
                | Assigned::Elsewhere
                | Assigned::Same
                | Assigned::Computed => self.computed.push((name, value.range().start())),
            }
        }
    }

    fn add(&mut self, name: &str, literal: &'a ExprStringLiteral) {
        if let Some(docstring) = self.found.iter_mut().rfind(|docstring| docstring.name == name) {
            docstring.more.push(literal);
        }
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
                self.found.push(Docstring::new(name, literal));
            }
        }
    }
}

/// What is assigned to a docstring.
enum Assigned<'a> {
    Text(&'a ExprStringLiteral),
    /// The docstring itself with a text after it.
    Added(&'a ExprStringLiteral),
    /// The docstring of something else in the module, or nothing.
    Elsewhere,
    /// The docstring itself.
    Same,
    Computed,
}

impl<'a> Assigned<'a> {
    fn read(value: &'a Expr, name: &str, module: &[Stmt]) -> Self {
        if let Some(literal) = literal(value) {
            return Self::Text(literal);
        }
        match (value, documented(value)) {
            (Expr::NoneLiteral(_), _) => Self::Elsewhere,
            (_, Some(other)) if other == name => Self::Same,
            (_, Some(other)) if is_of_module(module, &other) => Self::Elsewhere,
            (Expr::BinOp(both), _) if both.op == Operator::Add => {
                let is_own = documented(&both.left).is_some_and(|left| left == name);
                literal(&both.right).filter(|_| is_own).map_or(Self::Computed, Self::Added)
            }
            // Indentation does not matter to examples.
            (Expr::Call(call), _) if takes_indentation_off(&call.func) => match &*call.arguments.args {
                [only] if documented(only).is_some_and(|only| only == name) => Self::Same,
                _ => Self::Computed,
            },
            _ => Self::Computed,
        }
    }
}

/// Whether a value is made from the docstring of this name.
fn mentions(value: &Expr, name: &str) -> bool {
    if documented(value).is_some_and(|documented| documented == name) {
        return true;
    }
    match value {
        Expr::BinOp(both) => mentions(&both.left, name) || mentions(&both.right, name),
        Expr::Call(call) => {
            mentions(&call.func, name) || call.arguments.args.iter().any(|value| mentions(value, name))
        }
        Expr::Attribute(attribute) => mentions(&attribute.value, name),
        _ => false,
    }
}

/// `if f.__doc__:`, `if f.__doc__ is not None:`.
fn asks_for_docstring(test: &Expr) -> bool {
    match test {
        Expr::Attribute(attribute) => attribute.attr.as_str() == "__doc__",
        Expr::Name(name) => name.id.as_str() == "__doc__",
        Expr::Compare(compare) => {
            compare.ops.first() == Some(&CmpOp::IsNot) && asks_for_docstring(&compare.left)
        }
        _ => false,
    }
}

/// A text, perhaps within a call that takes indentation off it, which does not matter to examples.
fn literal(value: &Expr) -> Option<&ExprStringLiteral> {
    let Expr::Call(call) = value else { return value.as_string_literal_expr() };
    let [only] = &*call.arguments.args else { return None };
    only.as_string_literal_expr().filter(|_| takes_indentation_off(&call.func))
}

fn takes_indentation_off(function: &Expr) -> bool {
    let name = match function {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => return false,
    };
    matches!(name, "dedent" | "cleandoc")
}

/// What a target of an assignment gives a docstring to: `Class.method` for `Class.method.__doc__`.
fn documented(target: &Expr) -> Option<String> {
    if target.as_name_expr().is_some_and(|name| name.id.as_str() == "__doc__") {
        return Some("__doc__".to_owned());
    }
    let attribute = target.as_attribute_expr().filter(|attribute| attribute.attr.as_str() == "__doc__")?;
    dotted(&attribute.value)
}

fn dotted(value: &Expr) -> Option<String> {
    let (mut value, mut names) = (value, Vec::new());
    while let Expr::Attribute(attribute) = value {
        names.push(attribute.attr.as_str());
        value = &attribute.value;
    }
    let first = value.as_name_expr()?.id.as_str();
    let name = names.iter().rev().fold(first.to_owned(), |scope, name| within(&scope, name));
    (names.len() <= DEEPEST).then_some(name)
}

/// Whether the first part of a name is not imported.
fn is_of_module(body: &[Stmt], name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    let imports = |names: &[Alias]| {
        names.iter().any(|alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str() == first)
    };
    !body.iter().any(|statement| match statement {
        Stmt::Import(import) => imports(&import.names),
        Stmt::ImportFrom(import) => imports(&import.names),
        _ => false,
    })
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
