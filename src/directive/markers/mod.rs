//! Markers of other tools, wherever they stand: from their text to directives.
//!
//! Knows no documents: the caller has taken off the comment signs.

mod argument;
mod info;
mod lookup;
mod table;

use crate::directive::error::DirectiveError;
use crate::directive::markers::info::{Wishes, wishes};
pub(crate) use crate::directive::markers::info::{attribute_value, in_info};
use crate::directive::markers::lookup::{found, near};
pub(crate) use crate::directive::markers::table::Reach;
use crate::directive::markers::table::{MarkerKind, Meaning, Row, TABLE};
use crate::directive::wish::Wish;

/// What a comment of a document asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) reach: Reach,
    pub(crate) wish: Wish,
}

/// The longest comment that can be a marker, in bytes: a longer one is prose.
const LONGEST: usize = 2000;

type Markers = Vec<Result<Marker, DirectiveError>>;

/// The markers of a comment in a document: none where it is prose.
pub(crate) fn read(comment: &str) -> Markers {
    let comment = comment.trim();
    if comment.is_empty() || comment.len() > LONGEST {
        return Vec::new();
    }

    // Of clauses that are joined by semicolons or lines the first one decides whether they are markers.
    let clauses = comment.split([';', '\n']).map(str::trim).filter(|clause| !clause.is_empty());
    if let Some((row, argument)) = found(MarkerKind::Comment, comment) {
        if row.meaning != Meaning::Named {
            return marked(row, argument).collect();
        }
        return clauses
            .filter_map(|clause| found(MarkerKind::Comment, clause))
            .flat_map(|(row, argument)| marked(row, argument))
            .collect();
    }

    near(MarkerKind::Comment, comment).into_iter().map(Err).collect()
}

/// Whether a comment is a marker, also one that asks for nothing.
pub(crate) fn is_marker(comment: &str) -> bool {
    comment.len() <= LONGEST && found(MarkerKind::Comment, comment.trim()).is_some()
}

/// The wishes of a line `:key: value` or `#| key: value` before code, without its signs.
pub(crate) fn in_option(key: &str, value: &str) -> Wishes {
    let option = format!("{key}: {value}");
    found(MarkerKind::Option, &option).map_or(Vec::new(), |(row, argument)| wishes(row, argument))
}

/// The wishes of a key of the front matter, `execute.eval` for `eval` below `execute`.
pub(crate) fn in_front_matter(key: &str, value: &str) -> Wishes {
    let entry = format!("{key}: {value}");
    found(MarkerKind::Page, &entry).map_or(Vec::new(), |(row, argument)| wishes(row, argument))
}

/// Mappings of the front matter in which `in_front_matter` knows keys.
pub(crate) fn is_page_mapping(key: &str) -> bool {
    let mut rows = TABLE.iter().filter(|row| row.kind == MarkerKind::Page);
    rows.any(|row| row.spelling.split_once('.').is_some_and(|(mapping, _)| mapping == key))
}

/// The wishes of a comment before code, without `#`.
pub(crate) fn in_code(comment: &str) -> Wishes {
    match found(MarkerKind::Code, comment) {
        Some((row, argument)) => wishes(row, argument),
        None => near(MarkerKind::Code, comment).into_iter().map(Err).collect(),
    }
}

/// What a row asks for, and for which blocks.
fn marked(row: &'static Row, argument: &str) -> impl Iterator<Item = Result<Marker, DirectiveError>> {
    let reach = row.reach;
    wishes(row, argument).into_iter().map(move |wish| wish.map(|wish| Marker { reach, wish }))
}

#[cfg(test)]
mod tests;
