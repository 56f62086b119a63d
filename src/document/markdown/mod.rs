//! Markdown to code blocks and headings, by the letter of CommonMark.
//!
//! No extension is on: footnotes and tables would change what is a code block.

mod comment;
mod front_matter;
mod loose_fence;
mod mkdocs;
mod opened;

use std::borrow::Cow;
use std::collections::VecDeque;

use memchr::memmem;
use pulldown_cmark::{CowStr, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd};

use crate::document::code_block::CodeBlockKind;
pub(crate) use crate::document::markdown::comment::hides_fences;
use crate::document::markdown::comment::{in_braces, in_html, in_percent_lines};
pub(crate) use crate::document::markdown::front_matter::FrontMatter;
pub(crate) use crate::document::markdown::loose_fence::{fenced, opens};
use crate::document::markdown::mkdocs::opens_container;
pub(crate) use crate::document::markdown::mkdocs::{Sites, with_code_fences, with_items};
pub(crate) use crate::document::markdown::opened::{BelowTags, opened};
use crate::document::part::{Block, Closing, Origin, Part, Standing};
use crate::document::restructured::{Dialect, Scanner};
use crate::document::text::Lines;
use crate::model::markdown::Markdown;
use crate::model::snippet::{Line, Location};

/// Lines that are looked at above an indented block, for what it belongs to.
const MOST_LINES: usize = 200;

/// Markdown as the parser needs it.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    /// The same as long, with blanks and marks that the parser understands in the place of others.
    pub(crate) parsed: &'a str,
    /// Where the front matter ends.
    pub(crate) start: usize,
    pub(crate) dialect: Markdown,
    /// Where fences are that readers see as text, ascending.
    pub(crate) hidden: &'a [usize],
}

/// The headings and code blocks of a text, in order.
pub(crate) struct Parts<'a> {
    source: Source<'a>,
    events: OffsetIter<'a>,
    lines: Lines<'a>,
    /// How many list items are open.
    items: usize,
    /// Parts of the piece of text that was read last.
    pending: VecDeque<Part<'a>>,
}

impl<'a> Parts<'a> {
    /// Contents are taken from the text itself.
    pub(crate) fn new(source: Source<'a>) -> Self {
        let events = Parser::new_ext(&source.parsed[source.start..], Options::empty()).into_offset_iter();
        Self { events, lines: Lines::new(source.text), items: 0, pending: VecDeque::new(), source }
    }

