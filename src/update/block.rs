//! What stands around the lines of a block: the indentation and the quote signs of its containers.

use std::cmp::Reverse;

use crate::document::{CodeBlock, CodeBlockKind, Document};
use crate::model::snippet::Line;
use crate::update::lines::RawLine;

/// Lines of a document that are a text of their own: the content of a code block, or output in a comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextBlock<'a> {
    pub(super) first: Line,
    text: &'a str,
    length: u32,
    /// The line of its opening fence.
    opening: Option<Line>,
}

/// A block among the lines of its file, and what stands around its content there.
pub(super) struct BlockFrame<'a> {
    pub(super) first: Line,
    content: Vec<&'a str>,
    raw: &'a [RawLine<'a>],
    /// What a line begins with that takes the place of no other.
    usual: String,
}

/// The blocks of a document in the order of their lines. One that lies within another counts as part of it.
pub(super) fn blocks(document: &Document) -> Vec<TextBlock<'_>> {
    let mut blocks: Vec<TextBlock<'_>> = document.blocks.iter().flat_map(all_of).collect();
    blocks.sort_by_key(|block| (block.first, Reverse(block.length)));

    let mut end = Line(0);
    blocks.retain(|block| {
        let is_apart = block.first >= end;
        end = end.max(block.end());
        is_apart
    });
    blocks
}

/// The content of a code block, and what is shown for it elsewhere.
pub(super) fn all_of(block: &CodeBlock) -> impl Iterator<Item = TextBlock<'_>> {
    let opening = match block.kind {
        CodeBlockKind::Fenced => Some(block.location.start),
        CodeBlockKind::Indented | CodeBlockKind::Hidden => None,
    };
    let shown = block.shown.iter().map(|shown| TextBlock::new(shown.location.code, &shown.text, None));
    std::iter::once(TextBlock::new(block.location.code, &block.content, opening)).chain(shown)
}

impl<'a> TextBlock<'a> {
    fn new(first: Line, text: &'a str, opening: Option<Line>) -> Self {
        let length = u32::try_from(text.split_terminator('\n').count()).unwrap_or(u32::MAX);
        Self { first, text, length, opening }
    }

    /// The line below the block.
    pub(super) fn end(&self) -> Line {
        Line(self.first.0.saturating_add(self.length))
    }

    pub(super) fn content(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text.split_terminator('\n')
    }
}

impl<'a> BlockFrame<'a> {
    pub(super) fn new(block: TextBlock<'a>, lines: &'a [RawLine<'a>]) -> Self {
        let content: Vec<&str> = block.content().collect();
        let start = (block.first.0 as usize).saturating_sub(1).min(lines.len());
        let raw = &lines[start..(start + content.len()).min(lines.len())];

        let opening = block.opening.and_then(|line| lines.get((line.0 as usize).checked_sub(1)?));
        let usual = usual(&content, raw, opening);
        Self { first: block.first, content, raw, usual }
    }

    pub(super) fn content(&self) -> &[&'a str] {
        &self.content
    }

    pub(super) fn raw(&self) -> &'a [RawLine<'a>] {
        self.raw
    }

    /// A line of content as it stands in the file, in the place of the one that is `at` lines below the first.
    /// `None` where that one is not written as it reads: it shares a tab with its container, or quotes end it.
    pub(super) fn line(&self, new: &str, at: Option<usize>) -> Option<String> {
        let old = at.and_then(|at| Some((*self.content.get(at)?, self.raw.get(at)?)));
        if let Some((content, raw)) = old {
            let prefix = raw.text.strip_suffix(content)?;
            if content == new {
                return Some(raw.text.to_owned());
            }

            // A container may take some of the blanks that come first, if there are more or fewer than before.
            let same_start = lead(new).is_empty() || lead(new) == lead(content);
            if same_start && !content.trim().is_empty() && !new.is_empty() {
                return Some(format!("{prefix}{new}"));
            }
        }

        if new.is_empty() {
            return Some(self.usual.trim_end().to_owned());
        }
        Some(format!("{}{new}", self.usual))
    }
}

/// What a new line of a block begins with: the longest prefix of its lines, since a shorter one stands before lines from
/// which less was taken away. An empty block has the prefix of its fence.
fn usual(content: &[&str], raw: &[RawLine<'_>], opening: Option<&RawLine<'_>>) -> String {
    let lines = content.iter().zip(raw).filter(|(content, _)| !content.trim().is_empty());
    let prefixes = lines.filter_map(|(content, raw)| raw.text.strip_suffix(content));

    let longest = prefixes.max_by_key(|prefix| prefix.len());
    let fence = || opening.map(|raw| &raw.text[..raw.text.find(['`', '~']).unwrap_or_default()]);
    longest.or_else(fence).map(continued).unwrap_or_default()
}

/// What a line begins with whose container began with `prefix` on a line above: a list has its marker only once.
fn continued(prefix: &str) -> String {
    prefix.chars().map(|letter| if matches!(letter, '>' | '\t') { letter } else { ' ' }).collect()
}

/// The blanks that a line begins with.
fn lead(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
