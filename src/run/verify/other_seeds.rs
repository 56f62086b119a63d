//! Passes with other seeds: a false claim about order, identity or chance may be true of another run of the same code.
//!
//! Knows what is in doubt and how to compare, not how things run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::policy::{Chance, Entropy, Launch, Layout};
use crate::plan::Session;
use crate::run::jobs::{Part, Pass};
use crate::run::verify::held::{Held, SnippetIndex};

/// Hash seeds of Python, one for each pass. Two elements of a set have a chance of one half to change places.
const SEEDS: [u32; 3] = [1, 2, 3];

/// Wall time of a session up to its last snippet that another pass is worth.
const LONGEST: Duration = Duration::from_secs(5);

/// So many hexadecimal digits in a row are an address, an id, a hash, a measurement or a random number.
const LONG_NUMBER: usize = 8;

/// Code with one of these words in it may do something else the next time.
const MOVING: [&str; 12] = [
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
];

/// What passes with other seeds find decided: nothing as it was before.
pub(in crate::run) fn chances(usual: Chance) -> impl Iterator<Item = Chance> {
    SEEDS.into_iter().map(move |seed| Chance {
        launch: Launch { hash_seed: seed, layout: Layout::Random },
        entropy: match usual.entropy {
            Entropy::Seeded(_) => Entropy::Seeded(seed.into()),
            Entropy::Real => Entropy::Real,
        },
        ..usual
    })
}

/// False claims that may be a matter of chance wait for passes with other seeds.
#[derive(Debug)]
pub(in crate::run) struct OtherSeeds {
    held: BTreeMap<SnippetIndex, Held>,
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
        let mut broken = held.claims.iter().filter(|claim| is_false(claim)).peekable();
        if broken.peek().is_none() || self.room == 0 || *spent > LONGEST {
            return Some(held);
        }

        let moving = *self.moving.entry(at.session).or_insert_with(|| is_moving(session));
        if !moving && !broken.any(may_move) {
            return Some(held);
        }

        let Some(room) = self.room.checked_sub(held.weight()) else { return Some(held) };
        self.room = room;
        self.held.insert(at, held);
        None
    }

    /// Compares with another pass. Gives back what can be reported now.
    pub(in crate::run) fn compare(&mut self, at: SnippetIndex, other: &Held) -> Option<Held> {
        let held = self.held.get_mut(&at)?;
        settle(held, other);
        let in_doubt = held.claims.iter().any(is_false);
        if in_doubt { None } else { self.held.remove(&at) }
    }

    pub(in crate::run) fn holds(&self, at: SnippetIndex) -> bool {
        self.held.contains_key(&at)
    }

    /// How many sessions have to run again.
    pub(in crate::run) fn sessions(&self) -> usize {
        self.last_snippets().len()
    }

    /// These sessions, each as far as something of it waits, under each of the conditions.
    pub(in crate::run) fn parts(&self, chances: &[Chance]) -> Vec<Part> {
        let of = |(session, last): (usize, usize)| {
            chances.iter().map(move |&chance| Part {
                session,
                snippets: last + 1,
                pass: Pass::OtherSeeds,
                chance,
            })
        };
        self.last_snippets().into_iter().flat_map(of).collect()
    }

    /// The last snippet that waits, of each session.
    fn last_snippets(&self) -> BTreeMap<usize, usize> {
        self.held.keys().map(|at| (at.session, at.snippet)).collect()
    }

    /// What is still in doubt after all passes.
    pub(in crate::run) fn rest(&mut self) -> Vec<(SnippetIndex, Held)> {
        std::mem::take(&mut self.held).into_iter().collect()
    }
}

/// A false claim of one pass is unstable if its truth is another one in the next pass, or if it holds there.
fn settle(held: &mut Held, other: &Held) {
    let others: BTreeMap<_, _> =
        other.claims.iter().map(|claim| ((claim.line, claim.text.as_str()), claim)).collect();
    // A pass that was broken off has seen less.
    let alike = held.outcome.ending == other.outcome.ending;
    for claim in held.claims.iter_mut().filter(|claim| is_false(claim)) {
        let Some(other) = others.get(&(claim.line, claim.text.as_str())) else { continue };
        let is_unstable = match other.verdict {
            ClaimVerdict::Holds | ClaimVerdict::Unstable => true,
            ClaimVerdict::Broken => alike && other.actual != claim.actual,
            ClaimVerdict::NotReached | ClaimVerdict::Remark => false,
        };
        if is_unstable {
            claim.correction = None;
            if claim.kind == ClaimKind::Doctest {
                // As doctest has it, an example holds in this run or it does not.
                advise(&mut held.outcome.notes, claim, other);
            } else {
                claim.verdict = ClaimVerdict::Unstable;
            }
        }
    }
}

