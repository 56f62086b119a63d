//! Which modules code imports before it does anything that could change how they load.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};

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
    /// Whether something came that may change how modules load: nothing after it counts.
    pub(crate) has_ended: bool,
}

/// Names, of anything, by which code changes how modules load, or sees when they do.
const CHANGING: [&str; 47] = [
    "__builtins__",
    "__dict__",
    "__import__",
    "__setattr__",
    "_getframe",
    "addaudithook",
    "atexit",
    "builtins",
    "chdir",
    "compile",
    "ctypes",
    "delattr",
    "delitem",
    "environ",
    "eval",
    "exec",
    "fork",
    "gc",
    "getrandom",
    "globals",
    "importlib",
    "locale",
    "locals",
    "meta_path",
    "mock",
    "modules",
    "monkeypatch",
    "multiprocessing",
    "os",
    "patch",
    "path_hooks",
    "pkgutil",
    "psutil",
    "putenv",
    "resource",
    "runpy",
    "setattr",
    "setprofile",
    "settrace",
    "signal",
    "site",
    "subprocess",
    "sys",
    "threading",
    "tracemalloc",
    "vars",
    "warnings",
];

/// Names of objects in methods, which are no modules.
const OBJECTS: [&str; 2] = ["cls", "self"];

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
        let mut effects = Effects::default();
        effects.visit_stmt(statement);
        match statement {
            Stmt::Import(import) if !effects.may_change => {
                let modules = import.names.iter().map(|alias| alias.name.to_string());
                self.imports.extend(modules.map(|module| Imported { module, name: None }));
            }
            Stmt::ImportFrom(from) if !effects.may_change && from.level == 0 => {
                let Some(module) = &from.module else { return };
                let names = from.names.iter().map(|alias| alias.name.as_str());
                self.imports.push(Imported { module: module.to_string(), name: None });
                self.imports.extend(
                    names
                        .filter(|name| *name != "*")
                        .map(|name| Imported { module: module.to_string(), name: Some(name.to_owned()) }),
                );
            }
            _ => {}
        }
        self.has_ended |= effects.may_change;
    }
}

/// Whether a statement may change what later imports do.
#[derive(Default)]
struct Effects {
    may_change: bool,
}

impl Effects {
    fn name(&mut self, name: &str) {
        self.may_change |= name.split('.').any(|part| CHANGING.contains(&part));
    }

    fn target(&mut self, target: &Expr) {
        match target {
            // `name.attribute = …` may be any module's.
            Expr::Attribute(attribute) => {
                let of_object =
                    matches!(&*attribute.value, Expr::Name(name) if OBJECTS.contains(&name.id.as_str()));
                self.may_change |= !of_object;
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.target(element)),
            Expr::List(list) => list.elts.iter().for_each(|element| self.target(element)),
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Effects {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.name(&alias.name)),
            Stmt::ImportFrom(from) => {
                from.module.iter().for_each(|module| self.name(module));
                from.names.iter().for_each(|alias| self.name(&alias.name));
            }
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.target(target)),
            Stmt::AugAssign(assign) => self.target(&assign.target),
            Stmt::AnnAssign(assign) => self.target(&assign.target),
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.target(target)),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => self.name(&name.id),
            Expr::Attribute(attribute) => self.name(&attribute.attr),
            _ => {}
        }
        walk_expr(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::Tree;

    fn first(code: &str) -> String {
        let mut first = super::FirstImports::default();
        Tree::parse(code).first_imports(&mut first);
        let imports = first.imports.iter().map(|import| match &import.name {
            Some(name) => format!("{}:{name}", import.module),
            None => import.module.clone(),
        });
        let end = if first.has_ended { " |" } else { "" };
        format!("{}{end}", imports.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn imports_before_anything_that_changes_how_modules_load() {
        assert_eq!(first("import a, b.c\nfrom d import e, f as g\n"), "a b.c d d:e d:f");
        assert_eq!(first("print(1)\nclass A:\n    x: int\nimport a"), "a");
        assert_eq!(first("from . import a\nfrom .b import c\nfrom d import *"), "d");
        assert_eq!(first("if x:\n    import a\nimport b"), "b");
    }

    #[test]
    fn what_may_change_it_ends_them() {
        for line in [
            "import sys",
            "from os import environ",
            "a.b = 1",
            "x, a.b = 1, 2",
            "del a.b",
            "setattr(a, 'b', 1)",
            "a.__dict__.update(b=1)",
            "exec('import x')",
            "with patch('a.b'): pass",
            "import unittest.mock",
            "import warnings",
        ] {
            assert_eq!(first(&format!("import a\n{line}\nimport b")), "a |", "{line}");
        }
    }

    #[test]
    fn names_ascend() {
        assert!(super::CHANGING.is_sorted());
    }
}
