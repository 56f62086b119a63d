//! Any text can stand in a `pyproject.toml`: it is read, or refused with its place.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::config::{CommandFlags, Environment, raw, resolve};
use crate::directive::duration;

/// Keys of the table.
const KEYS: &[&str] = &[
    "paths",
    "exclude",
    "share",
    "snapshots",
    "claims",
    "timeout",
    "run-timeout",
    "python",
    "pythonpath",
    "redactions",
    "setup",
    "files",
    "doctest_optionflags",
    "jobs",
];

/// What else a settings file is made of.
const FRAGMENTS: &[&str] = &[
    "[tool.snipcheck]\n",
    "[tool]\n",
    "snipcheck = 3\n",
    "[[tool.snipcheck]]\n",
    "tool = {snipcheck = {",
    "}}\n",
    "\n",
    "\n",
    "\r\n",
    " = ",
    " = ",
    "pattern",
    "replacement",
    "shar",
    "é",
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"a\"",
    "'[a-'",
    "'**/{a,b'",
    "'(?x'",
    "\"\\u001b\"",
    "'3s'",
    "'none'",
    "'required'",
    "3",
    "-1",
    "1e400",
    "0x10",
    "nan",
    "inf",
    "1979-05-27",
    "true",
    "99999999999999999999",
    "# ",
    "\0",
    "\u{feff}",
    "🦀",
    "pattern = 'a+', ",
    "replacement = '$1'",
];

fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => select(FRAGMENTS).prop_map(str::to_owned),
        2 => select(KEYS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// One key with a value, so that most of them get beyond the syntax.
fn entry() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter_map("toml writes them so", |number| {
            number.is_finite().then(|| format!("{number:?}"))
        }),
        "'[^'\\p{C}]{0,8}'",
        "'[0-9]{0,30}(\\.[0-9]{0,30})?(ms|s|m|h|d)?'",
        "\\['[^'\\p{C}]{0,8}'(, '[a-z*?{}\\[\\]!,]{0,8}')?\\]",
        "\\[\\{ pattern = '[a-z*+?(){}|\\[\\]0-9]{0,12}', replacement = '[$0-9a-z{}]{0,6}' \\}\\]",
    ];

    (select(KEYS), value).prop_map(|(key, value)| format!("[tool.snipcheck]\n{key} = {value}\n"))
}

/// What a word for documents can be made of.
const WORDS: &[&str] = &[
    "a",
    "a.md",
    "docs",
    "/",
    "//",
    ".",
    "..",
    "./",
    "../",
    "*",
    "**",
    "?",
    "[",
    "]",
    "[!a]",
    "{",
    "}",
    ",",
    ":",
    ":1",
    ":0",
    ":99999999999999999999",
    ":-1",
    "~",
    "\\",
    " ",
    "\n",
    "\0",
    "é",
    "\u{202e}",
];

proptest! {
    #[test]
    fn any_word_is_a_place_or_refused(words in vec(vec(select(WORDS), 0..8).prop_map(|pieces| pieces.concat()), 1..3)) {
        let environment = Environment { folder: "/dev/shm".into(), ..Environment::default() };
        let flags = CommandFlags { paths: words, ..CommandFlags::default() };
        match resolve(&flags, &environment) {
            Ok(settings) => prop_assert!(!settings.paths.is_empty()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn any_settings_are_read_or_refused(text in prop_oneof![fragments(), entry(), any::<String>()]) {
        for text in [text.clone(), format!("[tool.snipcheck]\n{text}")] {
            if let Err(error) = raw::read(Path::new("pyproject.toml"), &text) {
                prop_assert!(error.to_string().starts_with("pyproject.toml:"), "{}", error);
                prop_assert_ne!(error.hint(), Some(String::new()));
            }
        }
    }

    #[test]
    fn any_word_is_a_duration_or_none(word in prop_oneof![any::<String>(), "-?[0-9.e]{0,40}[a-z]{0,2}"]) {
        if let Ok(span) = duration::parse(&word, duration::LONGEST) {
            prop_assert!(!span.is_zero() && span.as_secs() <= 365 * 24 * 3600, "{}", word);
        }
    }
}