fn advise(notes: &mut Vec<String>, example: &Claim, other: &Claim) {
    if !is_true_but_for_parts(example, other) {
        return;
    }
    let (line, _) = example.said();
    let advice = format!(
        "line {line} differs from run to run: `# doctest: +ELLIPSIS` or `# doctest: +SKIP` would allow for that"
    );
    if !notes.contains(&advice) {
        notes.push(advice);
    }
}

/// Whether the text of an example has all that two runs of it have in common before and after what moves.
fn is_true_but_for_parts(example: &Claim, other: &Claim) -> bool {
    let other_holds = other.verdict == ClaimVerdict::Holds;
    let (text, [one, other]) =
        (&example.text, [example, other].map(|claim| claim.actual.as_deref().unwrap_or_default()));
    let common = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| -> String {
        one.zip(other).take_while(|(one, other)| one == other).map(|(letter, _)| letter).collect()
    };

    // Parts of a number or a name say nothing alone.
    let before = common(&mut one.chars(), &mut other.chars());
    let before = before.trim_end_matches(char::is_alphanumeric);
    let after = common(&mut one.chars().rev(), &mut other.chars().rev());
    let after: String = after.trim_end_matches(char::is_alphanumeric).chars().rev().collect();
    other_holds || text.starts_with(before) && text.ends_with(&after)
}

fn is_false(claim: &Claim) -> bool {
    claim.verdict == ClaimVerdict::Broken && !claim.accepted
}

fn is_moving(session: &Session) -> bool {
    let mut codes = session.snippets.iter().map(|planned| planned.snippet.code.as_str());
    codes.any(|code| MOVING.iter().any(|word| code.contains(word)))
}

/// Whether what is said and what happened look like a matter of order, identity or chance.
fn may_move(claim: &Claim) -> bool {
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
    use crate::model::outcome::{Ending, Outcome};
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

    #[test]
    fn comparisons() {
        let outcome = |ending| Outcome { ending, ..Outcome::not_run(Vec::new()) };
        let check = |verdict, actual, ending, expected| {
            let broken = vec![claim("1", ClaimVerdict::Broken, Some("2"))];
            let variations = Vec::new();
            let mut held = Held { outcome: outcome(Ending::Completed), claims: broken, variations };
            let claims = vec![claim("1", verdict, actual)];
            settle(&mut held, &Held { outcome: outcome(ending), claims, variations: Vec::new() });
            assert_eq!(held.claims[0].verdict, expected, "{verdict:?} {actual:?} {ending:?}");
        };
        let (broken, unstable) = (ClaimVerdict::Broken, ClaimVerdict::Unstable);
        check(ClaimVerdict::Broken, Some("2"), Ending::Completed, broken);
        check(ClaimVerdict::Broken, Some("3"), Ending::Completed, unstable);
        check(ClaimVerdict::Broken, Some("3"), Ending::TimedOut, broken);
        check(ClaimVerdict::Holds, Some("1"), Ending::Completed, unstable);
        check(ClaimVerdict::NotReached, None, Ending::NotRun, broken);
    }

    #[test]
    fn an_example_that_moves_stays_false() {
        let example =
            |actual| Claim { kind: ClaimKind::Doctest, ..claim("1", ClaimVerdict::Broken, Some(actual)) };
        let outcome = Outcome { ending: Ending::Completed, ..Outcome::not_run(Vec::new()) };
        let other =
            |actual| Held { outcome: outcome.clone(), claims: vec![example(actual)], variations: Vec::new() };
        let mut held = other("2");
        settle(&mut held, &other("2"));
        assert_eq!(held.outcome.notes, [""; 0]);
        settle(&mut held, &other("3"));
        settle(&mut held, &other("4"));
        assert_eq!(held.claims[0].verdict, ClaimVerdict::Broken);
        let advice = "line 3 differs from run to run: `# doctest: +ELLIPSIS` or `# doctest: +SKIP` would allow for that";
        assert_eq!(held.outcome.notes, [advice]);
    }
}
