//! Option flags for every `>>>` example, from our own table or from pytest's.

use toml::de::{DeTable, DeValue};

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
    words(value)?.into_iter().try_fold(Flags::default(), |flags, word| match Flag::parse(word) {
        Some(flag) => Ok(flags.with(flag)),
        None => Err(Unreadable::Word(word.to_owned())),
    })
}

/// The flags that pytest's settings in the same file name. Flags of plugins may be unknown here: they are passed over.
pub(super) fn of_pytest(document: &DeTable<'_>) -> Flags {
    let table = ["tool", "pytest", "ini_options", KEY];
    let mut value = document.get(table[0]);
    for key in &table[1..] {
        value = value.and_then(|value| value.get_ref().get(*key));
    }

    let words = value.and_then(|value| words(value.get_ref()).ok()).unwrap_or_default();
    words.into_iter().filter_map(Flag::parse).fold(Flags::default(), Flags::with)
}

fn words<'a>(value: &'a DeValue<'_>) -> Result<Vec<&'a str>, Unreadable> {
    if let Some(text) = value.as_str() {
        return Ok(text.split_whitespace().collect());
    }
    let items = value.as_array().ok_or(Unreadable::Shape)?;
    items.iter().map(|item| item.get_ref().as_str().ok_or(Unreadable::Shape)).collect()
}
