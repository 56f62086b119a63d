//! reStructuredText to code blocks and headings, by indentation. No tree is built: what is nested is read like the rest.

mod explicit;
mod heading;

use std::borrow::Cow;
use std::ops::Range;

use crate::document::code_block::CodeBlockKind;
use crate::document::part::{Block, Closing, Comment, Origin, Part, Standing};
use crate::document::restructured::explicit::{Explicit, Markup};
use crate::document::restructured::heading::Headings;
use crate::document::text::examples::{self, is_blank, is_prompt};
use crate::document::text::indentation::{self, dedented};
use crate::document::text::python::is_likely_python;
use crate::model::snippet::{Line, Location};

/// Directives within one another that say something about the same example.
const DEEPEST: usize = 8;

/// What has a meaning beside prompts and headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Restructured,
    /// Nothing: text as `doctest.testfile` reads it.
    Plain,
}

/// The headings, comments and code blocks of a text, in order.
pub(super) struct Scanner<'a> {
    dialect: Dialect,
    lines: Vec<&'a str>,
    /// The next line to look at, from 0.
    at: usize,
    headings: Headings,
    /// The end of a literal block whose prompts stand between other text.
    mixed: usize,
    /// Directives around the current line that say something about the examples in them: column, name and argument.
    scopes: Vec<(usize, &'a str, &'a str)>,
    /// The language of literal blocks and of code without a language.
    highlight: Option<String>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, dialect: Dialect) -> Self {
        Self {
            dialect,
            lines: text.lines().collect(),
            at: 0,
            headings: Headings::default(),
            mixed: 0,
            scopes: Vec::new(),
            highlight: None,
        }
    }

    /// With the language of the project's settings.
    pub(super) fn showing(self, highlight: Option<&str>) -> Self {
        Self { highlight: highlight.map(str::to_owned), ..self }
    }

    fn explicit(&mut self, explicit: &Explicit<'a>) -> Option<Part<'a>> {
        match explicit.markup() {
            Markup::Code => Some(self.directive(explicit, None)),
            Markup::Text(language) => Some(self.directive(explicit, Some(Cow::Borrowed(language)))),
            Markup::Unknown { name, says_code } => {
                let block = self.unknown(explicit, name, says_code);
                self.at += usize::from(block.is_none());
                block
            }
            Markup::Slip(slip) => self.slip(explicit, slip),
            Markup::Highlight(language) => {
                self.highlight = Some(language.to_owned());
                self.at += 1;
                None
            }
            Markup::Opaque => {
                self.at = self.body(explicit.column).end;
                None
            }
            Markup::Scope(name, argument) => {
                if self.scopes.len() < DEEPEST {
                    self.scopes.push((explicit.column, name, argument));
                }
                self.at += 1;
                None
            }
            Markup::Container => {
                self.at += 1;
                None
            }
            Markup::Comment => self.comment(explicit),
        }
    }

    fn comment(&mut self, explicit: &Explicit<'a>) -> Option<Part<'a>> {
        let body = self.body(explicit.column);
        let line = line(self.at);
        self.at = body.end;
        let below = dedented(&self.lines[body]);
        let text = format!("{}\n{}", explicit.text, below).trim_end_matches('\n').to_owned();
        (!explicit.text.is_empty()).then_some(Part::Comment(Comment { text, line }))
    }

    /// A directive of an extension that holds code, by its name or by what it holds. One with prompts or other blocks in
    /// it is read like any text.
    fn unknown(&mut self, explicit: &Explicit<'a>, name: &str, says_code: bool) -> Option<Part<'a>> {
        let body = self.body(explicit.column);
        let lines = self.lines[body].iter().filter(|line| !is_blank(line));
        let mut code = lines.skip_while(|line| option(line).is_some()).peekable();
        code.peek()?;

        let is_other = |line: &&&str| {
            is_prompt(line) || line.trim_end().ends_with("::") || Explicit::read(line).is_some()
        };
        if code.clone().any(|line| is_other(&line)) {
            return None;
        }
        let code: Vec<&str> = code.copied().collect();
        if !says_code && !is_likely_python(&dedented(&code)) {
            return None;
        }
        Some(self.directive(explicit, Some(Cow::Owned(name.to_lowercase()))))
    }

    /// A directive of code that readers do not see, because of how it is written; a comment if it holds nothing.
    fn slip(&mut self, explicit: &Explicit<'a>, slip: &str) -> Option<Part<'a>> {
        let body = self.body(explicit.column);
        if self.lines[body].iter().all(|line| is_blank(line)) {
            return self.comment(explicit);
        }

        let Part::Block(mut block) = self.directive(explicit, Some(Cow::Borrowed("python"))) else {
            return None;
        };
        let reason = format!("`{}` is no directive: {slip}; readers do not see the code", explicit.text);
        block.origin.standing = Standing::Misplaced(reason);
        Some(Part::Block(block))
    }

    /// A directive with its options and content.
    fn directive(&mut self, explicit: &Explicit<'a>, language: Option<Cow<'static, str>>) -> Part<'a> {
        let body = self.body(explicit.column);
        let mut options = Vec::new();
        let mut first = body.start;
        while let Some(option) = self.lines[first..body.end].first().and_then(|line| option(line)) {
            options.push(option);
            first += 1;
        }

        let blank = self.lines[first..body.end].iter().take_while(|line| is_blank(line)).count();
        let highlight = self.highlight.clone();
        let origin = Origin { language, highlight, options, ..Origin::default() };
        self.block((first + blank)..body.end, CodeBlockKind::Fenced, explicit.text, origin)
    }

    /// A literal block below a paragraph at this column; `None` where there is none, or none without text between prompts.
    fn literal(&mut self, column: usize) -> Option<Part<'a>> {
        if self.at < self.mixed {
            return None;
        }
        let body = self.body(column);
        let blank = self.lines[body.clone()].iter().take_while(|line| is_blank(line)).count();
        let body = body.start + blank..body.end;

        let lines = &self.lines[body.clone()];
        let language = match lines.first() {
            None => return None,
            Some(first) if is_prompt(first) => Some(Cow::Borrowed("pycon")),
            Some(_) if lines.iter().any(|line| is_prompt(line)) => {
                self.mixed = body.end;
                return None;
            }
            Some(_) => None,
        };

        self.at = body.start;
        let highlight = self.highlight.clone();
        let origin = Origin { language, highlight, ..Origin::default() };
        Some(self.block(body, CodeBlockKind::Indented, "", origin))
    }

    /// The lines below the current one that are indented further than `column`.
    fn body(&self, column: usize) -> Range<usize> {
        let start = self.at + 1;
        let mut end = start;
        for (at, line) in self.lines.iter().enumerate().skip(start) {
            match indentation::of(line) {
                None => {}
                Some(deeper) if deeper > column => end = at + 1,
                Some(_) => break,
            }
        }
        start..end
    }

    /// The block that begins at the current line, with its content in `lines`.
    fn block(
        &mut self,
        lines: Range<usize>,
        kind: CodeBlockKind,
        info: &'a str,
        mut origin: Origin,
    ) -> Part<'a> {
        let location = Location {
            start: line(self.at),
            code: line(lines.start.min(lines.end - 1)),
            end: line(lines.end - 1),
        };

        let scopes = self.scopes.iter();
        origin.options.extend(scopes.map(|(_, name, argument)| ((*name).to_owned(), (*argument).to_owned())));

        self.at = lines.end;
        Part::Block(Block {
            kind,
            info: Cow::Borrowed(info),
            content: dedented(&self.lines[lines]),
            location,
            closing: Closing::Closed,
            origin,
        })
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        loop {
            let line = *self.lines.get(self.at)?;
            let Some(column) = indentation::of(line) else {
                self.at += 1;
                continue;
            };

            while self.scopes.pop_if(|(outer, ..)| *outer >= column).is_some() {}
            if is_prompt(line) {
                let lines = self.at..examples::end(&self.lines, self.at);
                let origin = Origin { language: Some(Cow::Borrowed("pycon")), ..Origin::default() };
                return Some(self.block(lines, CodeBlockKind::Indented, "", origin));
            }

            let restructured = self.dialect == Dialect::Restructured;
            if restructured && let Some(explicit) = Explicit::read(line) {
                match self.explicit(&explicit) {
                    Some(part) => return Some(part),
                    None => continue,
                }
            }

            let begins = self.at.checked_sub(1).is_none_or(|above| is_blank(self.lines[above]));
            if begins && let Some(heading) = self.headings.at(&self.lines[self.at..]) {
                self.at += heading.height;
                return Some(Part::Heading { level: heading.level, text: heading.title.to_owned() });
            }
            if restructured
                && line.trim_end().ends_with("::")
                && let Some(block) = self.literal(column)
            {
                return Some(block);
            }
            self.at += 1;
        }
    }
}

/// The number of a line that is counted from 0 here.
fn line(at: usize) -> Line {
    Line(u32::try_from(at + 1).unwrap_or(u32::MAX))
}

/// `:name: value`.
fn option(line: &str) -> Option<(String, String)> {
    let (name, value) = line.trim().strip_prefix(':')?.split_once(':')?;
    let fits = !name.is_empty() && !name.contains(char::is_whitespace);
    (fits && (value.is_empty() || value.starts_with([' ', '\t'])))
        .then(|| (name.to_owned(), value.trim().to_owned()))
}
