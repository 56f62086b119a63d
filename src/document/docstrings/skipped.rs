//! `__doctest_skip__` and `__doctest_requires__`: which docstrings a module keeps from being tested (pytest-doctestplus,
//! "Skipping doctests in Python modules").

use globset::{GlobBuilder, GlobMatcher};
use ruff_python_ast::{Expr, Stmt};

/// Patterns of a module; no author needs more.
const MOST: usize = 1000;

/// Stands for the docstring of the module itself.
const MODULE: &str = ".";

/// What a module says about its docstrings.
#[derive(Debug, Default)]
pub(super) struct Marks {
    skipped: Vec<Pattern>,
    /// Patterns, and the modules that the docstrings need.
    required: Vec<(Vec<Pattern>, String)>,
}

#[derive(Debug)]
enum Pattern {
    Module,
    Names(GlobMatcher),
}

impl Marks {
    pub(super) fn of(body: &[Stmt]) -> Self {
        let mut marks = Self::default();
        let mut room = MOST;
        for statement in body {
            let Some((name, value)) = assigned(statement) else { continue };
            match (name, value) {
                // The last assignment counts, as in the module.
                ("__doctest_skip__", value) => marks.skipped = patterns(value, &mut room),
                ("__doctest_requires__", Expr::Dict(dict)) => {
                    for item in dict.items.iter().take(MOST) {
                        let Some(key) = &item.key else { continue };
                        let modules = texts(&item.value).collect::<Vec<_>>().join(", ");
                        marks.required.push((patterns(key, &mut room), modules));
                    }
                }
                _ => {}
            }
        }
        marks
    }

    /// The options of a docstring, which is called as within its module.
    pub(super) fn options(&self, name: &str) -> Vec<(String, String)> {
        let fits = |pattern: &Pattern| match pattern {
            Pattern::Module => name == "__doc__",
            Pattern::Names(glob) => glob.is_match(name),
        };

        let mut options = Vec::new();
        if self.skipped.iter().any(fits) {
            options.push(("__doctest_skip__".to_owned(), String::new()));
        }
        let required = self.required.iter().filter(|(patterns, _)| patterns.iter().any(fits));
        options.extend(required.map(|(_, modules)| ("__doctest_requires__".to_owned(), modules.clone())));
        options
    }
}

fn assigned(statement: &Stmt) -> Option<(&str, &Expr)> {
    match statement {
        Stmt::Assign(assigned) => match assigned.targets.as_slice() {
            [Expr::Name(name)] => Some((name.id.as_str(), &assigned.value)),
            _ => None,
        },
        Stmt::AnnAssign(assigned) => {
            let name = assigned.target.as_name_expr()?;
            Some((name.id.as_str(), assigned.value.as_deref()?))
        }
        _ => None,
    }
}

/// As many patterns as there is room for.
fn patterns(value: &Expr, room: &mut usize) -> Vec<Pattern> {
    let read = texts(value).take(*room).filter_map(|text| match text {
        MODULE => Some(Pattern::Module),
        // As `fnmatch`, for which a name has no parts.
        _ => GlobBuilder::new(text).build().ok().map(|glob| Pattern::Names(glob.compile_matcher())),
    });
    let patterns: Vec<Pattern> = read.collect();
    *room -= patterns.len();
    patterns
}

/// A text, or those of a list, a tuple or a set.
fn texts(value: &Expr) -> impl Iterator<Item = &str> {
    let items: &[Expr] = match value {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::Set(set) => &set.elts,
        other => std::slice::from_ref(other),
    };
    items.iter().filter_map(|item| item.as_string_literal_expr().map(|literal| literal.value.to_str()))
}

#[cfg(test)]
mod tests {
    use super::Marks;
    use crate::syntax::Tree;

    #[track_caller]
    fn check(module: &str, name: &str, expected: &[(&str, &str)]) {
        let marks = Marks::of(&Tree::parse(module).module().body);
        let found = marks.options(name);
        let found: Vec<_> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, expected, "{module}: {name}");
    }

    #[test]
    fn names_are_patterns() {
        let skip = ("__doctest_skip__", "");
        for (module, name) in [
            ("__doctest_skip__ = ['f']", "f"),
            ("__doctest_skip__ = ['A.*']", "A.method"),
            ("__doctest_skip__ = ('*',)", "A.method"),
            ("__doctest_skip__ = {'[ab]?'}", "bc"),
            ("__doctest_skip__ = '*'", "__doc__"),
            ("__doctest_skip__: list[str] = ['.']", "__doc__"),
        ] {
            check(module, name, &[skip]);
        }
        for (module, name) in [
            ("__doctest_skip__ = ['f']", "f.g"),
            ("__doctest_skip__ = ['A.*']", "A"),
            ("__doctest_skip__ = ['.']", "f"),
            ("__doctest_skip__ = names()", "f"),
            ("x.__doctest_skip__ = ['*']", "f"),
            ("def f():\n    __doctest_skip__ = ['*']", "f"),
        ] {
            check(module, name, &[]);
        }
    }

    #[test]
    fn modules_are_required() {
        let module =
            "__doctest_requires__ = {('f', 'A.*'): ['numpy>=2', 'scipy'], '*': 'json', 'g': names()}";
        let (both, json) = (("__doctest_requires__", "numpy>=2, scipy"), ("__doctest_requires__", "json"));
        check(module, "f", &[both, json]);
        check(module, "A.b", &[both, json]);
        check(module, "h", &[json]);
    }
}
