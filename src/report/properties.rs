//! Whatever foreign text holds, what is printed of it steers no terminal and commands no build server.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::report::quote::{Ends, quote};
use crate::report::{ascii, escape, shell};

const FRAGMENTS: &[&str] = &[
    ":",
    "::",
    ":::",
    "#",
    "##",
    "###",
    "[",
    "]",
    "##[",
    "##vso[",
    "##teamcity[",
    "::error",
    "::error::",
    "::set-output name=x::",
    "::stop-commands::",
    "error",
    "a",
    "-",
    "_",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "%0A",
    "=",
    ",",
    "\\",
    "\"",
    "'",
    "$",
    "`",
    "\x1b",
    "\x1b[31m",
    "\x1b]0;x\x07",
    "\x1b]8;;http://x\x1b\\",
    "\u{9b}",
    "\u{9d}",
    "\u{85}",
    "\0",
    "\x08",
    "\x7f",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{2029}",
    "\u{200b}",
    "\u{feff}",
    "\u{ad}",
    "\u{e0041}",
    "\u{a0}",
    "\u{3000}",
    "\u{2003}",
    "é",
    "漢",
    "🦀",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => select(FRAGMENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => any::<String>(),
    ];
    vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// What a terminal takes for more than text, and what a reader cannot see or sees elsewhere.
fn is_unsafe(letter: char) -> bool {
    matches!(letter, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Whether a build server would take the line for a command: GitHub by `::` behind any blanks and another `::`,
/// Azure and GitHub by `##[` and `##vso[` wherever they stand, `TeamCity` by `##teamcity[`.
fn is_command(line: &str) -> bool {
    let starts = line.trim_start().strip_prefix("::").is_some_and(|rest| rest.contains("::"));
    let lower = line.to_ascii_lowercase();
    starts
        || ["##[", "##vso[", "##teamcity["].iter().any(|command| lower.contains(command))
        || names_one(line)
}

/// `::word::` anywhere in a line.
fn names_one(line: &str) -> bool {
    line.match_indices("::").any(|(at, _)| {
        let rest = &line[at + 2..];
        let word =
            rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
        word.is_some_and(|end| end > 0 && rest[end..].starts_with("::"))
    })
}

#[track_caller]
fn check(shown: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(shown.find(is_unsafe), None, "{:?}", shown);
    for line in shown.split('\n') {
        prop_assert!(!is_command(line), "{:?}", line);
    }
    Ok(())
}

proptest! {
    #[test]
    fn one_line_of_foreign_text_is_harmless(text in text()) {
        for shown in [escape::word(&text).into_owned(), escape::phrase(&text)] {
            check(&shown)?;
            prop_assert!(!shown.contains(['\n', '\t']), "{:?}", shown);
        }
        check(&escape::line(&text.replace('\n', " ")))?;
    }

    #[test]
    fn quoted_text_is_harmless_behind_its_bar(text in text()) {
        let mut shown = Vec::new();
        quote(&mut shown, &text, Ends { head: 3, tail: 3 }).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        check(&shown)?;
        prop_assert!(shown.lines().all(|line| line.starts_with("  │")), "{:?}", shown);
    }

    #[test]
    fn escaping_twice_hides_no_more(text in text()) {
        let once = escape::word(&text).into_owned();
        prop_assert_eq!(escape::word(&once).into_owned(), once);
    }

    #[test]
    fn commands_to_copy_are_harmless(text in text()) {
        check(&shell::command(&["snipcheck", "run", &text]))?;
    }

    #[test]
    fn json_is_ascii_on_one_line(text in text()) {
        let mut line = Vec::new();
        ascii::write(&mut line, &text).unwrap();
        let line = String::from_utf8(line).unwrap();
        prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{:?}", line);
        prop_assert!(!line.contains("##"), "{:?}", line);
        prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), Value::String(text));
    }
}
