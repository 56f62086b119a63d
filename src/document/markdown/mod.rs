//! Markdown to code blocks and headings, by the letter of CommonMark.
//!
//! No extension is on: footnotes and tables would change what is a code block.

mod comment;
mod front_matter;
mod loose_fence;
mod mkdocs;

use std::borrow::Cow;
use std::collections::VecDeque;

use memchr::memmem;
use pulldown_cmark::{CowStr, Event, HeadingLevel, OffsetIter, Options, Parser, Tag, TagEnd};

use crate::document::code_block::CodeBlockKind;
pub(crate) use crate::document::markdown::comment::hides_fences;
use crate::document::markdown::comment::{in_braces, in_html, in_percent_lines};
pub(crate) use crate::document::markdown::front_matter::FrontMatter;
pub(crate) use crate::document::markdown::loose_fence::fenced;
pub(crate) use crate::document::markdown::mkdocs::{Sites, with_code_fences, with_items};
use crate::document::part::{Block, Closing, Comment, Origin, Part};
use crate::document::text::Lines;
use crate::model::snippet::{Line, Location};

/// The headings and code blocks of a text, in order.
pub(crate) struct Parts<'a> {
    text: &'a str,
    start: usize,
    events: OffsetIter<'a>,
    lines: Lines<'a>,
    /// Comments of the piece of HTML that was read last.
    comments: VecDeque<Comment>,
}

impl<'a> Parts<'a> {
    /// Reads `text` from `start` on. `parsed` differs from it in blanks only; contents are taken from `text`.
    pub(crate) fn new(text: &'a str, parsed: &'a str, start: usize) -> Self {
        let events = Parser::new_ext(&parsed[start..], Options::empty()).into_offset_iter();
        Self { text, start, events, lines: Lines::new(text), comments: VecDeque::new() }
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
        let source = &self.text[start..end];
        let mut content = String::with_capacity(source.len());
        for (event, range) in self.events.by_ref() {
            match event {
                // Columns of a tab that the container did not use up have no place in the text.
                Event::Text(CowStr::Borrowed(_)) if !range.is_empty() => {
                    content.push_str(&self.text[range.start + self.start..range.end + self.start]);
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
        Block { kind, info: Cow::Borrowed(info), content, location, closing, origin: Origin::default() }
    }

    /// The comments of a piece of HTML, without what its containers put before each line.
    fn html(&mut self, start: usize) -> Vec<Comment> {
        let mut html = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Html(text) => html.push_str(&text),
                _ => break,
            }
        }
        in_html(&html, self.lines.at(start))
    }

    fn paragraph(&mut self, start: usize, end: usize) -> Vec<Comment> {
        let text = &self.text[start..end];
        match text.as_bytes().first() {
            Some(b'%') => in_percent_lines(text, self.lines.at(start)),
            Some(b'{') => in_braces(text, self.lines.at(start)).into_iter().collect(),
            Some(_) | None => Vec::new(),
        }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        loop {
            if let Some(comment) = self.comments.pop_front() {
                return Some(Part::Comment(comment));
            }

            let (event, range) = self.events.next()?;
            let (start, end) = (range.start + self.start, range.end + self.start);
            match event {
                Event::Start(Tag::Heading { level, .. }) => return Some(self.heading(level)),
                Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(_))) => {
                    return Some(Part::Block(self.block(CodeBlockKind::Fenced, start, end)));
                }
                Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented)) => {
                    return Some(Part::Block(self.block(CodeBlockKind::Indented, start, end)));
                }
                Event::Start(Tag::HtmlBlock)
                    if memmem::find(&self.text.as_bytes()[start..end], b"<!--").is_some() =>
                {
                    self.comments = self.html(start).into();
                }
                Event::InlineHtml(html) if html.starts_with("<!--") => {
                    self.comments = in_html(&html, self.lines.at(start)).into();
                }
                Event::Start(Tag::Paragraph) => self.comments = self.paragraph(start, end).into(),
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
