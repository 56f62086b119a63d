//! Under which conditions a module gets to a statement, and names by which a module knows what it could import.

use std::collections::HashMap;

use ruff_python_ast::{CmpOp, ExceptHandler, Expr, Stmt, StmtTry, UnaryOp};
use ruff_text_size::Ranged;

/// What holds where a statement runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// An expression.
    Holds(String),
    /// Modules cannot be imported.
    Lacks(String),
    /// Modules can be imported.
    Has(String),
}

impl Guard {
    pub(super) fn negated(&self) -> Self {
        match self {
            Self::Holds(expression) => Self::Holds(format!("not ({expression})")),
            Self::Lacks(modules) => Self::Has(modules.clone()),
            Self::Has(modules) => Self::Lacks(modules.clone()),
        }
    }

    /// The expression of all of them together. What is known only where imports are tried is no Python.
    pub(super) fn expression(guards: &[Self]) -> String {
        let expression = |guard: &Self| match guard {
            Self::Holds(expression) if guards.len() == 1 => expression.clone(),
            Self::Holds(expression) => format!("({expression})"),
            Self::Lacks(modules) => format!("import of {modules} fails"),
            Self::Has(modules) => format!("import of {modules} works"),
        };
        guards.iter().map(expression).collect::<Vec<_>>().join(" and ")
    }
}

/// Names that say whether modules could be imported.
#[derive(Debug, Default)]
pub(super) struct Imports<'a> {
    modules: HashMap<&'a str, String>,
}

impl<'a> Imports<'a> {
    /// Reads `try: import x; HAS_X = True`, `except ImportError: HAS_X = False`; gives the modules that are tried.
    pub(super) fn tried(&mut self, attempt: &'a StmtTry) -> Option<String> {
        let catches = attempt.handlers.iter().any(|handler| {
            let ExceptHandler::ExceptHandler(handler) = handler;
            handler.type_.as_deref().is_none_or(is_import_error)
        });
        let modules: Vec<&str> = attempt.body.iter().flat_map(imported).collect();
        if !catches || modules.is_empty() {
            return None;
        }

        let modules = modules.join(", ");
        for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
            for statement in &handler.body {
                let Stmt::Assign(assigned) = statement else { continue };
                let is_off = match &*assigned.value {
                    Expr::BooleanLiteral(literal) => !literal.value,
                    value => value.is_none_literal_expr(),
                };
                if let ([Expr::Name(name)], true) = (assigned.targets.as_slice(), is_off) {
                    self.modules.insert(name.id.as_str(), modules.clone());
                }
            }
        }
        Some(modules)
    }

    /// What a condition says.
    pub(super) fn guard(&self, test: &Expr, source: &str) -> Guard {
        if let Some(guard) = self.of_imports(test) {
            return guard;
        }
        Guard::Holds(source.get(test.range().to_std_range()).unwrap_or_default().to_owned())
    }

    fn of_imports(&self, test: &Expr) -> Option<Guard> {
        match test {
            Expr::UnaryOp(not) if not.op == UnaryOp::Not => {
                self.of_imports(&not.operand).map(|guard| guard.negated())
            }
            Expr::Name(name) => Some(Guard::Has(self.modules.get(name.id.as_str())?.clone())),
            Expr::Call(call) => {
                let is_search = match &*call.func {
                    Expr::Name(name) => name.id.as_str() == "find_spec",
                    Expr::Attribute(attribute) => attribute.attr.as_str() == "find_spec",
                    _ => false,
                };
                let [module] = &*call.arguments.args else { return None };
                let module = module.as_string_literal_expr().filter(|_| is_search)?;
                Some(Guard::Has(module.value.to_str().to_owned()))
            }
            Expr::Compare(compare) => {
                let (operator, right) = (compare.ops.first()?, compare.comparators.first()?);
                let found = self.of_imports(&compare.left)?;
                match (operator, right) {
                    (CmpOp::Is, Expr::NoneLiteral(_)) => Some(found.negated()),
                    (CmpOp::IsNot, Expr::NoneLiteral(_)) => Some(found),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn is_import_error(kind: &Expr) -> bool {
    match kind {
        Expr::Name(name) => matches!(name.id.as_str(), "ImportError" | "ModuleNotFoundError" | "Exception"),
        Expr::Tuple(tuple) => tuple.elts.iter().any(is_import_error),
        _ => false,
    }
}

/// The modules that a statement imports.
fn imported(statement: &Stmt) -> Vec<&str> {
    match statement {
        Stmt::Import(import) => import.names.iter().map(|alias| alias.name.as_str()).collect(),
        Stmt::ImportFrom(import) if import.level == 0 => import.module.as_deref().into_iter().collect(),
        _ => Vec::new(),
    }
}
