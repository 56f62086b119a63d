//! Which modules code imports before it does anything else.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{AnyParameterRef, Expr, Stmt};

/// `import module`, or `from module import name`, at the top level.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Imported {
    pub(crate) module: String,
    pub(crate) name: Option<String>,
}

/// The first imports of some code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FirstImports {
    pub(crate) imports: Vec<Imported>,
    /// Something came that may see or change what modules do when they load: nothing after it counts.
    pub(crate) has_ended: bool,
}

impl FirstImports {
    /// Goes on with code that runs after what was read.
    pub(super) fn read(&mut self, statements: &[Stmt]) {
        for statement in statements {
            if self.has_ended {
                return;
            }
            self.take(statement);
        }
    }

    fn take(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(import) => {
                let modules = import.names.iter().map(|alias| alias.name.to_string());
                self.imports.extend(modules.map(|module| Imported { module, name: None }));
            }
            Stmt::ImportFrom(from) if from.level == 0 => {
                let Some(module) = &from.module else { return };
                self.imports.push(Imported { module: module.to_string(), name: None });
                let names = from.names.iter().map(|alias| alias.name.as_str()).filter(|name| *name != "*");
                let imported =
                    |name: &str| Imported { module: module.to_string(), name: Some(name.to_owned()) };
                self.imports.extend(names.map(imported));
            }
            other => self.has_ended |= !is_idle(other),
        }
    }
}

/// Whether a statement could as well come after the imports that follow it.
fn is_idle(statement: &Stmt) -> bool {
    match statement {
        Stmt::Pass(_) => true,
        Stmt::Expr(expression) => is_plain([&*expression.value]),
        Stmt::Assign(assign) => assign.targets.iter().all(Expr::is_name_expr) && is_plain([&*assign.value]),
        Stmt::FunctionDef(function) => {
            let parameters = &function.parameters;
            let values = parameters.iter().filter_map(AnyParameterRef::default);
            let types = parameters.iter().filter_map(AnyParameterRef::annotation);
            let result = function.returns.as_deref();
            function.decorator_list.is_empty() && is_plain(values.chain(types).chain(result))
        }
        Stmt::If(condition) => {
            let is_never = matches!(&*condition.test, Expr::Name(name) if name.id == "TYPE_CHECKING");
            is_never && condition.elif_else_clauses.is_empty()
        }
        _ => false,
    }
}

/// Whether values are made of names and constants alone: what is asked for an attribute may answer with code of its
/// own.
fn is_plain<'a>(values: impl IntoIterator<Item = &'a Expr>) -> bool {
    let mut plain = Plain(true);
    values.into_iter().for_each(|value| plain.visit_expr(value));
    plain.0
}

struct Plain(bool);

impl<'a> Visitor<'a> for Plain {
    fn visit_expr(&mut self, expression: &'a Expr) {
        self.0 &= expression.is_literal_expr()
            || expression.is_name_expr()
            || expression.is_list_expr()
            || expression.is_tuple_expr()
            || expression.is_dict_expr()
            || expression.is_set_expr();
        walk_expr(self, expression);
    }
}
