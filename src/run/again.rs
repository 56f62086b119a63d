//! The second look: a false claim about order, identity or chance may be true of another run of the same code.
//!
//! Knows how to doubt and how to compare, not how things run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, DoubtReason};
use crate::model::outcome::Outcome;
use crate::model::policy::{Chance, Entropy, Launch, Layout};
use crate::plan::Session;
use crate::run::jobs::{Look, Part};
use crate::variation::{ENOUGH, Possibility, Variation, possibility};

/// Of Python, one for each further look. Two elements of a set have a chance of one half to change places.
const SEEDS: std::ops::RangeInclusive<u32> = 1..=3;

/// Of looks at what the first ones leave open: a draw that none of them had, an order that none of them changed.
const MORE_SEEDS: std::ops::RangeInclusive<u32> = 4..=15;

/// Between the clocks of two looks: another year, month, weekday, hour, minute and second.
const STEP: u64 = 397 * 86_400 + 3 * 3600 + 17 * 60 + 11;

/// Bytes of outcomes that wait. What finds no room is judged by the first look.
pub(super) const ROOM: usize = 64 << 20;

/// Wall time of a session up to its last snippet that another look is worth.
const LONGEST: Duration = Duration::from_secs(5);

/// Further looks may take as long as the first one, and at least this long.
pub(super) const LEAST: Duration = Duration::from_secs(8);

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

/// What happened to a snippet, judged, and not yet told.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) outcome: Outcome,
    pub(super) claims: Vec<Claim>,
    /// From one run to the next, where it was repeated.
    pub(super) variations: Vec<Variation>,
}

impl Held {
    /// About as many bytes as it takes.
    pub(super) fn weight(&self) -> usize {
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let claims = self.claims.iter().map(|claim| claim.text.len() + of(&claim.actual));
        self.outcome.weight() + claims.sum::<usize>()
    }
}

