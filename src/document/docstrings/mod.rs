//! The examples in the docstrings of a module. Each docstring that has some is a block.

mod finder;

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use memchr::memmem;
use ruff_text_size::TextSize;

use crate::document::FenceKind;
use crate::document::docstrings::finder::{Docstring, docstrings};
use crate::document::examples;
use crate::document::indentation::dedented;
use crate::document::markdown::{Block, Closing, Origin, Part};
use crate::snippet::{DocumentPath, Line, Location, Namespace};
use crate::syntax::Tree;

/// How many folders above a file are packages, as far as its path reaches.
pub(super) fn packages(file: &Path, path: &DocumentPath) -> usize {
    let folders = path.as_str().matches('/').count();
    let above = file.ancestors().skip(1).take(folders);
    above.take_while(|folder| folder.join("__init__.py").is_file()).count()
}

/// The module that a file is, below that many packages.
pub(super) fn module(path: &DocumentPath, packages: usize) -> Namespace {
    let (folder, file) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
    let parts: Vec<&str> = if folder.is_empty() { Vec::new() } else { folder.split('/').collect() };
    let (outside, inside) = parts.split_at(parts.len().saturating_sub(packages));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let own = if stem == "__init__" && !inside.is_empty() { None } else { Some(stem) };
    let name = inside.iter().copied().chain(own).collect::<Vec<_>>().join(".");
    Namespace::Module { name, folder: outside.join("/") }
}

/// What a module holds.
#[derive(Default)]
pub(super) struct Contents<'a> {
    /// Its blocks, in order.
    pub(super) parts: Vec<Part<'a>>,
    /// The line that keeps them from being found.
    pub(super) too_deep: Option<Line>,
}

pub(super) fn contents<'a>(text: &str, namespace: &Namespace) -> Contents<'a> {
    if memmem::find(text.as_bytes(), b">>>").is_none() {
        return Contents::default();
    }
    // Python knows one kind of line end, in literals as well.
    let text = text.replace("\r\n", "\n");
    let tree = Tree::parse(&text);
    let found = docstrings(&tree.module().body);
    let blocks = found.iter().filter_map(|docstring| block(&tree, docstring, namespace));
    Contents { parts: blocks.map(Part::Block).collect(), too_deep: tree.too_deep.map(Line) }
}

fn block<'a>(tree: &Tree<'_>, docstring: &Docstring<'_>, namespace: &Namespace) -> Option<Block<'a>> {
    let lines: Vec<&str> = docstring.literal.value.to_str().split('\n').collect();
    let region = examples::extent(&lines)?;
    let literal = docstring.literal.range;
    // Its closing quotes, or where the text ends without any.
    let last = literal.end().checked_sub(TextSize::new(1)).unwrap_or_default();
    Some(Block {
        kind: FenceKind::Indented,
        info: Cow::Borrowed(""),
        location: location(tree.line(literal.start()), tree.line(last), &region),
        content: dedented(&lines[region]),
        closing: Closing::Closed,
        origin: Origin {
            language: Some("pycon"),
            name: Some(docstring.name.clone()),
            namespace: namespace.clone(),
            options: Vec::new(),
        },
    })
}

/// As doctest counts: a line of the value is a line of the source. Escapes may make that a guess.
fn location(start: u32, end: u32, examples: &Range<usize>) -> Location {
    let offset = u32::try_from(examples.start).unwrap_or(u32::MAX);
    Location { start: Line(start), code: Line(start.saturating_add(offset).min(end)), end: Line(end) }
}
