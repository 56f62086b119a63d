//! A snippet whose claims may be a matter of chance, and what further passes have shown of them.
//!
//! Knows how to compare, not how things run.

use std::collections::BTreeMap;

use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, DoubtReason};
use crate::run::verify::held::Held;
use crate::variation::{ENOUGH, Possibility, possibility};

/// A snippet in doubt, and the results of each of its claims, in their order: that of the first pass, and those of
/// further ones.
#[derive(Debug)]
pub(super) struct Doubted {
    held: Held,
    results: Vec<Vec<String>>,
}

impl Doubted {
    pub(super) fn new(held: Held) -> Self {
        let results = held.claims.iter().map(|claim| claim.actual.iter().cloned().collect()).collect();
        Self { held, results }
    }

    /// Whether other runs may still change what is said of a claim.
    pub(super) fn is_undecided(&self) -> bool {
        self.held.claims.iter().any(is_in_doubt)
    }

    /// Takes the results of another pass. A claim that holds there is unstable.
    pub(super) fn compare(&mut self, other: &Held) {
        let others: BTreeMap<_, _> =
            other.claims.iter().map(|claim| ((claim.line, claim.text.as_str()), claim)).collect();
        // A pass that was broken off has seen less.
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
                    advise(&mut outcome.notes, claim, other);
                }
            } else if holds || possible(claim, results) == Possibility::Possible {
                excuse(claim);
            }
        }
    }

    /// Whether further passes may still decide something.
    pub(super) fn is_open(&self) -> bool {
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

    /// What the passes have shown: what is still in doubt is false, unless it could be true of another run.
    pub(super) fn settled(mut self) -> Held {
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

/// Whether other runs may change what is said of a claim.
pub(super) fn is_in_doubt(claim: &Claim) -> bool {
    match claim.verdict {
        ClaimVerdict::Broken => !claim.accepted,
        ClaimVerdict::Unstable => claim.doubt.is_some(),
        ClaimVerdict::Holds | ClaimVerdict::NotReached | ClaimVerdict::Remark => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::claim::Doubt;
    use crate::model::outcome::{Ending, Outcome};
    use crate::model::snippet::Line;

    pub(in crate::run::verify) fn claim(text: &str, verdict: ClaimVerdict, actual: Option<&str>) -> Claim {
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

    fn held(claims: Vec<Claim>, ending: Ending) -> Held {
        let outcome = Outcome { ending, ..Outcome::not_run(Vec::new()) };
        Held { outcome, claims, variations: Vec::new() }
    }

    fn doubted(claim: Claim) -> Doubted {
        Doubted::new(held(vec![claim], Ending::Completed))
    }

    /// The verdict on a false claim whose statement has these results in further passes.
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
    fn results_of_further_passes() {
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
    fn passes_that_leave_something_open() {
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
    fn passes_that_end_otherwise() {
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