    fn heading(&mut self, level: HeadingLevel) -> Part<'a> {
        let mut text = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::End(TagEnd::Heading(_)) => break,
                Event::Text(words) | Event::Code(words) => text.push_str(&words),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
        }
        Part::Heading { level, text }
    }

    fn block(&mut self, kind: CodeBlockKind, start: usize, end: usize) -> Block<'a> {
        let source = &self.source.text[start..end];
        let mut content = String::with_capacity(source.len());
        for (event, range) in self.events.by_ref() {
            match event {
                // Columns of a tab that the container did not use up have no place in the text.
                Event::Text(CowStr::Borrowed(_)) if !range.is_empty() => {
                    let offset = self.source.start;
                    content.push_str(&self.source.text[range.start + offset..range.end + offset]);
                }
                Event::Text(words) => content.push_str(&words),
                _ => break,
            }
        }

        let start_line = self.lines.at(start);
        // The text ends with a line end, so whatever runs to the end of a line was not closed by a fence.
        let unclosed = source.ends_with('\n');
        let end_line = self.lines.at(if unclosed { end - 1 } else { end });

        let (info, code, closing) = match kind {
            CodeBlockKind::Indented => ("", start_line, Closing::Closed),
            CodeBlockKind::Fenced | CodeBlockKind::Hidden => (
                info(source),
                Line(start_line.0 + 1).min(end_line),
                if unclosed { Closing::Unclosed } else { Closing::Closed },
            ),
        };

        let location = Location { start: start_line, code, end: end_line };
        let mut origin = Origin::default();
        if self.source.hidden.binary_search(&start).is_ok() {
            let reason = "it stands right below an HTML tag, so that readers see its source: leave a blank line above it";
            origin.standing = Standing::Misplaced(reason.to_owned());
        }
        Block { kind, info: Cow::Borrowed(info), content, location, closing, origin }
    }

    /// An indented block, or the fences in it that its list item has room for.
    fn indented(&mut self, start: usize, end: usize) -> Part<'a> {
        let mut block = self.block(CodeBlockKind::Indented, start, end);
        let first = block.content.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if !opens(first) {
            return Part::Block(block);
        }

        let line = self.source.text[..start].rsplit('\n').next().unwrap_or_default();
        let column = line.len() + first.len() - first.trim_start().len();
        // In Python-Markdown the text of a list item begins in the fourth column, whatever its mark is.
        if self.source.dialect == Markdown::MkDocs && self.items > 0 && column < 4 * (self.items + 1) {
            let mut fences = fenced(&block.content, block.location.start, CodeBlockKind::Fenced).into_iter();
            if let Some(fence) = fences.next() {
                self.pending.extend(fences.map(Part::Block));
                return Part::Block(fence);
            }
        }

        let mut above = self.source.text[..start].lines().rev().take(MOST_LINES);
        let owner = above.find(|line| !line.trim().is_empty() && !line.starts_with("    "));
        block.origin.standing = Standing::FenceIsText(if self.items > 0 {
            "it stands four columns or more to the right of the text of its list item"
        } else if self.source.dialect != Markdown::MkDocs && owner.is_some_and(opens_container) {
            "what it belongs to is known to MkDocs, for which the setting is `markdown = \"mkdocs\"`"
        } else {
            ""
        });
        Part::Block(block)
    }

    /// reStructuredText in a fence, read as such (MyST-Parser, `eval-rst`); the fence itself if it holds no code.
    fn restructured(&mut self, block: Block<'a>) -> Part<'a> {
        let above = block.location.code.0 - 1;
        let parts = Scanner::new(&block.content, Dialect::Restructured);
        let parts = parts.filter(|part| !matches!(part, Part::Heading { .. }));
        let parts: Vec<Part<'a>> = parts.map(|part| part.below(above).into_owned()).collect();
        if !parts.iter().any(|part| matches!(part, Part::Block(_))) {
            return Part::Block(block);
        }
        self.pending.extend(parts);
        self.pending.pop_front().unwrap_or(Part::Block(block))
    }

    /// The comments of a piece of HTML, without what its containers put before each line.
    fn html(&mut self, start: usize) -> VecDeque<Part<'a>> {
        let mut html = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Html(text) => html.push_str(&text),
                _ => break,
            }
        }
        in_html(&html, self.lines.at(start)).into_iter().map(Part::Comment).collect()
    }

    fn paragraph(&mut self, start: usize, end: usize) -> VecDeque<Part<'a>> {
        let text = &self.source.text[start..end];
        let comments = match text.as_bytes().first() {
            Some(b'%') => in_percent_lines(text, self.lines.at(start)),
            Some(b'{') => in_braces(text, self.lines.at(start)).into_iter().collect(),
            Some(_) | None => Vec::new(),
        };
        comments.into_iter().map(Part::Comment).collect()
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        loop {
            if let Some(part) = self.pending.pop_front() {
                return Some(part);
            }

            let (event, range) = self.events.next()?;
            let (start, end) = (range.start + self.source.start, range.end + self.source.start);
            match event {
                Event::Start(Tag::Heading { level, .. }) => return Some(self.heading(level)),
                Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(_))) => {
                    let block = self.block(CodeBlockKind::Fenced, start, end);
                    return Some(match &*block.info {
                        "{eval-rst}" => self.restructured(block),
                        _ => Part::Block(block),
                    });
                }
                Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented)) => {
                    return Some(self.indented(start, end));
                }
                Event::Start(Tag::HtmlBlock)
                    if memmem::find(&self.source.text.as_bytes()[start..end], b"<!--").is_some() =>
                {
                    self.pending = self.html(start);
                }
                Event::Start(Tag::Item) => self.items += 1,
                Event::End(TagEnd::Item) => self.items -= 1,
                Event::InlineHtml(html) if html.starts_with("<!--") => {
                    let comments = in_html(&html, self.lines.at(start));
                    self.pending = comments.into_iter().map(Part::Comment).collect();
                }
                Event::Start(Tag::Paragraph) => self.pending = self.paragraph(start, end),
                _ => {}
            }
        }
    }
}

fn info(source: &str) -> &str {
    let line = source.lines().next().unwrap_or_default();
    let fence = line.chars().next().unwrap_or('`');
    line.trim_start_matches(fence).trim()
}
