//! Words that name Python, and whether text without such a word is Python.

use ruff_python_ast::{Alias, Expr, Stmt};

use crate::syntax::Tree;

/// Labels of scripts.
pub(crate) const SCRIPT: &[&str] = &["python", "python3", "py", "py3"];
/// Labels of console sessions.
pub(crate) const CONSOLE: &[&str] = &["pycon", "python-repl", "python-console"];

/// Whether a label is one of Python, in whichever case.
pub(crate) fn names_python(word: &str) -> bool {
    let lower = word.to_lowercase();
    SCRIPT.contains(&lower.as_str()) || CONSOLE.contains(&lower.as_str())
}

/// Whether a text without label is certainly Python: it parses, and two things in it are rare elsewhere.
pub(crate) fn is_certainly_python(text: &str) -> bool {
    let sign = |line: &str| {
        let line = line.trim_start();
        ["import ", "from ", "def ", "class ", "print(", "for ", "with ", "async ", "@"]
            .iter()
            .any(|word| line.starts_with(word))
    };
    if text.lines().filter(|line| sign(line)).nth(1).is_none() {
        return false;
    }

    let tree = Tree::parse(text);
    if tree.fault().is_some() {
        return false;
    }

    let (mut blocks, mut imports, mut prints) = (false, false, false);
    let mut strong = false;
    for statement in &tree.module().body {
        match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) | Stmt::For(_) | Stmt::With(_) | Stmt::Try(_) => {
                blocks = true;
                strong = true;
            }
            Stmt::ImportFrom(_) => {
                imports = true;
                strong = true;
            }
            Stmt::Import(import) => {
                imports = true;
                strong = strong || import.names.iter().any(|alias| is_used(alias, text));
            }
            Stmt::Expr(statement) => prints |= is_print(&statement.value),
            _ => {}
        }
    }

    strong && [blocks, imports, prints].into_iter().filter(|sign| *sign).count() >= 2
}

/// Whether a text takes something from a module that it imports: other languages hardly look so.
fn is_used(alias: &Alias, text: &str) -> bool {
    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
    let begins =
        |at: usize| !text[..at].ends_with(|letter: char| letter.is_alphanumeric() || "._".contains(letter));
    let is_import = |at: usize| text[..at].ends_with("import ") || text[..at].ends_with("as ");
    text.match_indices(&format!("{name}.")).any(|(at, _)| begins(at) && !is_import(at))
}

fn is_print(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else { return false };
    matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "print")
}

