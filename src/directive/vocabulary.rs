//! The words that are directives: one row for each, and the way from a slip to the word that was meant.

use crate::directive::error::DirectiveError;
use crate::directive::foreign::is_foreign;
use crate::directive::value::{Value, Written};
use crate::directive::wish::Directive;

/// How many values a word takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    One,
    /// Commas separate them.
    Several,
}

/// A word, and how it is read.
pub(crate) struct Word {
    pub(crate) spelling: &'static str,
    pub(crate) values: Values,
    /// A value for a hint.
    sample: &'static str,
    read: fn(Written) -> Result<Directive, DirectiveError>,
}

/// Every word. What a word means for a snippet is said in `Directives::apply`.
const WORDS: &[Word] = &[
    word("skip", Values::One, "\"why\"", |written| {
        let reason = written.reason()?;
        Ok(reason.map_or(Directive::Run, Directive::Skip))
    }),
    word("raises", Values::One, "ValueError", |written| written.class().map(Directive::Raises)),
    word("timeout", Values::One, "3s", |written| written.duration().map(Directive::Timeout)),
    word("clock", Values::One, "real", |written| written.clock().map(Directive::Clock)),
    word("isolated", Values::One, "true", |written| {
        Ok(if written.switch()? { Directive::Isolated } else { Directive::Shared })
    }),
    word("id", Values::One, "name", |written| written.name().map(Directive::Id)),
    word("files", Values::Several, "data.csv", |written| written.fixtures().map(Directive::Files)),
    word("setup", Values::Several, "name", |written| written.fixtures().map(Directive::Setup)),
];

const fn word(
    spelling: &'static str,
    values: Values,
    sample: &'static str,
    read: fn(Written) -> Result<Directive, DirectiveError>,
) -> Word {
    Word { spelling, values, sample, read }
}

impl Word {
    pub(crate) fn find(spelling: &str) -> Option<&'static Self> {
        WORDS.iter().find(|word| word.spelling == spelling)
    }

    pub(crate) fn read(&self, value: Value) -> Result<Directive, DirectiveError> {
        (self.read)(Written { key: self.spelling, sample: self.sample, value })
    }
}

impl Directive {
    /// Whether a directive of ours begins with this word.
    pub(crate) fn is_ours(word: &str) -> bool {
        Word::find(word).is_some()
    }

    pub(crate) fn parse(word: &str, value: Value) -> Result<Self, DirectiveError> {
        Word::find(word).ok_or_else(|| unknown(word))?.read(value)
    }
}

/// The complaint about a word that is none of them.
pub(crate) fn unknown(word: &str) -> DirectiveError {
    let known = spellings().collect();
    DirectiveError::Unknown { word: word.to_owned(), nearest: nearest(word), known }
}

pub(crate) fn spellings() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|word| word.spelling)
}

/// The word that `word` was meant to be, if it is a likely slip of one.
///
/// Long words forgive two slips where the first letter is right, short ones one, `id` none but capitals.
pub(crate) fn nearest(word: &str) -> Option<&'static str> {
    if word.len() > 20 || is_foreign(word) {
        return None;
    }

    let lower = word.to_ascii_lowercase();
    let (distance, meant) = spellings()
        .map(|spelling| (strsim::osa_distance(&lower, spelling), spelling))
        .min_by_key(|(distance, _)| *distance)?;

    let right_start = lower.chars().next() == meant.chars().next();
    let allowed = match meant.len() {
        0..=2 => 0,
        3..=5 => 1,
        _ if right_start => 2,
        _ => 1,
    };
    (distance <= allowed).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use crate::directive::foreign::FOREIGN;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        assert_eq!(nearest(word), expected, "{word}");
    }

    #[test]
    fn slips_find_their_word() {
        check("skp", Some("skip"));
        check("SKIP", Some("skip"));
        check("rasies", Some("raises"));
        check("raise", Some("raises"));
        check("tiemuot", Some("timeout"));
        check("time-out", Some("timeout"));
        check("isolate", Some("isolated"));
        check("fiels", Some("files"));
        check("clok", Some("clock"));
        check("setups", Some("setup"));
        check("ID", Some("id"));
    }

    #[test]
    fn other_words_are_left_alone() {
        for word in FOREIGN {
            check(word, None);
        }
        for word in ["is", "in", "it", "ids", "passes", "strip", "strict", "fixed", "timestamps", "", "é"] {
            check(word, None);
        }
    }
}
