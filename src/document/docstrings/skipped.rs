//! `__doctest_skip__` and `__doctest_requires__`: which docstrings a module keeps from being tested (pytest-doctestplus,
//! "Skipping doctests in Python modules").

use globset::{GlobBuilder, GlobMatcher};
use ruff_python_ast::{ExceptHandler, Expr, Operator, Stmt, StmtIf};
use ruff_text_size::Ranged;

use crate::document::docstrings::guard::{Guard, Imports};
use crate::model::snippet::Line;
use crate::syntax::Tree;

/// Patterns of a module; no author needs more.
const MOST: usize = 1000;

const SKIP: &str = "__doctest_skip__";
/// Conditions within one another.
const DEEPEST: usize = 16;

/// Stands for the docstring of the module itself.
const MODULE: &str = ".";

/// What a module says about its docstrings.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Patterns, and what must hold for them to count.
    skipped: Vec<(Pattern, Vec<Guard>)>,
    /// Patterns, and the modules that the docstrings need.
    required: Vec<(Vec<Pattern>, String)>,
    /// Lines of values that show only where the module runs.
    pub(super) unread: Vec<Line>,
}

/// Reads the marks of a module.
struct Reader<'a> {
    tree: &'a Tree<'a>,
    marks: Marks,
    imports: Imports<'a>,
    /// What holds at the current statement.
    guards: Vec<Guard>,
    /// How many more patterns are read.
    room: usize,
}

#[derive(Clone, Copy)]
enum Change {
    Replaced,
    Added,
}

#[derive(Clone, Debug)]
enum Pattern {
    Module,
    Names(GlobMatcher),
}

impl Marks {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let (marks, imports, guards) = (Self::default(), Imports::default(), Vec::new());
        let mut reader = Reader { tree, marks, imports, guards, room: MOST };
        reader.suite(&tree.module().body);
        reader.marks
    }

    /// The options of a docstring, which is called as within its module.
    pub(super) fn options(&self, name: &str) -> Vec<(String, String)> {
        let fits = |pattern: &Pattern| match pattern {
            Pattern::Module => name == "__doc__",
            Pattern::Names(glob) => glob.is_match(name),
        };

        let mut options = Vec::new();
        for (_, guards) in self.skipped.iter().filter(|(pattern, _)| fits(pattern)) {
            let option = match guards.as_slice() {
                [] => ("__doctest_skip__", String::new()),
                [Guard::Lacks(modules)] => ("__doctest_requires__", modules.clone()),
                guards => ("skipif", Guard::expression(guards)),
            };
            let option = (option.0.to_owned(), option.1);
            if !options.contains(&option) {
                options.push(option);
            }
        }
        let required = self.required.iter().filter(|(patterns, _)| patterns.iter().any(fits));
        options.extend(required.map(|(_, modules)| ("__doctest_requires__".to_owned(), modules.clone())));
        options
    }
}

