//! Python source as a tree, without running it. Knows neither documents nor what becomes of the code.

mod bodies;
mod depth;
mod imports;
#[cfg(test)]
mod imports_tests;
mod reach;
#[cfg(test)]
mod reach_tests;

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, ModModule, PySourceType, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked, parse_unchecked_source};
use ruff_text_size::{Ranged, TextRange, TextSize};

pub(crate) use self::bodies::bodies;
pub(crate) use self::imports::{FirstImports, Imported};
pub(crate) use self::reach::{Reach, Reached};

/// The oldest version whose syntax is told apart.
const OLDEST_MINOR: u8 = 7;

/// Source and its tree. What cannot be parsed has a tree as well, as far as it goes.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(crate) source: &'a str,
    parsed: Parsed<ModModule>,
    /// Offsets at which lines begin.
    starts: Vec<TextSize>,
    /// The line of a statement that nests too deep to be looked at: the tree is empty.
    pub(crate) too_deep: Option<u32>,
}

/// The first thing that no Python would compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxFault {
    /// Of the source, from 1.
    pub(crate) line: u32,
    pub(crate) message: String,
}

impl<'a> Tree<'a> {
    pub(crate) fn parse(source: &'a str) -> Self {
        let starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', source.as_bytes()).map(|end| end + 1));
        let starts = starts.filter_map(|start| TextSize::try_from(start).ok()).collect();
        let parse = |source| parse_unchecked_source(source, PySourceType::Python);
        let mut tree = Self { source, parsed: parse(source), starts, too_deep: None };
        if let Some(offset) = depth::excessive(source, &tree.parsed.syntax().body) {
            tree.too_deep = Some(tree.line(offset));
            // What frees a tree goes as deep as the tree, and so does the stack.
            std::mem::forget(std::mem::replace(&mut tree.parsed, parse("")));
        }
        tree
    }

    pub(crate) fn module(&self) -> &ModModule {
        self.parsed.syntax()
    }

    pub(crate) fn fault(&self) -> Option<SyntaxFault> {
        if let Some(line) = self.too_deep {
            return Some(SyntaxFault { line, message: "Nests too deep".to_owned() });
        }
        let error = self.parsed.errors().first()?;
        Some(SyntaxFault { line: self.line(error.location.start()), message: error.error.to_string() })
    }

    /// The minor version of the first Python 3 that compiles code that some Python compiles.
    pub(crate) fn needed_minor(&self) -> Option<u8> {
        if self.fault().is_some() {
            return None;
        }
        let newest = PythonVersion::latest_preview().minor;
        (OLDEST_MINOR..=newest).find(|minor| {
            let version = PythonVersion { major: 3, minor: *minor };
            let options = ParseOptions::from(Mode::Module).with_target_version(version);
            parse_unchecked(self.source, options).unsupported_syntax_errors().is_empty()
        })
    }

    /// Whether it would do nothing if it ran: it is no Python, or only values.
    pub(crate) fn is_inert(&self) -> bool {
        let is_value = |statement: &Stmt| match statement {
            Stmt::Expr(expression) => match &*expression.value {
                Expr::List(_) | Expr::Tuple(_) | Expr::Dict(_) | Expr::Set(_) => true,
                _ => !self.source[statement.range()].contains('('),
            },
            _ => false,
        };
        self.fault().is_some() || self.module().body.iter().all(is_value)
    }

    /// What it may depend on. Of what no Python compiles nobody knows.
    pub(crate) fn reached(&self) -> Reached {
        let mut reached = Reached::by(&self.module().body);
        if self.fault().is_some() {
            reached.at_least(Reach::Files);
        }
        reached
    }

    /// Goes on with its imports, as code that runs after what was read.
    pub(crate) fn first_imports(&self, first: &mut FirstImports) {
        if self.fault().is_some() {
            first.has_ended = true;
        }
        first.read(&self.module().body);
    }

    /// With their `#`.
    pub(crate) fn comments(&self) -> impl Iterator<Item = TextRange> {
        let tokens = self.parsed.tokens().iter();
        tokens.filter(|token| token.kind() == TokenKind::Comment).map(Ranged::range)
    }

    /// From 1.
    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// Bytes in front of it on its line, as `ast` counts `col_offset`.
    pub(crate) fn column(&self, offset: TextSize) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        self.starts.get(line.saturating_sub(1)).map_or(0, |start| u32::from(offset - *start))
    }
}

#[cfg(test)]
mod tests {
    use super::{SyntaxFault, Tree};

    #[test]
    fn places_and_comments() {
        let tree = Tree::parse("x = '#'  # one\n\nif x:\n    y = 2 # two\n");
        assert_eq!(tree.fault(), None);
        let comments: Vec<_> = tree
            .comments()
            .map(|range| (tree.line(range.start()), tree.column(range.start()), &tree.source[range]))
            .collect();
        assert_eq!(comments, [(1, 9, "# one"), (4, 10, "# two")]);
    }

    #[test]
    fn what_nests_too_deep_is_a_fault() {
        let deep = |unit: &str| format!("x = 1\ny = {}1\n", unit.repeat(200_000));
        for unit in ["1 + ", "-", "not ", "lambda: ", "1 if 1 else ", "1 ** ", "await ", "f(", "[", "{1:"] {
            assert_eq!(Tree::parse(&deep(unit)).fault().map(|fault| fault.line), Some(2), "{unit}");
        }
        for unit in [".a", "()", "[1]"] {
            let code = format!("x = y{}\n", unit.repeat(200_000));
            assert_eq!(Tree::parse(&code).fault().map(|fault| fault.line), Some(1), "{unit}");
        }
        let blocks: String = (0..2000).flat_map(|depth| [" ".repeat(depth), "if x:\n".to_owned()]).collect();
        assert!(Tree::parse(&format!("{blocks}{}pass\n", " ".repeat(2000))).fault().is_some());
        for code in [format!("{}1\n", "1 + ".repeat(100)), format!("x = [{}]\n", "1, ".repeat(100_000))] {
            assert_eq!(Tree::parse(&code).fault(), None);
        }
    }

    #[test]
    fn syntax_needs_a_version() {
        for (code, expected) in [
            ("x = 1\n", Some(7)),
            ("print(f'{x!r}')\n", Some(7)),
            ("match x:\n    case 1:\n        pass\n", Some(10)),
            ("try:\n    f()\nexcept* ValueError:\n    pass\n", Some(11)),
            ("type Pair[T] = tuple[T, T]\n", Some(12)),
            ("def f[T](x: T) -> T:\n    return x\n", Some(12)),
            ("print(f\"{x[\"a\"]}\")\n", Some(12)),
            ("class C[T = int]:\n    pass\n", Some(13)),
            ("x = t'{y}'\n", Some(14)),
            ("x = = 1\n", None),
        ] {
            assert_eq!(Tree::parse(code).needed_minor(), expected, "{code}");
        }
    }

    #[test]
    fn faults_are_located() {
        let fault = Tree::parse("x = 1\ny = = 2\n").fault();
        assert_eq!(fault, Some(SyntaxFault { line: 2, message: "Expected an expression".to_owned() }));
    }
}
