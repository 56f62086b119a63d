//! What became of one snippet in each Python: what is the same is one group.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::event::Judged;
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::reason::Reason;
use crate::model::snippet::{Snippet, SnippetId};
use crate::model::verdict::Verdict;
use crate::variation;

/// How much more may be kept of snippets that wait for other Pythons, in bytes of their outcomes.
const ROOM: usize = 256 << 20;

/// Said of a snippet whose output was dropped.
const DROPPED: &str = "there was no room to keep its output until all Pythons had run";

static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b0x[0-9a-fA-F]{4,16}\b").expect("the pattern is tested"));

/// Bytes that outcomes may still take.
pub(super) struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(ROOM)
    }
}

/// The snippets whose outputs are compared between Pythons.
#[derive(Default)]
pub(super) struct Comparison {
    pub(super) snippets: BTreeMap<SnippetId, Snippet>,
}

/// One snippet, in the order in which its Pythons ran.
#[derive(Default)]
pub(super) struct Groups(Vec<Judged>);

impl Groups {
    pub(super) fn add(&mut self, mut judged: Judged, comparison: &Comparison, room: &mut Room) {
        self.compare(&judged, comparison);
        if let Some(known) = self.0.iter_mut().find(|known| is_same(known, &judged)) {
            known.pythons.append(&mut judged.pythons);
            return;
        }

        match room.0.checked_sub(weight(&judged)) {
            Some(left) => room.0 = left,
            None => without_output(&mut judged),
        }
        self.0.push(judged);
    }

    /// Places at which the first Python printed something else than this one.
    fn compare(&mut self, judged: &Judged, comparison: &Comparison) {
        let Some(snippet) = comparison.snippets.get(&judged.id) else { return };
        let Some(first) = self.0.iter_mut().find(|known| known.ran()) else { return };
        let (true, Some(python)) = (judged.ran(), judged.pythons.first()) else { return };
        if snippet.directives.nondeterministic {
            return;
        }

        let differences = variation::differences(&first.outcome, &judged.outcome);
        for found in variation::between_pythons(snippet, differences, *python) {
            // What is unstable in one Python already says nothing of another one.
            let mut known = first.variations.iter().chain(&judged.variations);
            let is_known = known.any(|known| (known.aspect, known.line) == (found.aspect, found.line));
            if !is_known {
                first.variations.push(found);
            }
        }
    }

    /// All groups as one, which is the gravest of them.
    pub(super) fn merged(mut self, room: &mut Room) -> Option<Judged> {
        room.0 += self.0.iter().map(weight).sum::<usize>();
        // Of variations only one group tells.
        let mut variations: Vec<_> = Vec::new();
        for found in self.0.iter_mut().flat_map(|judged| std::mem::take(&mut judged.variations)) {
            let is_known = |known: &variation::Variation| {
                (known.aspect, known.line, known.range.start) == (found.aspect, found.line, found.range.start)
            };
            if !variations.iter().any(is_known) {
                variations.push(found);
            }
        }

        variations.sort_by_key(|found| (found.aspect, found.range.start));

        self.0.sort_by_key(gravity);
        let mut groups = self.0.into_iter();
        let mut merged = groups.next()?;
        merged.elsewhere = groups.collect();
        merged.variations = variations;
        settle_corrections(&mut merged);
        Some(merged)
    }
}

/// The gravest is 0: a failure of the code itself.
fn gravity(judged: &Judged) -> u8 {
    let is_of_code = judged.ran() && judged.builds_on.is_none() && judged.missing_package().is_none();
    match judged.verdict {
        Verdict::Failed if is_of_code => 0,
        Verdict::Failed => 1,
        Verdict::Unreviewed => 2,
        Verdict::Passed => 3,
        Verdict::Skipped => 4,
    }
}

/// A failure is no matter of corrections where one of them would be false in another Python.
fn settle_corrections(merged: &mut Judged) {
    let written: Vec<_> = merged.corrections().into_iter().cloned().collect();
    let is_written =
        |claim: &Claim| claim.correction.as_ref().is_some_and(|correction| written.contains(correction));
    let is_cured = |judged: &Judged| {
        judged.verdict != Verdict::Failed
            || judged.correctable && judged.claims.iter().filter(|claim| claim.is_false()).all(is_written)
    };

    let correctable = merged.verdict == Verdict::Failed && merged.everywhere().all(is_cured);
    merged.correctable = correctable;
    for other in &mut merged.elsewhere {
        other.correctable &= correctable;
    }
}

/// Whether a reader needs to be told of one of them only.
fn is_same(one: &Judged, other: &Judged) -> bool {
    let same_claim = |one: &Claim, other: &Claim| {
        let actual = |claim: &Claim| claim.actual.as_deref().map(comparable);
        one.line == other.line
            && one.text == other.text
            && (one.verdict, one.accepted) == (other.verdict, other.accepted)
            && (one.verdict == ClaimVerdict::Holds || actual(one) == actual(other))
            // What would be written in its place may be an address to readers, and is text to `update`.
            && one.correction == other.correction
    };
    let place = |judged: &Judged| judged.outcome.exception.as_ref().map(|exception| exception.line);
    // Each Python may have a file of its own.
    let texts = |judged: &Judged| {
        let difference = judged.difference.as_ref();
        difference.map(|difference| (difference.accepted.clone(), difference.actual.clone()))
    };
    let same_failure = || {
        one.outcome.ending == other.outcome.ending
            && one.builds_on == other.builds_on
            && texts(one) == texts(other)
            && place(one) == place(other)
    };

    one.verdict == other.verdict
        && reasons(one) == reasons(other)
        && one.claims.len() == other.claims.len()
        && one.claims.iter().zip(&other.claims).all(|(one, other)| same_claim(one, other))
        && match one.verdict {
            Verdict::Failed | Verdict::Unreviewed => same_failure(),
            Verdict::Passed | Verdict::Skipped => true,
        }
}

/// What led to the verdict, without what was measured and without addresses.
fn reasons(judged: &Judged) -> Vec<String> {
    let of = |reason: &Reason| match reason {
        Reason::EndedBy(cause) => format!("{:?} {:?} {:?}", cause.kind, cause.limit, cause.detail),
        Reason::Raised { headline: Some(headline) } => format!("raised {headline}"),
        other => format!("{other:?}"),
    };
    judged.reasons.iter().map(of).map(|reason| comparable(&reason)).collect()
}

fn comparable(text: &str) -> String {
    ADDRESS.replace_all(text, "0x…").into_owned()
}

fn weight(judged: &Judged) -> usize {
    let difference = judged.difference.as_ref();
    let texts = difference.map_or(0, |it| it.actual.len() + it.accepted.as_ref().map_or(0, String::len));
    let actual = |claim: &Claim| claim.text.len() + claim.actual.as_ref().map_or(0, String::len);
    let traceback = judged.outcome.exception.as_ref().map_or(0, |exception| exception.traceback.len());
    judged.outcome.weight() + texts + traceback + judged.claims.iter().map(actual).sum::<usize>()
}

/// Drops what takes room: how the snippet ended is kept.
fn without_output(judged: &mut Judged) {
    let outcome = &mut judged.outcome;
    (outcome.value, judged.difference) = (None, None);
    for stream in [&mut outcome.stdout, &mut outcome.stderr] {
        stream.head = Vec::new();
        stream.tail = Vec::new();
        (stream.pieces, stream.callers) = (Vec::new(), Vec::new());
        (stream.examples, stream.turns) = (Vec::new(), Vec::new());
    }
    outcome.facts.values.clear();
    judged.reasons.push(Reason::Note(DROPPED.to_owned()));
}
