//! Statements of `except` clauses that run only if the `try` above them fails: what they are said to print is false
//! where it succeeds.

use std::collections::HashMap;

use ruff_python_ast::{ExceptHandler, Stmt};
use ruff_text_size::{Ranged, TextSize};

use crate::syntax::Tree;

/// Exceptions that come on some machines only: their clauses are alternatives, and nothing that the document shows.
const OF_MACHINES: [&str; 5] =
    ["ImportError", "ModuleNotFoundError", "NameError", "KeyboardInterrupt", "OSError"];

/// The statements directly in `except` clauses of the module's own `try` statements, by their offsets, with the last line
/// of the `try`.
pub(super) fn rescuing(tree: &Tree<'_>) -> HashMap<TextSize, u32> {
    let mut found = HashMap::new();
    for statement in &tree.module().body {
        let Stmt::Try(tried) = statement else { continue };
        // Without the module something else has to do.
        if tried.body.iter().any(|inner| matches!(inner, Stmt::Import(_) | Stmt::ImportFrom(_))) {
            continue;
        }

        let last = tree.line(tried.range().end());
        for ExceptHandler::ExceptHandler(handler) in &tried.handlers {
            let types = handler.type_.as_ref().map_or("", |types| &tree.source[types.range()]);
            let letter = |letter: char| letter.is_alphanumeric() || letter == '_';
            let is_of_machine = types.split(|sign| !letter(sign)).any(|name| OF_MACHINES.contains(&name));
            if !is_of_machine {
                found.extend(handler.body.iter().map(|inner| (inner.range().start(), last)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::rescuing;
    use crate::syntax::Tree;

    #[track_caller]
    fn check(code: &str, expected: &[u32]) {
        let tree = Tree::parse(code);
        let mut lines: Vec<u32> = rescuing(&tree).keys().map(|start| tree.line(*start)).collect();
        lines.sort_unstable();
        assert_eq!(lines, expected, "{code}");
    }

    #[test]
    fn clauses() {
        check("try:\n    f()\nexcept ValueError as e:\n    print(e)\n    g()\nelse:\n    h()\n", &[4, 5]);
        check("try:\n    f()\nexcept (KeyError, ValueError):\n    if x:\n        g()\n", &[4]);
        check("try:\n    f()\nexcept:\n    g()\n", &[4]);
        check("try:\n    import x\nexcept Exception:\n    g()\n", &[]);
        check("try:\n    f()\nexcept ImportError:\n    g()\n", &[]);
        check("for x in y:\n    try:\n        f()\n    except ValueError:\n        g()\n", &[]);
    }
}
