//! A command that is taken for a path because of a slip of the finger.

use std::path::Path;

use clap::{Command, Error, error::ErrorKind};

/// Letters that may be wrong, missing, too many or swapped.
const SLIPS: usize = 2;

/// What to say of a first word that names nothing, and nearly a command.
pub(super) fn complaint(word: &str, command: &mut Command) -> Option<Error> {
    let is_plain = word.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
    if !is_plain || Path::new(word).exists() {
        return None;
    }

    let meant = command
        .get_subcommands()
        .map(|verb| (strsim::osa_distance(word, verb.get_name()), verb.get_name().to_owned()))
        .filter(|(slips, verb)| *slips <= SLIPS && *slips < verb.len().min(word.len()))
        .min()?
        .1;

    let message = format!("no such file, folder or command: `{word}`; did you mean `{meant}`?");
    Some(command.error(ErrorKind::InvalidSubcommand, message))
}
