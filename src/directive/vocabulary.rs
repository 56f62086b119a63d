//! The words that are ours, the words of other tools, and the way from a slip to the word that was meant.

/// The key of a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Skip,
    Raises,
    Timeout,
    Clock,
    Isolated,
    Id,
    Files,
    Setup,
}

impl Key {
    const ALL: [Self; 8] = [
        Self::Skip,
        Self::Raises,
        Self::Timeout,
        Self::Clock,
        Self::Isolated,
        Self::Id,
        Self::Files,
        Self::Setup,
    ];

    pub(crate) fn spelling(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Raises => "raises",
            Self::Timeout => "timeout",
            Self::Clock => "clock",
            Self::Isolated => "isolated",
            Self::Id => "id",
            Self::Files => "files",
            Self::Setup => "setup",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.spelling() == word)
    }

    pub(crate) fn spellings() -> String {
        Self::ALL.map(|key| format!("`{}`", key.spelling())).join(", ")
    }

    pub(crate) fn sample(self) -> &'static str {
        match self {
            Self::Skip => "\"why\"",
            Self::Raises => "ValueError",
            Self::Timeout => "3s",
            Self::Clock => "real",
            Self::Isolated => "true",
            Self::Files => "data.csv",
            Self::Id | Self::Setup => "name",
        }
    }

    pub(crate) fn takes_list(self) -> bool {
        match self {
            Self::Files | Self::Setup => true,
            Self::Skip | Self::Raises | Self::Timeout | Self::Clock | Self::Isolated | Self::Id => false,
        }
    }
}

/// Words of other tools that could be taken for a slip, and their neighbours. They are left alone.
const FOREIGN: &[&str] = &[
    "block",
    "case",
    "class",
    "complete",
    "continuation",
    "echo",
    "env",
    "error",
    "eval",
    "exec",
    "file",
    "filename",
    "fixture",
    "fixtures",
    "group",
    "hide",
    "highlight",
    "hl_lines",
    "html",
    "ignore",
    "include",
    "interactive",
    "label",
    "linenos",
    "linenums",
    "lineno",
    "lines",
    "lint",
    "lock",
    "mark",
    "memory",
    "name",
    "no_run",
    "notest",
    "output",
    "outside_main",
    "repl",
    "requires",
    "result",
    "retry",
    "returncode",
    "run",
    "runner",
    "section",
    "session",
    "should_panic",
    "show",
    "skip-reason",
    "skip-run",
    "skipif",
    "source",
    "step",
    "style",
    "tabs",
    "tags",
    "test",
    "testsetup",
    "text",
    "tile",
    "tiles",
    "time",
    "timeit",
    "title",
    "upgrade",
    "width",
    "workdir",
];

pub(crate) fn is_foreign(word: &str) -> bool {
    FOREIGN.contains(&word)
}

/// The key that `word` was meant to be, if it is a likely slip of one.
///
/// Long keys forgive two slips where the first letter is right, short ones one, `id` none but capitals.
pub(crate) fn nearest(word: &str) -> Option<Key> {
    if word.len() > 20 || is_foreign(word) {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    Key::ALL
        .into_iter()
        .map(|key| (strsim::osa_distance(&lower, key.spelling()), key))
        .min_by_key(|near| near.0)
        .and_then(|(distance, key)| {
            let length = key.spelling().len();
            let right_start = lower.chars().next() == key.spelling().chars().next();
            let allowed = match length {
                0..=2 => 0,
                3..=5 => 1,
                _ if right_start => 2,
                _ => 1,
            };
            (distance <= allowed).then_some(key)
        })
}

/// The word of a list that is a likely slip away: one letter in five.
pub(super) fn nearest_of(word: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let near = known.map(|known| (strsim::osa_distance(word, known), known)).min();
    near.filter(|(distance, known)| word.len() < 40 && *distance <= known.len().div_ceil(5))
        .map(|near| near.1)
}

#[cfg(test)]
mod tests {
    use super::{FOREIGN, Key, nearest};

    #[track_caller]
    fn check(word: &str, expected: Option<Key>) {
        assert_eq!(nearest(word), expected, "{word}");
    }

    #[test]
    fn slips_find_their_word() {
        check("skp", Some(Key::Skip));
        check("SKIP", Some(Key::Skip));
        check("rasies", Some(Key::Raises));
        check("raise", Some(Key::Raises));
        check("tiemuot", Some(Key::Timeout));
        check("time-out", Some(Key::Timeout));
        check("isolate", Some(Key::Isolated));
        check("fiels", Some(Key::Files));
        check("clok", Some(Key::Clock));
        check("setups", Some(Key::Setup));
        check("ID", Some(Key::Id));
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
