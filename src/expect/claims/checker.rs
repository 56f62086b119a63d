//! Whether the comments of a snippet quote a type checker. What one accepts may fail when it runs, and the reverse.

use ruff_python_ast::Stmt;

use crate::syntax::{Tree, bodies};

/// Whether annotated code has a comment that quotes the complaint of a type checker: `# Error: too few arguments`.
pub(super) fn is_quoted(tree: &Tree<'_>) -> bool {
    let is_complaint = |text: &str| {
        let text = text.trim_start_matches(['#', ' ']).to_ascii_lowercase();
        let rest = text.strip_prefix("error").map(str::trim_start);
        let is_error = rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with([':', '!', '(', '.', ',', '-', '–', '—'])
        });
        is_error || ["mypy", "pyright", "type checker", "reveal_type"].iter().any(|name| text.contains(name))
    };
    tree.comments().any(|range| is_complaint(&tree.source[range])) && is_annotated(tree)
}

fn is_annotated(tree: &Tree<'_>) -> bool {
    let mut open: Vec<&[Stmt]> = vec![&tree.module().body];
    while let Some(body) = open.pop() {
        for statement in body {
            let is_annotated = match statement {
                Stmt::AnnAssign(_) => true,
                Stmt::FunctionDef(function) => {
                    function.returns.is_some()
                        || function.parameters.iter().any(|parameter| parameter.annotation().is_some())
                }
                _ => false,
            };
            if is_annotated {
                return true;
            }
            open.extend(bodies(statement));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_quoted;
    use crate::syntax::Tree;

    #[test]
    fn complaints_in_annotated_code() {
        for (code, expected) in [
            ("def f(x: int): ...\nf('a')  # Error: str is no int\n", true),
            ("def f(x) -> int: ...\nf('a')  # error\n", true),
            ("class A:\n    x: int = 1\nA.x = 'a'  # mypy complains\n", true),
            ("def f(x): ...\nf('a')  # Error: str is no int\n", false),
            ("x: int = 1\nx()  # OK\n", false),
            ("x: int = 1\nx()  # errors are shown\n", false),
            ("x: int = 1\nprint('# Error: no')\n", false),
        ] {
            assert_eq!(is_quoted(&Tree::parse(code)), expected, "{code}");
        }
    }
}