/// Whether a text is Python where code usually is: it parses, and has what hardly any other text has.
pub(crate) fn is_likely_python(text: &str) -> bool {
    let ends_otherwise =
        |line: &str| line.trim_end().ends_with([';', '{', '}']) && !line.contains([':', '=', '(']);
    if text.lines().any(ends_otherwise) {
        return false;
    }

    let tree = Tree::parse(text);
    if tree.fault().is_some() {
        return false;
    }

    let (mut imports, mut others) = (false, false);
    for statement in &tree.module().body {
        match statement {
            Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::With(_)
            | Stmt::Try(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::ImportFrom(_) => return true,
            Stmt::Import(_) => imports = true,
            Stmt::Assign(_) => others = true,
            Stmt::Expr(statement) => others |= statement.value.is_call_expr(),
            _ => {}
        }
    }
    imports && others
}

/// Whether a text is Python where the project says that code without a label is: besides what is likely, it prints,
/// checks, deletes, or gives names to what it computes. Values alone are output more often than code, and plain
/// assignments are settings.
pub(crate) fn is_plainly_python(text: &str) -> bool {
    if is_likely_python(text) {
        return true;
    }
    let is_foreign = |line: &str| line.trim_end().ends_with([';', '{']) || line.trim_start().starts_with('$');
    if text.lines().any(is_foreign) {
        return false;
    }

    let tree = Tree::parse(text);
    if tree.fault().is_some() {
        return false;
    }
    tree.module().body.iter().any(|statement| match statement {
        Stmt::Import(_) | Stmt::Assert(_) | Stmt::Delete(_) | Stmt::Raise(_) => true,
        Stmt::Assign(assigned) => computes(&assigned.value),
        Stmt::AugAssign(assigned) => computes(&assigned.value) || assigned.value.is_number_literal_expr(),
        Stmt::AnnAssign(assigned) => assigned.value.as_deref().is_some_and(computes),
        Stmt::Expr(statement) => is_print(&statement.value) || statement.value.is_await_expr(),
        _ => false,
    })
}

/// Whether an expression is one that settings do not have.
fn computes(value: &Expr) -> bool {
    match value {
        Expr::BinOp(both) => computes(&both.left) || computes(&both.right),
        Expr::Tuple(tuple) => tuple.elts.iter().any(computes),
        Expr::List(list) => list.elts.iter().any(computes),
        Expr::Call(_)
        | Expr::Lambda(_)
        | Expr::FString(_)
        | Expr::ListComp(_)
        | Expr::SetComp(_)
        | Expr::DictComp(_)
        | Expr::Generator(_)
        | Expr::Await(_)
        | Expr::Attribute(_)
        | Expr::Subscript(_)
        | Expr::If(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_certainly_python, is_likely_python, is_plainly_python};

    #[test]
    fn python_where_the_project_says_so() {
        for text in [
            "print(1)\n",
            "import math\n",
            "total = price(3)\ntotal\n",
            "name = user.name\n",
            "squares = [x * x for x in range(3)]\n",
            "count += 1\n",
            "assert total == 6\n",
            "del x\n",
            "await fetch()\n",
            "x = 1\nprint(x)\n",
            "class Shop:\n    open = True\n",
        ] {
            assert!(is_plainly_python(text), "{text}");
        }
        for text in [
            "",
            "hello\n",
            "True\n",
            "[1, 2, 3]\n",
            "{\"a\": 1}\n",
            "User(name='ada', age=3)\n",
            "x = 1\ny = 2\n",
            "[shop]\nname = open\n",
            "name: shop\nopen: true\n",
            "DATABASE=postgres\n",
            "ls -l\ngit status\n",
            "$ x = f()\n",
            "pip install shop\n",
            "make all\n",
            "a,b\n1,2\n",
            "x = f();\n",
            "console.log(\"x\")\n",
            "if this, then that\n",
        ] {
            assert!(!is_plainly_python(text), "{text}");
        }
    }

    #[test]
    fn python_without_a_label() {
        for text in [
            "from os import path\nprint(path.sep)\n",
            "import math\nprint(math.pi)\n",
            "import numpy as np\nprint(np.zeros(3))\n",
            "import os\n\ndef f():\n    return os\n",
            "for x in range(3):\n    print(x)\nprint(1)\n",
        ] {
            assert!(is_certainly_python(text), "{text}");
        }
        for text in [
            "import Foundation\nprint(\"hello\")\n",
            "import java.util.List;\nprint(1)\n",
            "from here to there\nimport taxes\n",
            "$ pip install x\n",
            "print(1)\nprint(2)\n",
            "class A {\n  def b() {}\n}\n",
            "for i in *; do echo $i; done\nprint(1)\n",
            "x = 1\ny = 2\n",
            "{\"a\": 1}\n",
            "",
        ] {
            assert!(!is_certainly_python(text), "{text}");
        }
    }

    #[test]
    fn python_where_code_usually_is() {
        for text in [
            "def f(x):\n    return x\n",
            "class Shop:\n    open = True\n",
            "from os import path\n",
            "import os\nos.getcwd()\n",
            "for x in range(3):\n    print(x)\n",
            "with open('a') as file:\n    file.read()\n",
        ] {
            assert!(is_likely_python(text), "{text}");
        }
        for text in [
            "name: shop\nopen: true\n",
            "2024-01-01 started\n2024-01-01 done: 3 files\n",
            "make all\nmake install\n",
            "src/\n    app.py\n",
            "The kettle sings,\nthe cups are white.\n",
            "import java.util.List;\nimport java.io.File;\n",
            "print(1)\n",
            "x = 1\n",
            "if this, then that\n",
            "",
        ] {
            assert!(!is_likely_python(text), "{text}");
        }
    }
}
