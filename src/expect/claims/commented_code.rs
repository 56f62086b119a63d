//! Code that stands in a comment, with the exception that it would raise: `# x.y = 3  # AttributeError`.

use std::ops::Range;

use ruff_python_ast::{Expr, Stmt};

use crate::expect::claims::reading::{self, CommentMeaning};
use crate::syntax::Tree;

/// Longer code in a comment is not tried.
const LONGEST: usize = 2000;
/// Consecutive lines of comments that are looked through; further ones are ignored.
const LINES: usize = 60;

/// Code on one of several consecutive lines of comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommentedCode {
    /// The number of the line among the consecutive ones, from 0.
    pub(super) line: usize,
    /// The name of the exception.
    pub(super) name: String,
    /// The range of the exception in its line.
    pub(super) core: Range<usize>,
    pub(super) code: String,
}

/// Code in consecutive lines of comments, which are given without their signs.
pub(super) fn commented_code(lines: &[String]) -> Vec<CommentedCode> {
    let lines = lines.get(..LINES).unwrap_or(lines);
    let mut imports = String::new();
    let mut found = Vec::new();
    for (line, text) in lines.iter().enumerate().filter(|(_, text)| text.len() <= LONGEST) {
        if is_import(text) {
            imports.extend([unmarked(text), "\n"]);
        }
        found.extend(attempt(lines, line, &imports));
    }
    found
}

fn attempt(lines: &[String], line: usize, imports: &str) -> Option<CommentedCode> {
    let text = &lines[line];
    // Most comments are prose, which shows without a parser.
    let inner = text.rfind('#').filter(|sign| !text[..*sign].trim().is_empty())?;
    let reading = reading::read(&text[inner + 1..]);
    let CommentMeaning::Error(name) = reading.meaning else { return None };
    let place = inner + 1 + reading.core.start..inner + 1 + reading.core.end;
    let statement = unmarked(&text[..inner]);

    let mut code = format!("{imports}{}", statement.trim_end());
    if statement.trim_end().ends_with(':') {
        for below in
            lines[line + 1..].iter().map(|below| unmarked(below)).take_while(|below| is_indented(below))
        {
            code.extend(["\n", below]);
        }
    }

    code.push('\n');
    does_something(&code).then_some(CommentedCode { line, name, core: place, code })
}

/// The text without the blank after the sign.
fn unmarked(text: &str) -> &str {
    text.strip_prefix(' ').unwrap_or(text)
}

fn is_indented(text: &str) -> bool {
    text.starts_with([' ', '\t']) && !text.trim().is_empty()
}

fn is_import(text: &str) -> bool {
    let code = unmarked(text);
    if !(code.starts_with("import ") || code.starts_with("from ")) {
        return false;
    }
    let tree = Tree::parse(code);
    tree.fault().is_none() && matches!(tree.module().body[..], [Stmt::Import(_) | Stmt::ImportFrom(_)])
}

/// Whether a text is code with an effect, and not a word or a value that happens to be Python.
fn does_something(code: &str) -> bool {
    if code.len() > LONGEST {
        return false;
    }

    let tree = Tree::parse(code);
    let last = tree.module().body.last();
    tree.fault().is_none()
        && tree.too_deep.is_none()
        && last.is_some_and(|last| match last {
            Stmt::Expr(expression) => {
                matches!(
                    *expression.value,
                    Expr::Call(_)
                        | Expr::Subscript(_)
                        | Expr::Attribute(_)
                        | Expr::BinOp(_)
                        | Expr::Compare(_)
                )
            }
            Stmt::Assign(_)
            | Stmt::AugAssign(_)
            | Stmt::AnnAssign(_)
            | Stmt::Delete(_)
            | Stmt::ClassDef(_)
            | Stmt::With(_)
            | Stmt::For(_)
            | Stmt::Import(_)
            | Stmt::ImportFrom(_)
            | Stmt::Assert(_) => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::commented_code;

    #[track_caller]
    fn check(comments: &str, expected: &[(usize, &str, &str)]) {
        let lines: Vec<String> = comments.lines().map(str::to_owned).collect();
        let found = commented_code(&lines);
        let found: Vec<_> =
            found.iter().map(|attempt| (attempt.line, &*attempt.name, attempt.code.trim_end())).collect();
        assert_eq!(found, expected, "{comments}");
        for attempt in commented_code(&lines) {
            assert_eq!(lines[attempt.line][attempt.core], attempt.name);
        }
    }

    #[test]
    fn code_in_comments() {
        check(" row[0] = 1  # TypeError", &[(0, "TypeError", "row[0] = 1")]);
        check(" next(it)  # StopIteration!", &[(0, "StopIteration", "next(it)")]);
        check("f(1)  # raises ValueError: no", &[(0, "ValueError", "f(1)")]);
        check(" f(1)  # KeyError\n f(2)  # KeyError", &[(0, "KeyError", "f(1)"), (1, "KeyError", "f(2)")]);
        check(
            " Needs an import:\n import json\n json.loads('')  # ValueError",
            &[(2, "ValueError", "import json\njson.loads('')")],
        );
        check(
            " class A(B):  # TypeError!\n     pass\n     x = 1\n The end",
            &[(0, "TypeError", "class A(B):\n    pass\n    x = 1")],
        );
        check(" f('#')  # KeyError", &[(0, "KeyError", "f('#')")]);
    }

    #[test]
    fn prose_in_comments() {
        for comments in [
            " x  # KeyError",
            " 'text'  # KeyError",
            " raises # KeyError",
            " see issue #3",
            " f(x)  # Type error!",
            " f(x)  # Error: no such key",
            " f(x)  # KeyError if x is missing",
            " f(x)  # 3",
            " when you call f(x)  # KeyError",
            " KeyError",
            " f(x",
            " class A:  # TypeError",
        ] {
            check(comments, &[]);
        }
    }
}
