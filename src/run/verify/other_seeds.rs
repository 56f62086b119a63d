//! Passes with other seeds: a false claim about order, identity or chance may be true of another run of the same code.
//!
//! Knows what is in doubt and how to compare, not how things run.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::policy::{Chance, Entropy, Launch, Layout};
use crate::plan::Session;
use crate::run::jobs::{Part, Pass};
use crate::run::verify::doubted::{Doubted, is_in_doubt};
use crate::run::verify::held::{Held, SnippetIndex};

/// Hash seeds of Python, one for each pass. Two elements of a set have a chance of one half to change places.
const SEEDS: RangeInclusive<u32> = 1..=3;

/// Hash seeds of passes over what the first ones leave open: a draw that none of them had, an order that none of them
/// changed.
const MORE_SEEDS: RangeInclusive<u32> = 4..=15;

/// Between the clocks of two passes: another year, month, weekday, hour, minute and second.
const STEP: u64 = 397 * 86_400 + 3 * 3600 + 17 * 60 + 11;

/// Passes may take as long as everything before them, and at least this long.
pub(in crate::run) const LEAST: Duration = Duration::from_secs(8);

/// Wall time of a session up to its last snippet that another pass is worth.
const LONGEST: Duration = Duration::from_secs(5);

/// So many hexadecimal digits in a row are an address, an id, a hash, a measurement or a random number.
const LONG_NUMBER: usize = 8;

/// Code with one of these words in it may do something else the next time.
const MOVING: [&str; 20] = [
    "random",
    "secrets",
    "uuid",
    "time",
    "thread",
    "process",
    "async",
    "concurrent",
    "set(",
    "hash(",
    "id(",
    "listdir(",
    "now(",
    "today(",
    "clock",
    "urandom",
    "{",
    "object",
    "pid(",
    "tempfile",
];

/// What the first passes with other seeds find decided, and those that may have to follow: nothing as it was before.
pub(in crate::run) fn chances(usual: Chance) -> [Vec<Chance>; 2] {
    let chance = |seed: u32| Chance {
        launch: Launch { hash_seed: seed, layout: Layout::Random },
        entropy: match usual.entropy {
            Entropy::Seeded(_) => Entropy::Seeded(seed.into()),
            Entropy::Real => Entropy::Real,
        },
        start: usual.start + STEP * u64::from(seed),
    };
    [SEEDS, MORE_SEEDS].map(|seeds| seeds.map(chance).collect())
}

/// False claims that may be a matter of chance wait for passes with other seeds.
#[derive(Debug)]
pub(in crate::run) struct OtherSeeds {
    held: BTreeMap<SnippetIndex, Doubted>,
    /// Bytes that there is room for.
    room: usize,
    /// Whether the code of a session may do something else the next time.
    moving: BTreeMap<usize, bool>,
    /// What each session has taken so far.
    spent: BTreeMap<usize, Duration>,
}

impl OtherSeeds {
    pub(in crate::run) fn with_room(room: usize) -> Self {
        Self { held: BTreeMap::new(), room, moving: BTreeMap::new(), spent: BTreeMap::new() }
    }

    /// Keeps what is in doubt; gives back what can be reported.
    pub(in crate::run) fn hold(&mut self, at: SnippetIndex, session: &Session, held: Held) -> Option<Held> {
        let spent = self.spent.entry(at.session).or_default();
        *spent += held.outcome.usage.wall;
        let mut doubted = held.claims.iter().filter(|claim| is_in_doubt(claim)).peekable();
        if doubted.peek().is_none() || self.room == 0 || *spent > LONGEST {
            return Some(held);
        }

        let moving = *self.moving.entry(at.session).or_insert_with(|| session.has_any(&MOVING));
        if !moving && !doubted.any(may_move) {
            return Some(held);
        }

        let Some(room) = self.room.checked_sub(held.weight()) else { return Some(held) };
        self.room = room;
        self.held.insert(at, Doubted::new(held));
        None
    }

    /// Compares with another pass. Gives back what can be reported now.
    pub(in crate::run) fn compare(&mut self, at: SnippetIndex, other: &Held) -> Option<Held> {
        let doubted = self.held.get_mut(&at)?;
        doubted.compare(other);
        if doubted.is_undecided() { None } else { self.held.remove(&at).map(Doubted::settled) }
    }

    pub(in crate::run) fn holds(&self, at: SnippetIndex) -> bool {
        self.held.contains_key(&at)
    }

    /// How many sessions have to run again.
    pub(in crate::run) fn sessions(&self) -> usize {
        self.last_snippets(|_| true).len()
    }

    /// These sessions, each as far as something of it waits, under each of the conditions.
    pub(in crate::run) fn parts(&self, chances: &[Chance]) -> Vec<Part> {
        parts(self.last_snippets(|_| true), chances)
    }

    /// The sessions of which the passes so far leave something open.
    pub(in crate::run) fn open_parts(&self, chances: &[Chance]) -> Vec<Part> {
        parts(self.last_snippets(Doubted::is_open), chances)
    }

    /// The last snippet that waits for something, of each session.
    fn last_snippets(&self, waits: impl Fn(&Doubted) -> bool) -> BTreeMap<usize, usize> {
        let waiting = self.held.iter().filter(|(_, doubted)| waits(doubted));
        waiting.map(|(at, _)| (at.session, at.snippet)).collect()
    }

    /// What is still in doubt after all passes.
    pub(in crate::run) fn rest(&mut self) -> Vec<(SnippetIndex, Held)> {
        std::mem::take(&mut self.held).into_iter().map(|(at, doubted)| (at, doubted.settled())).collect()
    }
}

fn parts(last_snippets: BTreeMap<usize, usize>, chances: &[Chance]) -> Vec<Part> {
    let of = |(session, last): (usize, usize)| {
        chances.iter().map(move |&chance| Part {
            session,
            snippets: last + 1,
            pass: Pass::OtherSeeds,
            chance,
        })
    };
    last_snippets.into_iter().flat_map(of).collect()
}

/// Whether what is said and what happened look like a matter of order, identity or chance.
fn may_move(claim: &Claim) -> bool {
    if claim.verdict == ClaimVerdict::Unstable {
        return true;
    }
    let Some(actual) = claim.actual.as_deref() else { return false };
    [&claim.text, actual].iter().any(|text| text.contains('{') || has_long_number(text))
        || words(&claim.text) == words(actual)
}

fn has_long_number(text: &str) -> bool {
    let mut runs = text.split(|letter: char| !letter.is_ascii_hexdigit());
    runs.any(|run| run.len() >= LONG_NUMBER && run.contains(|letter: char| letter.is_ascii_digit()))
}

fn words(text: &str) -> Vec<&str> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::verify::doubted::tests::claim;

    #[test]
    fn doubts() {
        let check = |text, actual, expected| {
            let broken = claim(text, ClaimVerdict::Broken, actual);
            assert_eq!(may_move(&broken), expected, "{text} {actual:?}");
        };
        check("3", Some("4"), false);
        check("ValueError", None, false);
        check("['a', 'b']", Some("['b', 'a']"), true);
        check("['a', 'b']", Some("['b', 'c']"), false);
        check("one\ntwo", Some("two\none"), true);
        check("1", Some("{1: 2}"), true);
        check("<object at 0x7f00aa00>", Some("None"), true);
        check("0.6394267984578837", Some("0.5"), true);
        check("facade of deadbeef", Some("beadfeed"), false);
    }
}