/// What the first further looks find decided, and those that may have to follow: nothing is as it was.
pub(super) fn chances(usual: Chance) -> [Vec<Chance>; 2] {
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

/// A snippet in doubt, and the results of each of its claims, in their order: that of the first look, and those of
/// further ones.
#[derive(Debug)]
struct Doubted {
    held: Held,
    results: Vec<Vec<String>>,
}

/// What waits for another look, by session and by snippet.
#[derive(Debug)]
pub(super) struct Waiting {
    held: BTreeMap<usize, BTreeMap<usize, Doubted>>,
    /// Bytes that there is room for.
    room: usize,
    /// Whether the code of a session may do something else the next time.
    moving: BTreeMap<usize, bool>,
    /// What each session has taken so far.
    spent: BTreeMap<usize, Duration>,
}

impl Waiting {
    pub(super) fn with_room(room: usize) -> Self {
        Self { held: BTreeMap::new(), room, moving: BTreeMap::new(), spent: BTreeMap::new() }
    }

    /// Keeps what is in doubt; gives back what can be told.
    pub(super) fn hold(
        &mut self,
        (number, session): (usize, &Session),
        work: usize,
        held: Held,
    ) -> Option<Held> {
        let spent = self.spent.entry(number).or_default();
        *spent += held.outcome.usage.wall;
        let mut doubted = held.claims.iter().filter(|claim| is_in_doubt(claim)).peekable();
        if doubted.peek().is_none() || self.room == 0 || *spent > LONGEST {
            return Some(held);
        }
        let moving = *self.moving.entry(number).or_insert_with(|| is_moving(session));
        if !moving && !doubted.any(may_move) {
            return Some(held);
        }
        let Some(room) = self.room.checked_sub(held.weight()) else { return Some(held) };
        self.room = room;
        let results = held.claims.iter().map(|claim| claim.actual.iter().cloned().collect()).collect();
        self.held.entry(number).or_default().insert(work, Doubted { held, results });
        None
    }

    /// Compares with another look. Gives back what can be told now.
    pub(super) fn compare(&mut self, number: usize, work: usize, other: &Held) -> Option<Held> {
        let doubted = self.held.get_mut(&number)?.get_mut(&work)?;
        doubted.compare(other);
        let in_doubt = doubted.held.claims.iter().any(is_in_doubt);
        if in_doubt { None } else { self.release(number, work) }
    }

    pub(super) fn release(&mut self, number: usize, work: usize) -> Option<Held> {
        let session = self.held.get_mut(&number)?;
        let doubted = session.remove(&work);
        if session.is_empty() {
            self.held.remove(&number);
        }
        doubted.map(Doubted::settled)
    }

    pub(super) fn holds(&self, number: usize, work: usize) -> bool {
        self.held.get(&number).is_some_and(|session| session.contains_key(&work))
    }

    /// How many sessions have to run again.
    pub(super) fn sessions(&self) -> usize {
        self.held.len()
    }

    /// These sessions, each as far as something of it waits, under each of the conditions.
    pub(super) fn parts(&self, chances: &[Chance]) -> Vec<Part> {
        self.parts_where(chances, |_| true)
    }

    /// The sessions in which the looks so far leave something open.
    pub(super) fn open_parts(&self, chances: &[Chance]) -> Vec<Part> {
        self.parts_where(chances, Doubted::is_open)
    }

    fn parts_where(&self, chances: &[Chance], waits: impl Fn(&Doubted) -> bool) -> Vec<Part> {
        let of = |(session, works): (&usize, &BTreeMap<usize, Doubted>)| {
            let last = works.iter().rev().find(|(_, doubted)| waits(doubted)).map(|(work, _)| *work);
            let snippets = last.map_or(0, |last| last + 1);
            let part =
                |chance: &Chance| Part { session: *session, snippets, look: Look::Further, chance: *chance };
            chances.iter().filter(|_| last.is_some()).map(part).collect::<Vec<_>>()
        };
        self.held.iter().flat_map(of).collect()
    }

    pub(super) fn places(&self) -> Vec<(usize, usize)> {
        let sessions = self.held.iter();
        sessions.flat_map(|(session, held)| held.keys().map(|work| (*session, *work))).collect()
    }
}

impl Doubted {
    /// Takes the results of another look. A claim that holds there is unstable.
    fn compare(&mut self, other: &Held) {
        let others: BTreeMap<_, _> =
            other.claims.iter().map(|claim| ((claim.line, claim.text.as_str()), claim)).collect();
        // A look that was broken off has seen less.
        let alike = self.held.outcome.ending == other.outcome.ending;
        let Held { outcome, claims, .. } = &mut self.held;

        for (claim, results) in
            claims.iter_mut().zip(&mut self.results).filter(|(claim, _)| is_in_doubt(claim))
        {
            let Some(other) = others.get(&(claim.line, claim.text.as_str())) else { continue };
            let holds = match other.verdict {
                ClaimVerdict::Holds => true,
                ClaimVerdict::Broken | ClaimVerdict::Unstable if alike => {
                    results.extend(other.actual.clone());
                    false
                }
                ClaimVerdict::Broken
                | ClaimVerdict::Unstable
                | ClaimVerdict::NotReached
                | ClaimVerdict::Remark => false,
            };

            if claim.kind == ClaimKind::Doctest {
                // As doctest has it, an example holds in this run or it does not.
                if holds || results.iter().any(|result| Some(result) != claim.actual.as_ref()) {
                    claim.correction = None;
                    advise(&mut outcome.notes, claim);
                }
            } else if holds || possible(claim, results) == Possibility::Possible {
                excuse(claim);
            }
        }
    }

    /// Whether further looks may still decide something.
    fn is_open(&self) -> bool {
        self.claims().any(|(claim, results)| {
            results.len() > 1
                && results.len() < ENOUGH
                && claim.kind != ClaimKind::Doctest
                && matches!(possible(claim, results), Possibility::Open | Possibility::Reordered)
        })
    }

    fn claims(&self) -> impl Iterator<Item = (&Claim, &Vec<String>)> {
        self.held.claims.iter().zip(&self.results).filter(|(claim, _)| is_in_doubt(claim))
    }

    /// What the looks have shown: what is still in doubt is false, unless it could be true of another run.
    fn settled(mut self) -> Held {
        let claims = self.held.claims.iter_mut().zip(&self.results);
        for (claim, results) in claims.filter(|(claim, _)| is_in_doubt(claim)) {
            // Nothing has been compared, or an example is what it is in this run.
            if results.len() < 2 || claim.kind == ClaimKind::Doctest {
                continue;
            }
            let may_be_true = match possible(claim, results) {
                Possibility::Possible | Possibility::Open => true,
                Possibility::Fixed => reason(claim) == DoubtReason::Words,
                Possibility::Impossible | Possibility::Reordered => false,
            };
            if may_be_true {
                excuse(claim);
            } else {
                (claim.verdict, claim.doubt) = (ClaimVerdict::Broken, None);
            }
        }
        self.held
    }
}

fn possible(claim: &Claim, results: &[String]) -> Possibility {
    let stated = claim.doubt.as_ref().map_or(&claim.text, |doubt| &doubt.stated);
    let results: Vec<&str> = results.iter().map(String::as_str).collect();
    possibility(stated, &results)
}

fn excuse(claim: &mut Claim) {
    (claim.verdict, claim.correction, claim.doubt) = (ClaimVerdict::Unstable, None, None);
}

fn reason(claim: &Claim) -> DoubtReason {
    claim.doubt.as_ref().map_or(DoubtReason::False, |doubt| doubt.reason)
}

fn advise(notes: &mut Vec<String>, example: &Claim) {
    let (line, _) = example.said();
    let advice = format!(
        "line {line} differs from run to run: `# doctest: +ELLIPSIS` or `# doctest: +SKIP` would allow for that"
    );
    if !notes.contains(&advice) {
        notes.push(advice);
    }
}

/// Whether other runs may change what is said of a claim.
fn is_in_doubt(claim: &Claim) -> bool {
    match claim.verdict {
        ClaimVerdict::Broken => !claim.accepted,
        ClaimVerdict::Unstable => claim.doubt.is_some(),
        ClaimVerdict::Holds | ClaimVerdict::NotReached | ClaimVerdict::Remark => false,
    }
}

fn is_moving(session: &Session) -> bool {
    let mut codes = session.snippets.iter().map(|planned| planned.snippet.code.as_str());
    codes.any(|code| MOVING.iter().any(|word| code.contains(word)))
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
    use crate::model::claim::Doubt;
    use crate::model::outcome::Ending;
    use crate::model::snippet::Line;

    fn claim(text: &str, verdict: ClaimVerdict, actual: Option<&str>) -> Claim {
        Claim {
            line: Line(3),
            text: text.to_owned(),
            kind: ClaimKind::Output,
            verdict,
            actual: actual.map(str::to_owned),
            accepted: false,
            correction: None,
            doubt: None,
        }
    }

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

    fn held(claims: Vec<Claim>, ending: Ending) -> Held {
        let outcome = Outcome { ending, ..Outcome::not_run(Vec::new()) };
        Held { outcome, claims, variations: Vec::new() }
    }

    fn doubted(claim: Claim) -> Doubted {
        let results = vec![claim.actual.iter().cloned().collect()];
        Doubted { held: held(vec![claim], Ending::Completed), results }
    }

    /// The verdict on a false claim whose statement has these results in further looks.
    #[track_caller]
    fn check(reason: Option<DoubtReason>, text: &str, results: &[&str], expected: ClaimVerdict) {
        let verdict = match reason {
            None | Some(DoubtReason::False) => ClaimVerdict::Broken,
            Some(DoubtReason::Code | DoubtReason::Words) => ClaimVerdict::Unstable,
        };
        let doubt = reason.map(|reason| Doubt { reason, stated: text.to_owned() });
        let mut doubted = doubted(Claim { doubt, ..claim(text, verdict, Some(results[0])) });
        for result in &results[1..] {
            doubted.compare(&held(vec![claim(text, ClaimVerdict::Broken, Some(result))], Ending::Completed));
        }
        assert_eq!(doubted.settled().claims[0].verdict, expected, "{reason:?} {text} {results:?}");
    }

    #[test]
    fn results_of_further_looks() {
        let (broken, unstable) = (ClaimVerdict::Broken, ClaimVerdict::Unstable);
        check(None, "1", &["2", "2"], broken);
        check(None, "{'a', 'b'}", &["{'b', 'c'}", "{'c', 'b'}"], broken);
        check(None, "{'c', 'b'}", &["{'b', 'c'}", "{'c', 'b'}"], unstable);
        check(None, "['c', 'b']", &["['b', 'c']"; 4], broken);
        check(Some(DoubtReason::Code), "0.5", &["0.25"; 4], broken);
        check(Some(DoubtReason::Code), "0.5", &["0.25", "0.75"], unstable);
        check(Some(DoubtReason::Code), "0.5", &["0.25"], unstable);
        check(Some(DoubtReason::Words), "0.5", &["0.25"; 4], unstable);
        check(Some(DoubtReason::Words), "B at 0x1", &["A at 0x2", "A at 0x3"], broken);
        check(Some(DoubtReason::False), "'c'", &["'a'", "'b'"].repeat(6), broken);
    }

    #[test]
    fn looks_that_leave_something_open() {
        let is_open = |text: &str, results: &[&str]| {
            let mut doubted = doubted(claim(text, ClaimVerdict::Broken, Some(results[0])));
            doubted.results[0].extend(results[1..].iter().map(ToString::to_string));
            doubted.is_open()
        };
        assert!(is_open("'c'", &["'a'", "'b'", "'a'"]) && is_open("[2, 1]", &["[1, 2]"; 4]));
        assert!(!is_open("'c'", &["'a'", "'b'"].repeat(6)) && !is_open("[2, 1]", &["[1, 2]"; 12]));
        assert!(!is_open("3", &["4"; 4]) && !is_open("[2, 1]", &["[1, 2]"]));
    }

    #[test]
    fn looks_that_end_otherwise() {
        let compare = |verdict, ending| {
            let mut doubted = doubted(claim("1", ClaimVerdict::Broken, Some("2")));
            doubted.compare(&held(vec![claim("1", verdict, Some("0"))], ending));
            doubted.settled().claims[0].verdict
        };
        assert_eq!(compare(ClaimVerdict::Broken, Ending::TimedOut), ClaimVerdict::Broken);
        assert_eq!(compare(ClaimVerdict::NotReached, Ending::NotRun), ClaimVerdict::Broken);
        assert_eq!(compare(ClaimVerdict::Broken, Ending::Completed), ClaimVerdict::Unstable);
        assert_eq!(compare(ClaimVerdict::Holds, Ending::TimedOut), ClaimVerdict::Unstable);
    }

    #[test]
    fn an_example_that_moves_stays_false() {
        let example =
            |actual| Claim { kind: ClaimKind::Doctest, ..claim("1", ClaimVerdict::Broken, Some(actual)) };
        let mut doubted = doubted(example("2"));
        doubted.compare(&held(vec![example("2")], Ending::Completed));
        assert_eq!(doubted.held.outcome.notes, [""; 0]);
        doubted.compare(&held(vec![example("3")], Ending::Completed));
        doubted.compare(&held(vec![example("4")], Ending::Completed));
        let settled = doubted.settled();
        assert_eq!(settled.claims[0].verdict, ClaimVerdict::Broken);
        let advice = "line 3 differs from run to run: `# doctest: +ELLIPSIS` or `# doctest: +SKIP` would allow for that";
        assert_eq!(settled.outcome.notes, [advice]);
    }
}
