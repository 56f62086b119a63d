//! A question as the lines of a screen: pure text, for any width and height.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::Color;
use crate::review::rows::Row;

/// How changes are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Layout {
    #[default]
    Unified,
    SideBySide,
}

impl Layout {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Unified => Self::SideBySide,
            Self::SideBySide => Self::Unified,
        }
    }
}

/// All that a screen shows.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    /// One line: which question of how many, and where.
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) rows: &'a [Row],
    pub(super) layout: Layout,
    /// Rows above the first that is shown.
    pub(super) scroll: usize,
    /// What the last key did.
    pub(super) message: &'a str,
    pub(super) keys: &'a [&'a str],
    pub(super) color: Color,
}

/// Columns and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: usize,
    pub(super) height: usize,
}

/// A piece of text in one style.
type Piece = (Style, String);

impl View<'_> {
    /// The lines of the screen, none wider than it, as many as fit.
    pub(super) fn lines(&self, size: Size) -> Vec<String> {
        let body = self.body(size.width);
        let room = self.room(size);
        let from = self.scroll.min(body.len().saturating_sub(room));
        let shown = body.iter().skip(from).take(room);

        let strong = Style::new().bold();
        let faint = Style::new().dimmed();
        let mut lines = vec![
            vec![(strong, self.title.clone())],
            vec![(faint, self.subtitle.clone())],
            vec![(faint, rule(&body, from, room, size.width))],
        ];
        lines.extend(shown.cloned());
        lines.resize(3 + room.min(body.len().max(1)), Vec::new());
        lines.push(vec![(faint, "─".repeat(size.width))]);
        lines.push(vec![(AnsiColor::Yellow.on_default(), self.message.to_owned())]);
        lines.extend(self.keys.iter().map(|keys| vec![(Style::new(), (*keys).to_owned())]));

        let lines = lines.into_iter().take(size.height);
        lines.map(|pieces| painted(&fitted(pieces, size.width), self.color)).collect()
    }

    /// The furthest that the rows can be scrolled.
    pub(super) fn end(&self, size: Size) -> usize {
        self.body(size.width).len().saturating_sub(self.room(size))
    }

    /// Lines for the rows of the question.
    pub(super) fn room(&self, size: Size) -> usize {
        size.height.saturating_sub(5 + self.keys.len()).max(1)
    }

    fn body(&self, width: usize) -> Vec<Vec<Piece>> {
        match self.layout {
            Layout::Unified => self.rows.iter().map(unified).collect(),
            Layout::SideBySide => side_by_side(self.rows, width),
        }
    }
}

/// The line above the rows: which of them are seen, if not all.
fn rule(body: &[Vec<Piece>], from: usize, room: usize, width: usize) -> String {
    if body.len() <= room {
        return "─".repeat(width);
    }
    let shown = format!("── lines {} to {} of {}, ↑ ↓ scroll ", from + 1, from + room, body.len());
    let rest = width.saturating_sub(shown.width());
    shown + &"─".repeat(rest)
}

fn unified(row: &Row) -> Vec<Piece> {
    match row {
        Row::Same(number, text) => {
            vec![(Style::new().dimmed(), margin(*number)), (Style::new(), format!("  {text}"))]
        }
        Row::Removed(number, text) => {
            vec![(Style::new().dimmed(), margin(*number)), (removed(), format!("- {text}"))]
        }
        Row::Added(text) => vec![(Style::new().dimmed(), margin(None)), (added(), format!("+ {text}"))],
        Row::Heading(text) => vec![(Style::new().bold(), text.clone())],
        Row::Gap => vec![(Style::new().dimmed(), format!("{}⋮", margin(None)))],
    }
}

/// What is removed on the left, what comes in its place on the right.
fn side_by_side(rows: &[Row], width: usize) -> Vec<Vec<Piece>> {
    let half = width.saturating_sub(3) / 2;
    let pair = |left: Piece, right: Piece| {
        let left_text = cut(&left.1, half);
        let gap = " ".repeat(half.saturating_sub(left_text.width()));
        vec![
            (left.0, left_text + &gap),
            (Style::new().dimmed(), " │ ".to_owned()),
            (right.0, cut(&right.1, half)),
        ]
    };
    let nothing = || (Style::new(), String::new());

    let mut body = Vec::new();
    let mut left: Vec<Piece> = Vec::new();
    let mut right: Vec<Piece> = Vec::new();
    let flush = |left: &mut Vec<Piece>, right: &mut Vec<Piece>, body: &mut Vec<Vec<Piece>>| {
        let count = left.len().max(right.len());
        let (mut olds, mut news) = (left.drain(..), right.drain(..));
        for _ in 0..count {
            body.push(pair(olds.next().unwrap_or_else(nothing), news.next().unwrap_or_else(nothing)));
        }
    };
    for row in rows {
        match row {
            Row::Removed(number, text) => left.push((removed(), format!("{}- {text}", margin(*number)))),
            Row::Added(text) => right.push((added(), format!("+ {text}"))),
            Row::Same(number, text) => {
                flush(&mut left, &mut right, &mut body);
                body.push(pair(
                    (Style::new(), format!("{}  {text}", margin(*number))),
                    (Style::new(), format!("  {text}")),
                ));
            }
            Row::Heading(_) | Row::Gap => {
                flush(&mut left, &mut right, &mut body);
                body.push(unified(row));
            }
        }
    }
    flush(&mut left, &mut right, &mut body);
    body
}

fn margin(number: Option<crate::model::snippet::Line>) -> String {
    number.map_or_else(|| " ".repeat(6), |number| format!("{number:>5} "))
}

fn removed() -> Style {
    AnsiColor::Red.on_default()
}

fn added() -> Style {
    AnsiColor::Green.on_default()
}

/// The pieces of a line, as far as there is room.
fn fitted(pieces: Vec<Piece>, width: usize) -> Vec<Piece> {
    let mut left = width;
    let mut fitted = Vec::new();
    for (style, text) in pieces {
        let text = cut(&text, left);
        left -= text.width().min(left);
        fitted.push((style, text));
    }
    fitted
}

/// A text no wider than so many columns; where some of it is missing, its last column says so.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let columns = letter.width().unwrap_or(0);
        if used + columns + 1 > width {
            break;
        }
        used += columns;
        cut.push(letter);
    }
    if width > 0 {
        cut.push('…');
    }
    cut
}

fn painted(pieces: &[Piece], color: Color) -> String {
    let paint = |(style, text): &Piece| match color {
        Color::Always => format!("{style}{text}{style:#}"),
        Color::Never => text.clone(),
    };
    pieces.iter().map(paint).collect()
}
