//! The words of a command line before they are parsed: which are flags, which of these take the next word.

use std::ffi::OsString;

use clap::{ArgAction, Command};

/// Flags that change what a snippet does or is held to: a command that repeats a failure needs them too.
const REPEATED: [&str; 13] = [
    "share",
    "timeout",
    "python",
    "sandbox",
    "limit",
    "env",
    "readable",
    "network",
    "clock",
    "trust",
    "untrusted",
    "snapshots",
    "claims",
];

/// Puts a verb before the flags that precede it: `--timeout 5s run README.md`.
///
/// A file or folder of that name is meant as one, and so is whatever follows another path.
pub(super) fn verb_first(mut words: Vec<OsString>, command: &Command) -> Vec<OsString> {
    let mut at = 0;
    while let Some(flag) = words.get(at).and_then(|word| Flag::read(word, command)) {
        at += flag.words();
    }

    let is_verb = |word: &OsString| {
        let named = |verb: &Command| verb.get_name_and_visible_aliases().iter().any(|name| word == *name);
        command.get_subcommands().any(named) && !std::path::Path::new(word).exists()
    };
    if at > 0 && words.get(at).is_some_and(is_verb) {
        words[..=at].rotate_right(1);
    }
    words
}

/// Those of the words that have to stand on a command that repeats a failure, in their order. The value of a variable
/// is left out: it may be a secret.
pub(super) fn repeated(words: &[OsString], command: &Command) -> Vec<String> {
    let mut repeated = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let flag = Flag::read(word, command);
        let length = flag.as_ref().map_or(1, Flag::words);
        let whole = &words[at..(at + length).min(words.len())];
        at += length;

        let Some(name) = flag.and_then(|flag| flag.long).filter(|name| REPEATED.contains(&name.as_str()))
        else {
            continue;
        };
        let mut whole: Vec<String> = whole.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        if name == "env" {
            let value = whole.last_mut().expect("a flag has a word");
            let skipped = if value.starts_with("--env=") { "--env=".len() } else { 0 };
            if let Some(end) = value[skipped..].find('=') {
                value.replace_range(skipped + end + 1.., "…");
            }
        }
        repeated.append(&mut whole);
    }
    repeated
}

/// A word that begins with a dash.
struct Flag {
    /// As the program knows it; `None` for a slip.
    long: Option<String>,
    takes_next: bool,
}

impl Flag {
    /// `None` for a path, a verb, and the two dashes after which everything is a path.
    fn read(word: &OsString, command: &Command) -> Option<Self> {
        let text = word.to_string_lossy();
        let (name, has_value, is_long) = match text.strip_prefix("--") {
            Some("") => return None,
            Some(long) => (long.split('=').next().unwrap_or(long), long.contains('='), true),
            None => {
                let short = text.strip_prefix('-').filter(|short| !short.is_empty())?;
                let end = short.char_indices().nth(1).map_or(short.len(), |(end, _)| end);
                (&short[..end], end < short.len(), false)
            }
        };

        let commands = std::iter::once(command).chain(command.get_subcommands());
        let mut arguments = commands.flat_map(Command::get_arguments);
        let known = arguments.find(|argument| {
            if is_long {
                argument.get_long() == Some(name)
            } else {
                argument.get_short().is_some_and(|short| name.starts_with(short))
            }
        });
        let takes_value =
            known.is_some_and(|known| matches!(known.get_action(), ArgAction::Set | ArgAction::Append));
        let long = known.and_then(clap::Arg::get_long).map(str::to_owned);
        Some(Self { long, takes_next: takes_value && !has_value })
    }

    fn words(&self) -> usize {
        if self.takes_next { 2 } else { 1 }
    }
}
