//! From the text of a marker to its row of the table.

use crate::directive::error::DirectiveError;
use crate::directive::markers::table::{MarkerKind, Row, TABLE};

/// A marker of fewer letters is too near to ordinary words to be meant by a slip.
const SHORTEST_SLIP: usize = 6;
/// A longer text is prose.
const LONGEST_SLIP: usize = 60;

/// The first row that fits a text, and the argument that the text has.
pub(super) fn found(kind: MarkerKind, text: &str) -> Option<(&'static Row, &str)> {
    let mut rows = TABLE.iter().filter(|row| row.kind == kind);
    rows.find_map(|row| Some((row, fits(row.spelling, text)?)))
}

/// What the spelling's `…` stands for, empty where it has none; `None` where the text is something else.
pub(super) fn fits<'a>(spelling: &str, text: &'a str) -> Option<&'a str> {
    let Some((before, after)) = spelling.split_once('…') else {
        return begins(spelling, text)?.trim().is_empty().then_some("");
    };

    let rest = begins(before, text)?;
    let argument = match after.chars().next() {
        None => rest,
        Some(first) => {
            let (argument, end) = rest.split_at(rest.rfind(first)?);
            begins(after, end).filter(|rest| rest.trim().is_empty()).map(|_| argument)?
        }
    };

    let argument = argument.trim();
    (!argument.is_empty()).then_some(argument)
}

/// The text after `literal`. A blank of `literal` stands for any blanks, after a colon also for none.
fn begins<'a>(literal: &str, text: &'a str) -> Option<&'a str> {
    let mut rest = text;
    let mut before = ' ';
    for letter in literal.chars() {
        if letter == ' ' {
            let more = rest.trim_start();
            if more.len() == rest.len() && before != ':' {
                return None;
            }
            rest = more;
        } else {
            rest = rest.strip_prefix(|found: char| found.eq_ignore_ascii_case(&letter))?;
        }

        if letter == ':' {
            rest = rest.trim_start();
        }
        before = letter;
    }

    Some(rest)
}

/// A complaint where `text` is one or two slips away from a marker.
pub(super) fn near(kind: MarkerKind, text: &str) -> Option<DirectiveError> {
    if text.len() > LONGEST_SLIP || text.contains('\n') {
        return None;
    }

    // A spelling with an argument is recognised by what precedes the argument.
    let head = |text: &str| text.find(['(', '=']).map_or(text.len(), |at| at + 1);
    let written = &text[..head(text)];

    let rows = TABLE.iter().filter(|row| row.kind == kind);
    let distances = rows.filter_map(|row| {
        let known = &row.spelling[..head(row.spelling)];
        let fit = !known.contains('…')
            && known.len() >= SHORTEST_SLIP
            && known.len().abs_diff(written.len()) <= 2
            && known.as_bytes().first() == written.as_bytes().first();
        let distance = if fit { strsim::osa_distance(known, written) } else { usize::MAX };
        let allowed = if known.len() < 10 { 1 } else { 2 };
        (1..=allowed).contains(&distance).then_some((distance, row))
    });

    let (_, meant) = distances.min_by_key(|(distance, _)| *distance)?;
    Some(DirectiveError::NearMarker { marker: text.to_owned(), meant: meant.spelling, tool: meant.tool })
}
