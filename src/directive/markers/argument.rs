//! The text between the parentheses of a marker, or after its colon.

/// `reason="…"`, a quoted text, or the words themselves.
pub(super) fn reason(argument: &str) -> Option<String> {
    let text = keyword(argument, "reason").unwrap_or(argument).trim();

    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''));
    let text = quote.and_then(|quote| text[1..].split(quote).next()).unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The expression of a `skipif`, and why.
pub(super) fn condition(argument: &str) -> (&str, Option<String>) {
    let Some(at) = keyword_at(argument, "reason") else { return (unquoted(argument), None) };
    let expression = argument[..at].trim().trim_end_matches(',');
    (unquoted(expression), reason(&argument[at..]))
}

/// The class that an `xfail` names; `None` without one, or with several.
pub(super) fn exception(argument: &str) -> Option<&str> {
    let text = keyword(argument, "raises")?.trim_start();
    let end = text.find(|letter: char| !is_name(letter)).unwrap_or(text.len());

    (end > 0).then(|| &text[..end])
}

/// The words of a list, whichever way it is written.
pub(super) fn words(argument: &str) -> impl Iterator<Item = &str> {
    argument
        .split(|letter: char| {
            letter.is_whitespace() || matches!(letter, ',' | '[' | ']' | '"' | '\'' | '(' | ')')
        })
        .filter(|word| !word.is_empty())
}

/// Names of modules or fixtures, without versions.
pub(super) fn names(argument: &str) -> Vec<String> {
    let name = |word: &str| word.split(|letter: char| !is_name(letter)).next().unwrap_or_default().to_owned();
    let starts = |name: &String| name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    words(argument).map(name).filter(starts).collect()
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.')
}

fn keyword<'a>(argument: &'a str, key: &str) -> Option<&'a str> {
    let at = keyword_at(argument, key)?;
    argument[at + key.len()..].trim_start().strip_prefix('=')
}

/// Where `key=` stands as a word of its own.
fn keyword_at(argument: &str, key: &str) -> Option<usize> {
    argument.match_indices(key).map(|(at, _)| at).find(|at| {
        let before = argument[..*at].trim_end();
        let after = argument[at + key.len()..].trim_start();
        (before.is_empty() || before.ends_with(',')) && after.starts_with('=') && !after.starts_with("==")
    })
}

/// An expression without the quotes around it: conditions may be written as strings that hold them.
fn unquoted(expression: &str) -> &str {
    let expression = expression.trim();
    let quote = expression.chars().next().filter(|quote| matches!(quote, '"' | '\''));
    let inner =
        quote.and_then(|quote| expression[1..].strip_suffix(quote).filter(|inner| !inner.contains(quote)));
    inner.unwrap_or(expression)
}