impl<'a> Reader<'a> {
    fn suite(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if self.guards.len() <= DEEPEST {
                self.statement(statement);
            }
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assigned) => {
                if let [Expr::Name(name)] = assigned.targets.as_slice() {
                    self.assigned(&name.id, &assigned.value);
                }
            }
            Stmt::AnnAssign(assigned) => {
                if let (Expr::Name(name), Some(value)) = (&*assigned.target, &assigned.value) {
                    self.assigned(&name.id, value);
                }
            }
            Stmt::AugAssign(assigned)
                if assigned.op == Operator::Add
                    && assigned.target.as_name_expr().is_some_and(|name| name.id.as_str() == SKIP) =>
            {
                self.skip(&assigned.value, Change::Added);
            }
            Stmt::Expr(statement) => self.called(&statement.value),
            Stmt::If(choice) => self.choice(choice),
            Stmt::Try(attempt) => {
                let modules = self.imports.tried(attempt);
                self.suite(&attempt.body);
                let lacks =
                    modules.map_or_else(|| Guard::Holds("an exception is raised".to_owned()), Guard::Lacks);
                for handler in &attempt.handlers {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    self.within(lacks.clone(), &handler.body);
                }
                self.within(lacks.negated(), &attempt.orelse);
                self.suite(&attempt.finalbody);
            }
            Stmt::With(with) => self.suite(&with.body),
            _ => {}
        }
    }

    fn within(&mut self, guard: Guard, body: &'a [Stmt]) {
        self.guards.push(guard);
        self.suite(body);
        self.guards.pop();
    }

    fn choice(&mut self, choice: &'a StmtIf) {
        let outer = self.guards.len();
        let guard = self.imports.guard(&choice.test, self.tree.source);
        self.within(guard.clone(), &choice.body);
        self.guards.push(guard.negated());
        for clause in &choice.elif_else_clauses {
            let Some(test) = &clause.test else {
                self.suite(&clause.body);
                continue;
            };
            let guard = self.imports.guard(test, self.tree.source);
            self.within(guard.clone(), &clause.body);
            self.guards.push(guard.negated());
        }
        self.guards.truncate(outer);
    }

    fn assigned(&mut self, name: &str, value: &'a Expr) {
        match (name, value) {
            // `__doctest_skip__ = __doctest_skip__ + […]`.
            (SKIP, Expr::BinOp(both))
                if both.left.as_name_expr().is_some_and(|name| name.id.as_str() == SKIP) =>
            {
                self.skip(&both.right, Change::Added);
            }
            (SKIP, value) => self.skip(value, Change::Replaced),
            ("__doctest_requires__", Expr::Dict(dict)) if self.guards.is_empty() => {
                for item in dict.items.iter().take(MOST) {
                    let Some(key) = &item.key else { continue };
                    let modules = texts(&item.value).unwrap_or_default().join(", ");
                    let patterns = patterns(key, &mut self.room).unwrap_or_default();
                    self.marks.required.push((patterns, modules));
                }
            }
            _ => {}
        }
    }

    /// `__doctest_skip__.append("f")`, `__doctest_skip__.extend(["f"])`.
    fn called(&mut self, value: &'a Expr) {
        let Some(call) = value.as_call_expr() else { return };
        let (Expr::Attribute(method), [value]) = (&*call.func, &*call.arguments.args) else { return };
        let is_ours = method.value.as_name_expr().is_some_and(|name| name.id.as_str() == SKIP);
        if is_ours && matches!(method.attr.as_str(), "append" | "extend") {
            self.skip(value, Change::Added);
        }
    }

    fn skip(&mut self, value: &'a Expr, change: Change) {
        let Some(patterns) = patterns(value, &mut self.room) else {
            self.marks.unread.push(Line(self.tree.line(value.start())));
            return;
        };
        // The last assignment counts, as in the module.
        match (change, self.guards.as_slice()) {
            (Change::Added, _) => {}
            (Change::Replaced, []) => self.marks.skipped.clear(),
            (Change::Replaced, [only]) => {
                let otherwise = only.negated();
                self.marks.skipped.retain(|(_, guards)| !guards.contains(only));
                self.marks.skipped.iter_mut().for_each(|(_, guards)| guards.push(otherwise.clone()));
            }
            (Change::Replaced, guards) => {
                let otherwise = Guard::Holds(format!("not ({})", Guard::expression(guards)));
                self.marks.skipped.iter_mut().for_each(|(_, guards)| guards.push(otherwise.clone()));
            }
        }
        let patterns = patterns.into_iter().map(|pattern| (pattern, self.guards.clone()));
        self.marks.skipped.extend(patterns);
    }
}

/// As many patterns as there is room for; `None` where only running the module tells.
fn patterns(value: &Expr, room: &mut usize) -> Option<Vec<Pattern>> {
    let read = texts(value)?.into_iter().take(*room).filter_map(|text| match text {
        MODULE => Some(Pattern::Module),
        // As `fnmatch`, for which a name has no parts.
        _ => GlobBuilder::new(text).build().ok().map(|glob| Pattern::Names(glob.compile_matcher())),
    });
    let patterns: Vec<Pattern> = read.collect();
    *room -= patterns.len();
    Some(patterns)
}

