//! Markers of other tools, wherever they stand: from their text to directives.
//!
//! Knows no documents: who calls has taken off the comment signs.

mod argument;
mod table;

use crate::directive::attributes::{self, Words};
use crate::directive::markers::table::{Meaning, Place, Row, TABLE};
use crate::directive::{Condition, Directive, DirectiveError, Skip, Wish};

/// Which blocks a marker of a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Next,
    /// The one behind the next.
    AfterNext,
    /// All until the one that says `End`.
    Start,
    End,
    /// All that follow.
    Rest,
}

/// What a comment of a document asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) reach: Reach,
    pub(crate) wish: Wish,
}

type Markers = Vec<Result<Marker, DirectiveError>>;
type Wishes = Vec<Result<Wish, DirectiveError>>;

/// A longer comment is prose.
const LONGEST: usize = 2000;
/// Shorter markers are words like others.
const SHORTEST_SLIP: usize = 6;
const LONGEST_SLIP: usize = 60;
const ANY_EXCEPTION: &str = "Exception";

/// Of a comment in a document: empty where it is prose.
pub(crate) fn read(comment: &str) -> Markers {
    let comment = comment.trim();
    if comment.is_empty() || comment.len() > LONGEST {
        return Vec::new();
    }
    // Of clauses that are joined by semicolons or lines the first one decides whether they are markers.
    let clauses = comment.split([';', '\n']).map(str::trim).filter(|clause| !clause.is_empty());
    if let Some((row, argument)) = found(Place::Comment, comment) {
        if row.meaning != Meaning::Named {
            return marked(row, argument).collect();
        }
        return clauses
            .filter_map(|clause| found(Place::Comment, clause))
            .flat_map(|(row, argument)| marked(row, argument))
            .collect();
    }
    near(Place::Comment, comment).into_iter().map(Err).collect()
}

/// Of a word behind a label; `None` where it is nobody's marker.
pub(super) fn in_info(word: &str) -> Option<Wishes> {
    found(Place::Info, word).map(|(row, argument)| wishes(row, argument))
}

/// The marker that a word behind a label was meant to be, if it is a likely slip of one.
pub(super) fn near_info(word: &str) -> Option<DirectiveError> {
    near(Place::Info, word)
}

/// Of a line `:key: value` or `#| key: value` in front of code, without its signs.
pub(crate) fn in_option(key: &str, value: &str) -> Wishes {
    let option = format!("{key}: {value}");
    found(Place::Option, &option).map_or(Vec::new(), |(row, argument)| wishes(row, argument))
}

/// Of a key of the front matter, `execute.eval` for `eval` below `execute`.
pub(crate) fn in_front_matter(key: &str, value: &str) -> Wishes {
    let entry = format!("{key}: {value}");
    found(Place::Page, &entry).map_or(Vec::new(), |(row, argument)| wishes(row, argument))
}

/// Mappings of the front matter in which `in_front_matter` knows keys.
pub(crate) fn is_page_mapping(key: &str) -> bool {
    let mut rows = TABLE.iter().filter(|row| row.place == Place::Page);
    rows.any(|row| row.spelling.split_once('.').is_some_and(|(mapping, _)| mapping == key))
}

/// Of a comment in front of code, without `#`.
pub(crate) fn in_code(comment: &str) -> Wishes {
    match found(Place::Code, comment) {
        Some((row, argument)) => wishes(row, argument),
        None => near(Place::Code, comment).into_iter().map(Err).collect(),
    }
}

fn found(place: Place, text: &str) -> Option<(&'static Row, &str)> {
    let mut rows = TABLE.iter().filter(|row| row.place == place);
    rows.find_map(|row| Some((row, fits(row.spelling, text)?)))
}

fn marked(row: &'static Row, argument: &str) -> impl Iterator<Item = Result<Marker, DirectiveError>> {
    let reach = row.reach;
    wishes(row, argument).into_iter().map(move |wish| wish.map(|wish| Marker { reach, wish }))
}

/// What the spelling's `…` stands for, empty where it has none; `None` where the text is something else.
fn fits<'a>(spelling: &str, text: &'a str) -> Option<&'a str> {
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

/// The text behind `literal`, whose blanks are any blanks, and none are needed behind a colon.
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
fn near(place: Place, text: &str) -> Option<DirectiveError> {
    if text.len() > LONGEST_SLIP || text.contains('\n') {
        return None;
    }
    // A spelling with an argument is known by what stands in front of it.
    let head = |text: &str| text.find(['(', '=']).map_or(text.len(), |at| at + 1);
    let written = &text[..head(text)];
    let rows = TABLE.iter().filter(|row| row.place == place);
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

fn wishes(row: &Row, argument: &str) -> Wishes {
    let why = || argument::reason(argument);
    let directives = match row.meaning {
        Meaning::Skip => vec![Directive::Skip(Skip { why: None })],
        Meaning::SkipWhy => vec![Directive::Skip(Skip { why: why() })],
        Meaning::Condition => {
            let (expression, why) = argument::condition(argument);
            vec![Directive::SkipIf(Condition::new(expression, why))]
        }
        Meaning::Version => match Condition::unless_python(argument) {
            Some(condition) => vec![Directive::SkipIf(condition)],
            None => vec![Directive::Requires(argument::names(argument))],
        },
        Meaning::Raises => {
            let class = argument::exception(argument).unwrap_or(ANY_EXCEPTION);
            vec![Directive::Raises(class.to_owned())]
        }
        Meaning::SyntaxError => vec![Directive::Raises("SyntaxError".to_owned())],
        Meaning::CompileOnly => vec![Directive::CompileOnly],
        Meaning::Nondeterministic => vec![Directive::Nondeterministic],
        Meaning::Requires => vec![Directive::Requires(argument::names(argument))],
        Meaning::Fixtures => vec![Directive::Fixtures(argument::names(argument))],
        Meaning::Group => vec![Directive::Group(argument.to_owned())],
        Meaning::Joined => vec![Directive::Joined],
        Meaning::Clear => vec![Directive::Clear],
        Meaning::Name => vec![Directive::Name(argument.to_owned())],
        Meaning::Named => {
            // The spelling holds the first letters of the name.
            let name = format!("test{argument}");
            vec![Directive::Name(name.clone()), Directive::Group(name)]
        }
        Meaning::Words => return attributes::in_words(argument, Words::Anybodys),
        Meaning::OwnWords => return attributes::in_words(argument, Words::Ours),
        Meaning::Tags => {
            let tags = argument::words(argument).filter_map(|tag| found(Place::Tag, tag));
            return tags.flat_map(|(row, argument)| wishes(row, argument)).collect();
        }
        Meaning::Nothing => Vec::new(),
    };
    let spelling = format!("`{}`", row.spelling);
    directives.into_iter().map(|directive| Ok(Wish { spelling: spelling.clone(), directive })).collect()
}

#[cfg(test)]
mod tests;
