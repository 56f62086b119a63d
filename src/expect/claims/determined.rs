//! Code whose result is the same in every run on every machine, because it consists of nothing but literals and pure
//! builtins.

use ruff_python_ast::{Expr, Stmt};

use crate::syntax::Tree;

const PURE: &[&str] = &[
    "print", "len", "sum", "min", "max", "abs", "round", "sorted", "str", "int", "float", "bool", "list",
    "tuple", "range", "ord", "chr", "divmod", "pow", "bin", "hex", "oct", "all", "any",
];

/// Whether nothing in the code can differ from run to run. Names may be anything.
pub(super) fn is_determined(code: &str) -> bool {
    let tree = Tree::parse(code.trim());
    let [Stmt::Expr(statement)] = &tree.module().body[..] else { return false };
    if tree.fault().is_some() || tree.too_deep.is_some() {
        return false;
    }

    let mut open = vec![&*statement.value];
    while let Some(expression) = open.pop() {
        match expression {
            Expr::BinOp(operation) => open.extend([&*operation.left, &*operation.right]),
            Expr::UnaryOp(operation) => open.push(&operation.operand),
            Expr::BoolOp(operation) => open.extend(&operation.values),
            Expr::Compare(comparison) => {
                open.push(&comparison.left);
                open.extend(&comparison.comparators);
            }
            Expr::List(list) => open.extend(&list.elts),
            Expr::Tuple(tuple) => open.extend(&tuple.elts),
            Expr::Subscript(subscript) => open.extend([&*subscript.value, &*subscript.slice]),
            Expr::Call(call) if call.arguments.keywords.is_empty() => {
                match &*call.func {
                    Expr::Name(name) if PURE.contains(&name.id.as_str()) => {}
                    Expr::Attribute(attribute) if attribute.value.is_literal_expr() => {}
                    _ => return false,
                }
                open.extend(&call.arguments.args);
            }
            literal if literal.is_literal_expr() => {}
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_determined;

    #[test]
    fn code() {
        for code in
            ["print(2 + 2)", "len('abc') * 2  ", "'ab'.upper()", "sorted([3, 1])[0]", "print('a', 1 < 2)"]
        {
            assert!(is_determined(code), "{code}");
        }
        for code in
            ["x + 1", "print({1, 2})", "id(3)", "hash('a')", "f(2)", "x = 3", "print(end='')", "", "2 +"]
        {
            assert!(!is_determined(code), "{code}");
        }
    }
}