/// A text, or those of a list, a tuple or a set, or of two lists that are added.
fn texts(value: &Expr) -> Option<Vec<&str>> {
    let items: &[Expr] = match value {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::Set(set) => &set.elts,
        Expr::BinOp(both) if both.op == Operator::Add && both.left.is_list_expr() => {
            return Some([texts(&both.left)?, texts(&both.right)?].concat());
        }
        other => std::slice::from_ref(other),
    };
    items.iter().map(|item| item.as_string_literal_expr().map(|literal| literal.value.to_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::Marks;
    use crate::syntax::Tree;

    #[track_caller]
    fn check(module: &str, name: &str, expected: &[(&str, &str)]) {
        let marks = Marks::of(&Tree::parse(module));
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
    #[test]
    fn conditions_are_kept() {
        let skipif = |expression: &'static str| ("skipif", expression);
        let numpy = ("__doctest_requires__", "numpy");
        for (module, expected) in [
            (
                "if sys.platform == 'win32':\n    __doctest_skip__ = ['f']\n",
                skipif("sys.platform == 'win32'"),
            ),
            ("__doctest_skip__ = []\nif old():\n    __doctest_skip__ += ['f']\n", skipif("old()")),
            ("__doctest_skip__ = ['f']\nif new():\n    __doctest_skip__ = []\n", skipif("not (new())")),
            ("if a:\n    pass\nelse:\n    __doctest_skip__ = ['f']\n", skipif("not (a)")),
            ("if a:\n    if b:\n        __doctest_skip__ = ['f']\n", skipif("(a) and (b)")),
            ("if a:\n    pass\nelif b:\n    __doctest_skip__ = ['f']\n", skipif("(not (a)) and (b)")),
            ("try:\n    import numpy\nexcept ImportError:\n    __doctest_skip__ = ['f']\n", numpy),
            (
                "try:\n    import numpy\n    HAS = True\nexcept ImportError:\n    HAS = False\nif not HAS:\n    \
                 __doctest_skip__ = ['f']\n",
                numpy,
            ),
            (
                "try:\n    import numpy as np\nexcept (ImportError, OSError):\n    np = None\nif np is None:\n    \
                 __doctest_skip__ = ['f']\n",
                numpy,
            ),
            ("if importlib.util.find_spec('numpy') is None:\n    __doctest_skip__ = ['f']\n", numpy),
            ("if not find_spec('numpy'):\n    __doctest_skip__ = ['f']\n", numpy),
            ("__doctest_skip__ = []\n__doctest_skip__.append('f')\n", ("__doctest_skip__", "")),
            ("__doctest_skip__ = []\n__doctest_skip__ += ['f']\n", ("__doctest_skip__", "")),
            (
                "__doctest_skip__ = ['g']\n__doctest_skip__ = __doctest_skip__ + ['f']\n",
                ("__doctest_skip__", ""),
            ),
            ("__doctest_skip__ = ['g'] + ['f']\n", ("__doctest_skip__", "")),
        ] {
            check(module, "f", &[expected]);
        }
        check("__doctest_skip__ = ['f']\n__doctest_skip__ = ['g']\n", "f", &[]);
        let both = "if a:\n    __doctest_skip__ = ['f']\nelse:\n    __doctest_skip__ = []\n";
        check(both, "f", &[skipif("(a) and (not (not (a)))")]);
    }

    #[test]
    fn values_that_are_computed_are_said() {
        for (module, lines) in [
            ("__doctest_skip__ = names()\n", &[1][..]),
            ("x = 1\nif a:\n    __doctest_skip__ += [name]\n", &[3]),
            ("__doctest_skip__ = []\n__doctest_skip__.extend(names)\n", &[2]),
            ("__doctest_skip__ = ['f']\n", &[]),
        ] {
            let marks = Marks::of(&Tree::parse(module));
            assert_eq!(marks.unread.iter().map(|line| line.0).collect::<Vec<_>>(), lines, "{module}");
        }
    }
}
