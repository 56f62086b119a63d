//! What a simple statement does to names.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt};

/// Names of one statement that are considered.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Gives a name to what is made from other names.
    Assigns {
        target: String,
        from: Vec<String>,
    },
    Deletes(Vec<String>),
    /// Calls a method of the object with this name.
    Calls(String),
    Other,
}

impl Effect {
    pub(super) fn of(stmt: &Stmt) -> Self {
        let assigned = |target: &Expr, value: &Expr| match name(target) {
            Some(target) => Self::Assigns { target, from: names(value) },
            None => Self::Other,
        };

        match stmt {
            Stmt::Assign(assignment) => match &assignment.targets[..] {
                [target] => assigned(target, &assignment.value),
                _ => Self::Other,
            },
            Stmt::AnnAssign(assignment) => match &assignment.value {
                Some(value) => assigned(&assignment.target, value),
                None => Self::Other,
            },
            Stmt::Delete(deletion) => {
                let deleted: Option<Vec<String>> = deletion.targets.iter().map(name).collect();
                deleted.filter(|names| names.len() <= MOST).map_or(Self::Other, Self::Deletes)
            }
            Stmt::Expr(expression) => receiver(&expression.value).map_or(Self::Other, Self::Calls),
            _ => Self::Other,
        }
    }
}

fn name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        _ => None,
    }
}

fn receiver(expression: &Expr) -> Option<String> {
    let Expr::Call(call) = expression else { return None };
    let Expr::Attribute(method) = &*call.func else { return None };
    name(&method.value)
}

fn names(expression: &Expr) -> Vec<String> {
    let mut names = NameCollector(Vec::new());
    names.visit_expr(expression);
    names.0
}

struct NameCollector(Vec<String>);

impl<'a> Visitor<'a> for NameCollector {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if self.0.len() < MOST {
            self.0.extend(name(expression));
            walk_expr(self, expression);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Effect;
    use crate::syntax::Tree;

    #[test]
    fn statements_and_names() {
        let assigns = |target: &str, from: &[&str]| Effect::Assigns {
            target: target.to_owned(),
            from: from.iter().map(ToString::to_string).collect(),
        };
        for (code, expected) in [
            ("x = [y, f(z)]", assigns("x", &["y", "f", "z"])),
            ("x: int = 3", assigns("x", &[])),
            ("x.a = y", Effect::Other),
            ("x = y = z", Effect::Other),
            ("del a, b", Effect::Deletes(vec!["a".to_owned(), "b".to_owned()])),
            ("del a[0]", Effect::Other),
            ("a.sort()", Effect::Calls("a".to_owned())),
            ("a.b.sort()", Effect::Other),
            ("sort(a)", Effect::Other),
        ] {
            let tree = Tree::parse(code);
            assert_eq!(Effect::of(&tree.module().body[0]), expected, "{code}");
        }
    }
}
