//! The blocks in the docstrings of a module: the examples of each, which are one, and its fences.

mod finder;
mod guard;
mod skipped;

use std::borrow::Cow;
use std::path::Path;

use memchr::memmem;
use ruff_text_size::TextSize;

use crate::document::code_block::CodeBlockKind;
use crate::document::docstrings::finder::{Docstring, docstrings};
use crate::document::docstrings::skipped::Marks;
use crate::document::markdown::fenced;
use crate::document::part::{Block, Closing, OptionPlace, Origin, Part};
use crate::document::text::examples;
use crate::document::text::indentation::dedented;
use crate::model::snippet::{DocumentPath, Line, Location, Namespace};
use crate::syntax::Tree;

/// Lines between a docstring and a text that is added to it. Examples beyond run as well, on lines that are a guess.
const FARTHEST: u32 = 2000;

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
    let above = outside.iter().rev().take_while(|folder| is_name(folder)).count();
    Namespace::Module { name, folder: outside.join("/"), above }
}

/// Whether a folder may be a package by its name.
fn is_name(folder: &str) -> bool {
    let mut letters = folder.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// What a module holds.
#[derive(Default)]
pub(super) struct ModuleContents<'a> {
    /// Its blocks, in order.
    pub(super) parts: Vec<Part<'a>>,
    /// The line that keeps them from being found.
    pub(super) too_deep: Option<Line>,
    /// What shows only where the module runs: where, and what becomes of it.
    pub(super) unread: Vec<(Line, String)>,
}

pub(super) fn contents<'a>(text: &str, namespace: &Namespace) -> ModuleContents<'a> {
    let signs: [&[u8]; 3] = [b">>>", b"```", b"~~~"];
    if signs.iter().all(|sign| memmem::find(text.as_bytes(), sign).is_none()) {
        return ModuleContents::default();
    }

    // Python knows one kind of line end, in literals as well.
    let text = text.replace("\r\n", "\n");
    let tree = Tree::parse(&text);

    let mut parts = Vec::new();
    let marks = Marks::of(&tree);
    let found = docstrings(&tree.module().body);
    let computed = found.computed.iter().map(|(name, place)| {
        let what =
            format!("the docstring of `{name}` is computed: only what is written as a text is read of it");
        (Line(tree.line(*place)), what)
    });
    let skips = marks.unread.iter().map(|line| {
        (*line, "`__doctest_skip__` is not read: what it is shows only where the module runs".to_owned())
    });
    let unread: Vec<(Line, String)> = computed.chain(skips).collect();
    for docstring in found.docstrings {
        let mut examples = examples(&tree, &docstring, namespace);
        if let Some(block) = &mut examples {
            block.origin.options = marks.options(&docstring.name);
        }
        let blocks: Vec<Block<'_>> = examples.into_iter().chain(fences(&tree, &docstring)).collect();
        if !blocks.is_empty() {
            parts.push(Part::Docstring(docstring.name));
            parts.extend(blocks.into_iter().map(Part::Block));
        }
    }

    ModuleContents { parts, too_deep: tree.too_deep.map(Line), unread }
}

fn examples<'a>(tree: &Tree<'_>, docstring: &Docstring<'_>, namespace: &Namespace) -> Option<Block<'a>> {
    let mut content = String::new();
    let mut code: Option<Line> = None;
    for literal in docstring.literals() {
        let lines: Vec<&str> = literal.value.to_str().split('\n').collect();
        let Some(region) = examples::extent(&lines) else { continue };
        let offset = u32::try_from(region.start).unwrap_or(u32::MAX);
        let first = tree.line(literal.range.start()).saturating_add(offset);

        // Blank lines stand for those between two texts, so that all lines keep their numbers.
        let begin = *code.get_or_insert(Line(first));
        let next = begin.0.saturating_add(u32::try_from(content.lines().count()).unwrap_or(u32::MAX));
        content.push_str(&"\n".repeat(first.saturating_sub(next).min(FARTHEST) as usize));
        content.push_str(&dedented(&lines[region]));
    }
    let (start, end) = ends(tree, docstring);
    let code = code?.min(end);
    Some(Block {
        kind: CodeBlockKind::Indented,
        info: Cow::Borrowed(""),
        location: Location { start, code, end },
        content,
        closing: Closing::Closed,
        origin: Origin {
            language: Some(Cow::Borrowed("pycon")),
            namespace: namespace.clone(),
            place: OptionPlace::Module,
            ..Origin::default()
        },
    })
}

/// Those without prompts, which are among the examples. They do not know the module: readers copy them.
fn fences(tree: &Tree<'_>, docstring: &Docstring<'_>) -> Vec<Block<'static>> {
    let (_, end) = ends(tree, docstring);
    let texts = docstring.literals();
    let mut blocks: Vec<Block<'static>> = texts
        .flat_map(|literal| {
            fenced(literal.value.to_str(), Line(tree.line(literal.range.start())), CodeBlockKind::Fenced)
        })
        .collect();
    blocks.retain(|block| !block.content.lines().any(examples::is_prompt));
    for Block { location, origin, .. } in &mut blocks {
        for line in [&mut location.start, &mut location.code, &mut location.end] {
            *line = (*line).min(end);
        }
        origin.namespace = Namespace::Fresh;
    }
    blocks
}

/// The first line of a docstring and its last. Between them, as doctest counts, a line of the value is a line of the
/// source; escapes may make that a guess.
fn ends(tree: &Tree<'_>, docstring: &Docstring<'_>) -> (Line, Line) {
    let literal = docstring.literal.range;
    let end = docstring.literals().last().map_or(literal.end(), |last| last.range.end());
    // Its closing quotes, or where the text ends without any.
    let last = end.checked_sub(TextSize::new(1)).unwrap_or_default();
    (Line(tree.line(literal.start())), Line(tree.line(last)))
}
