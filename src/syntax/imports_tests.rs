//! Tests of [`FirstImports`].

use crate::syntax::Tree;
use crate::syntax::imports::FirstImports;

fn first(code: &str) -> String {
    let mut first = FirstImports::default();
    Tree::parse(code).first_imports(&mut first);
    let imports = first.imports.iter().map(|import| match &import.name {
        Some(name) => format!("{}:{name}", import.module),
        None => import.module.clone(),
    });
    let end = if first.has_ended { " |" } else { "" };
    format!("{}{end}", imports.collect::<Vec<_>>().join(" "))
}

#[test]
fn imports_come_first() {
    assert_eq!(first("import a, b.c\nfrom d import e, f as g\n"), "a b.c d d:e d:f");
    assert_eq!(first("from d import *\nimport a"), "d a");
    assert_eq!(first("'''Text.'''\nimport os\nimport a"), "os a");
}

#[test]
fn what_can_wait_does() {
    for code in [
        "x = [1, (y, 'z')]",
        "def f(x: int = 1) -> int:\n    return g(x)",
        "if TYPE_CHECKING:\n    import c",
        "pass",
        "...",
    ] {
        assert_eq!(first(&format!("import a\n{code}\nimport b")), "a b", "{code}");
    }
}

#[test]
fn anything_else_ends_them() {
    for code in [
        "f()",
        "x = a.b",
        "a.b = 1",
        "x[0] = 1",
        "del x",
        "x += 1",
        "x = f'{y}'",
        "x = y + 1",
        "class A: pass",
        "@f\ndef g(): pass",
        "def f(x=g()): pass",
        "if x:\n    import c",
        "if TYPE_CHECKING:\n    import c\nelse:\n    import d",
        "try:\n    import c\nexcept ImportError: pass",
        "from . import c",
        "x = 1 +",
    ] {
        assert_eq!(first(&format!("import a\n{code}\nimport b")).split('|').count(), 2, "{code}");
    }
}
