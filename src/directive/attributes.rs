//! The words behind a label: bare, `key=value`, `{key="value" .class}`, in any mixture.

use crate::directive::vocabulary::{Key, is_foreign, nearest};
use crate::directive::{Directive, DirectiveError, Value, Wish, markers};

/// A word with or without a value.
struct Attribute<'a> {
    key: &'a str,
    value: Option<String>,
    /// The value opens with a quote that nothing closes.
    unclosed: bool,
    /// It follows a comma without a blank, so it may belong to a list before it.
    joined: bool,
}

/// Whose words a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// Each is a directive, or a slip.
    Ours,
    /// Also those of other tools, markers or not.
    Anybodys,
}

/// The directives of an info string, its label taken off. Words of other tools that are no markers are passed over.
pub(crate) fn in_info(text: &str) -> Vec<Result<Wish, DirectiveError>> {
    in_words(text, Words::Anybodys)
}

pub(super) fn in_words(text: &str, words: Words) -> Vec<Result<Wish, DirectiveError>> {
    let mut attributes = attributes(text).into_iter().peekable();
    let mut found = Vec::new();
    while let Some(attribute) = attributes.next() {
        let Some(key) = Key::parse(attribute.key) else {
            match words {
                Words::Ours => found.push(Err(DirectiveError::Unknown { word: attribute.key.to_owned() })),
                Words::Anybodys => found.extend(foreign(&attribute)),
            }
            continue;
        };
        let mut value = attribute.value;
        while let Some(list) = value.as_mut().filter(|_| key.takes_list()) {
            let Some(more) = attributes.next_if(continues_list) else { break };
            list.push(',');
            list.push_str(more.key);
        }
        if attribute.unclosed {
            found.push(Err(DirectiveError::Unclosed { key }));
        } else {
            let directive = Directive::parse(attribute.key, value.map_or(Value::Absent, Value::Text));
            found.push(directive.map(|directive| Wish { spelling: attribute.key.to_owned(), directive }));
        }
    }
    found
}

/// A word that is not ours: a marker, a slip, or nothing that concerns a run.
fn foreign(attribute: &Attribute<'_>) -> Vec<Result<Wish, DirectiveError>> {
    let word = match &attribute.value {
        Some(value) => format!("{}={value}", attribute.key),
        None => attribute.key.to_owned(),
    };
    if let Some(wishes) = markers::in_info(&word) {
        return wishes;
    }
    let slip = match is_word(attribute.key) && !is_foreign(attribute.key) {
        true if nearest(attribute.key).is_some() => {
            Some(DirectiveError::Unknown { word: attribute.key.to_owned() })
        }
        true => markers::near_info(&word),
        false => None,
    };
    slip.map(Err).into_iter().collect()
}

fn attributes(text: &str) -> Vec<Attribute<'_>> {
    let mut attributes = Vec::new();
    let mut rest = text;
    loop {
        let start = rest.trim_start_matches(is_separator);
        if start.is_empty() {
            return attributes;
        }
        let skipped = &rest[..rest.len() - start.len()];
        let key_end = start.find(|letter| is_separator(letter) || letter == '=').unwrap_or(start.len());
        let mut attribute =
            Attribute { key: &start[..key_end], value: None, unclosed: false, joined: skipped == "," };
        rest = &start[key_end..];
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            let value = value(after.trim_start());
            rest = value.rest;
            attribute.value = Some(value.text);
            attribute.unclosed = value.unclosed;
        }
        attributes.push(attribute);
    }
}

struct RawValue<'a> {
    text: String,
    unclosed: bool,
    rest: &'a str,
}

fn value(start: &str) -> RawValue<'_> {
    let quote = start.chars().next().filter(|letter| matches!(letter, '"' | '\''));
    if let Some(quote) = quote
        && let Some((text, rest)) = quoted(&start[1..], quote)
    {
        return RawValue { text, unclosed: false, rest };
    }
    let end = start.find(is_separator).unwrap_or(start.len());
    RawValue { text: start[..end].to_owned(), unclosed: quote.is_some(), rest: &start[end..] }
}

fn quoted(inner: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return Some((text, &inner[at + 1..]));
        }
        if letter == '\\' && inner[at + 1..].starts_with([quote, '\\']) {
            text.extend(letters.next().map(|(_, escaped)| escaped));
        } else {
            text.push(letter);
        }
    }
    None
}

fn continues_list(attribute: &Attribute<'_>) -> bool {
    attribute.joined && attribute.value.is_none() && Key::parse(attribute.key).is_none()
}

/// Paths, classes, punctuation and the like are nobody's slip.
fn is_word(key: &str) -> bool {
    key.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '{' | '}' | ',')
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::in_info;
    use crate::directive::{Directive, Skip};

    #[track_caller]
    fn check(info: &str, expected: &[Result<Directive, &str>]) {
        let found: Vec<_> = in_info(info)
            .into_iter()
            .map(|found| found.map(|wish| wish.directive).map_err(|error| error.to_string()))
            .collect();
        let expected: Vec<_> = expected.iter().cloned().map(|item| item.map_err(str::to_owned)).collect();
        assert_eq!(found, expected, "{info}");
    }

    fn skip(why: Option<&str>) -> Directive {
        Directive::Skip(Skip { why: why.map(str::to_owned) })
    }

    #[test]
    fn both_spellings() {
        check("skip", &[Ok(skip(None))]);
        check(" skip=\"no GPU, here\"", &[Ok(skip(Some("no GPU, here")))]);
        check("{skip='it\\'s slow' .cls}", &[Ok(skip(Some("it's slow")))]);
        check("{.cls skip=why #anchor}", &[Ok(skip(Some("why")))]);
        check(",skip,timeout=3s", &[Ok(skip(None)), Ok(Directive::Timeout(Duration::from_secs(3)))]);
        check("isolated id = load", &[Ok(Directive::Isolated), Ok(Directive::Id("load".into()))]);
    }

    #[test]
    fn lists_take_commas() {
        let files =
            |names: &[&str]| Ok(Directive::Files(names.iter().map(|&name| name.to_owned()).collect()));
        check("files=a.csv,b.txt isolated", &[files(&["a.csv", "b.txt"]), Ok(Directive::Isolated)]);
        check("files=a.csv,skip", &[files(&["a.csv"]), Ok(skip(None))]);
        check("files=\"a.csv, b c.txt\"", &[files(&["a.csv", "b c.txt"])]);
    }

    #[test]
    fn words_of_others_are_passed_over() {
        check("title=\"skip me\" hl_lines='1 2' {1,3-4} linenums=\"1\" .skip /skip", &[]);
        check("exec=\"on\" source=\"above\" title=\"it's", &[]);
    }

    #[test]
    fn slips_and_holes() {
        check("timout=3", &[Err("unknown directive `timout`")]);
        check("timeout", &[Err("`timeout` needs a value")]);
        check("skip=\"open", &[Err("the value of `skip` has no closing quote")]);
    }
}
