//! Option flags for every `>>>` example, from our own table or from those of pytest and xdoctest.

use toml::de::{DeTable, DeValue};

use crate::directive;
use crate::directive::{Flag, Flags};

/// The key in our table, spelled as pytest spells it in its own.
pub(super) const KEY: &str = "doctest_optionflags";

/// Why a value holds no option flags.
pub(super) enum Unreadable {
    /// A word in it is no flag.
    Word(String),
    /// It is neither a text nor a list of them.
    Shape,
}

/// The flags that a list of words, or one text of them, names.
pub(super) fn flags(value: &DeValue<'_>) -> Result<Flags, Unreadable> {
    words(value)?.into_iter().try_fold(Flags::default(), |flags, word| match directive::parse_flag(word) {
        Some(flag) => Ok(flags.with(flag)),
        None => Err(Unreadable::Word(word.to_owned())),
    })
}

/// Our own flags, or pytest's, and the dialect of the tool that runs the examples.
pub(super) fn of_project(ours: Option<Flags>, document: &DeTable<'_>) -> Flags {
    let flags = ours.unwrap_or_else(|| of_pytest(document));
    if are_for_xdoctest(document) { flags.with(Flag::Xdoctest) } else { flags }
}

/// The flags that pytest's settings in the same file name. Flags of plugins may be unknown here: they are passed over.
fn of_pytest(document: &DeTable<'_>) -> Flags {
    let words = value(document, &["pytest", "ini_options", KEY]).and_then(|value| words(value).ok());
    let flags = words.unwrap_or_default().into_iter().filter_map(directive::parse_flag);
    flags.fold(Flags::default(), Flags::with)
}

/// Whether xdoctest runs the examples of the project: it has a table, or pytest is told to load it.
fn are_for_xdoctest(document: &DeTable<'_>) -> bool {
    let options = value(document, &["pytest", "ini_options", "addopts"]).and_then(|value| words(value).ok());
    value(document, &["xdoctest"]).is_some()
        || options.is_some_and(|words| words.iter().any(|word| word.starts_with("--xdoc")))
}

/// The value below `tool`.
fn value<'a>(document: &'a DeTable<'a>, keys: &[&str]) -> Option<&'a DeValue<'a>> {
    let first = document.get("tool").map(toml::Spanned::get_ref);
    keys.iter().fold(first, |value, key| value?.get(*key).map(toml::Spanned::get_ref))
}

fn words<'a>(value: &'a DeValue<'_>) -> Result<Vec<&'a str>, Unreadable> {
    if let Some(text) = value.as_str() {
        return Ok(text.split_whitespace().collect());
    }
    let items = value.as_array().ok_or(Unreadable::Shape)?;
    items.iter().map(|item| item.get_ref().as_str().ok_or(Unreadable::Shape)).collect()
}
