//! JSON, and Python's way to write the same data.

use ruff_python_ast::{Expr, Number, Stmt, UnaryOp};
use serde_json::Value;

use crate::syntax::Tree;

/// The data of a text in either spelling.
pub(super) fn data(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().or_else(|| {
        let tree = Tree::parse(text);
        let [Stmt::Expr(statement)] = &tree.module().body[..] else { return None };
        tree.fault().is_none().then(|| value(&statement.value)).flatten()
    })
}

/// The tree is no deeper than a walk may go.
fn value(expression: &Expr) -> Option<Value> {
    match expression {
        Expr::NoneLiteral(_) => Some(Value::Null),
        Expr::BooleanLiteral(literal) => Some(Value::Bool(literal.value)),
        Expr::StringLiteral(literal) => Some(Value::String(literal.value.to_str().to_owned())),
        Expr::NumberLiteral(literal) => number(&literal.value, ""),
        Expr::UnaryOp(operation) if operation.op == UnaryOp::USub => match &*operation.operand {
            Expr::NumberLiteral(literal) => number(&literal.value, "-"),
            _ => None,
        },
        Expr::List(list) => list.elts.iter().map(value).collect(),
        Expr::Tuple(tuple) => tuple.elts.iter().map(value).collect(),
        Expr::Dict(dict) => {
            let item = |key: Option<&Expr>, item| match value(key?)? {
                Value::String(key) => Some((key, value(item)?)),
                _ => None,
            };
            dict.items.iter().map(|entry| item(entry.key.as_ref(), &entry.value)).collect()
        }
        _ => None,
    }
}

fn number(number: &Number, sign: &str) -> Option<Value> {
    match number {
        Number::Int(digits) => serde_json::from_str(&format!("{sign}{digits}")).ok(),
        Number::Float(float) => serde_json::from_str(&format!("{sign}{float:?}")).ok(),
        Number::Complex { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::data;

    #[track_caller]
    fn check(json: &str, python: &str, expected: bool) {
        let (json, python) = (data(json), data(python));
        assert_eq!(json.is_some() && json == python, expected, "{json:?} {python:?}");
    }

    #[test]
    fn both_spellings() {
        check(r#"{"a": [1, -2.5, true, null]}"#, "{'a': [1, -2.5, True, None]}", true);
        check(r#"{"a": ["it's", "ü"]}"#, "{'a': (\"it's\", 'ü')}", true);
        check(r#"{"1": 2}"#, "{1: 2}", false);
        check("[1]", "[2]", false);
        check("[1]", "f([1])", false);
        check("[1]", "[1]; [1]", false);
        check("a", "b", false);
        check(&"[".repeat(100_000), &"[".repeat(100_000), false);
    }
}
