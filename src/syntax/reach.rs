//! What code may depend on beside itself, as far as its names tell.
//!
//! Honest code is told apart, no more: who wants to deceive can, and deceives himself about his own snippets.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt};

/// What code may depend on. Each includes the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Its own text, and modules of the standard library that look at nothing else.
    #[default]
    Itself,
    /// Files that it may read, packages that are installed.
    Files,
    /// Programs of the machine, and whatever they look at.
    Machine,
}

/// What a piece of code reaches, and which modules it imports on the way.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) reach: Reach,
    /// The first part of their names.
    pub(crate) modules: BTreeSet<String>,
}

/// Modules of the standard library that read no files and start no programs, unless a name of [`FILES`] or [`MACHINE`] is used.
const SELF_CONTAINED: [&str; 68] = [
    "__future__",
    "abc",
    "array",
    "ast",
    "asyncio",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "cmath",
    "codecs",
    "collections",
    "colorsys",
    "concurrent",
    "contextlib",
    "contextvars",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "dis",
    "enum",
    "fractions",
    "functools",
    "graphlib",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "inspect",
    "io",
    "itertools",
    "json",
    "keyword",
    "logging",
    "math",
    "numbers",
    "operator",
    "pprint",
    "queue",
    "random",
    "re",
    "reprlib",
    "sched",
    "secrets",
    "selectors",
    "signal",
    "statistics",
    "string",
    "stringprep",
    "struct",
    "sys",
    "textwrap",
    "threading",
    "time",
    "timeit",
    "token",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zlib",
];

/// Names, of anything, by which files or modules are reached, and everything behind them.
const FILES: [&str; 34] = [
    "FileHandler",
    "FileIO",
    "__builtins__",
    "__file__",
    "__getattribute__",
    "__globals__",
    "__import__",
    "__loader__",
    "__path__",
    "__spec__",
    "__subclasses__",
    "breakpoint",
    "builtins",
    "compile",
    "config",
    "copyright",
    "credits",
    "eval",
    "exec",
    "executable",
    "getattr",
    "globals",
    "handlers",
    "input",
    "license",
    "locals",
    "meta_path",
    "modules",
    "open",
    "os",
    "parse",
    "path",
    "path_hooks",
    "vars",
];

/// Of [`FILES`], usual names of variables: they count where they are somebody's attributes or are imported.
const ATTRIBUTES: [&str; 6] = ["config", "executable", "handlers", "modules", "parse", "path"];

/// Names by which programs are started, whatever they belong to.
const MACHINE: [&str; 27] = [
    "create_subprocess_exec",
    "create_subprocess_shell",
    "execl",
    "execle",
    "execlp",
    "execlpe",
    "execv",
    "execve",
    "execvp",
    "execvpe",
    "fork",
    "forkpty",
    "getnode",
    "popen",
    "posix_spawn",
    "posix_spawnp",
    "spawn",
    "spawnl",
    "spawnle",
    "spawnlp",
    "spawnlpe",
    "spawnv",
    "spawnve",
    "spawnvp",
    "spawnvpe",
    "system",
    "uuid1",
];

/// Modules that start programs or call into libraries of the machine.
const MACHINE_MODULES: [&str; 6] = ["cffi", "ctypes", "multiprocessing", "pexpect", "pty", "subprocess"];

impl Reached {
    pub(super) fn by(statements: &[Stmt]) -> Self {
        let mut reached = Self::default();
        reached.visit_body(statements);
        reached
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.at_least(other.reach);
        self.modules.extend(other.modules);
    }

    pub(super) fn at_least(&mut self, reach: Reach) {
        self.reach = self.reach.max(reach);
    }

    fn import(&mut self, module: &str) {
        let mut parts = module.split('.');
        let first = parts.next().unwrap_or_default();
        if MACHINE_MODULES.contains(&first) {
            self.at_least(Reach::Machine);
        } else if !SELF_CONTAINED.contains(&first) {
            self.at_least(Reach::Files);
        }
        parts.for_each(|part| self.name(part));
        self.modules.insert(first.to_owned());
    }

    fn name(&mut self, name: &str) {
        if MACHINE.contains(&name) {
            self.at_least(Reach::Machine);
        } else if FILES.contains(&name) {
            self.at_least(Reach::Files);
        }
    }
}

impl<'a> Visitor<'a> for Reached {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(&alias.name)),
            Stmt::ImportFrom(from) => {
                match &from.module {
                    Some(module) if from.level == 0 => self.import(module),
                    Some(_) | None => self.at_least(Reach::Files),
                }
                from.names.iter().for_each(|alias| self.name(&alias.name));
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) if !ATTRIBUTES.contains(&name.id.as_str()) => self.name(&name.id),
            Expr::Attribute(attribute) => self.name(&attribute.attr),
            _ => {}
        }
        walk_expr(self, expression);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_ascend() {
        for list in [&super::SELF_CONTAINED[..], &super::FILES, &super::MACHINE, &super::MACHINE_MODULES] {
            assert!(list.is_sorted());
        }
    }
}
