//! The words after a label: bare, `key=value`, `{key="value" .class}`, in any mixture. What they mean is decided elsewhere.

/// A word with or without a value.
pub(super) struct Attribute<'a> {
    pub(super) key: &'a str,
    pub(super) value: Option<String>,
    /// Whether the value opens with a quote that nothing closes.
    pub(super) unclosed: bool,
    /// Whether only a comma, without a blank, separates it from the word before: it may belong to a list.
    pub(super) joined: bool,
}

/// The words of a text in their order.
pub(super) fn attributes(text: &str) -> Vec<Attribute<'_>> {
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

/// A value in quotes or without, and what follows it.
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

/// The text up to the quote that closes it, and what follows that quote.
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

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '{' | '}' | ',')
}
