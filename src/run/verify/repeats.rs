//! What waits until all runs of its snippet are there to be compared.

use std::collections::BTreeMap;

use crate::model::outcome::{Ending, Outcome};
use crate::model::snippet::Snippet;
use crate::run::repetition::Repetition;
use crate::run::verify::other_seeds::Held;
use crate::variation::{self, OutcomeDifference, RunDifferences, VariationCause};

/// A session's number and that of a snippet in it.
pub(in crate::run) type Place = (usize, usize);

pub(in crate::run) struct Repeats {
    /// What each run behind the first changes.
    varied: Vec<Vec<VariationCause>>,
    waiting: BTreeMap<Place, Runs>,
    /// Bytes that there is room for.
    room: usize,
}

/// Of one snippet.
#[derive(Default)]
struct Runs {
    first: Option<Held>,
    /// They were there before the first.
    early: Vec<(usize, Outcome)>,
    /// What the others showed, by their number.
    compared: BTreeMap<usize, Vec<OutcomeDifference>>,
    /// Runs that are there.
    count: usize,
    /// There was no room to wait.
    is_over: bool,
}

impl Repeats {
    pub(in crate::run) fn with_room(repetition: Repetition, room: usize) -> Self {
        let varied = (1..repetition.times).map(|run| repetition.varied(run)).collect();
        Self { varied, waiting: BTreeMap::new(), room }
    }

    /// Takes the first run. Gives back what need not wait any longer.
    pub(in crate::run) fn first(&mut self, place: Place, snippet: &Snippet, mut held: Held) -> Option<Held> {
        if self.varied.is_empty() {
            return Some(held);
        }
        let runs = self.waiting.entry(place).or_default();
        runs.count += 1;
        let Some(room) = self.room.checked_sub(held.weight()) else {
            runs.is_over = true;
            held.outcome.notes.push("there was no room to compare its runs".to_owned());
            return Some(held);
        };
        self.room = room;
        for (run, outcome) in std::mem::take(&mut runs.early) {
            self.room += outcome.weight();
            runs.compared.insert(run, differences(&held.outcome, &outcome));
        }
        runs.first = Some(held);
        self.complete(place, snippet)
    }

    /// Takes another run. Gives back what need not wait any longer.
    pub(in crate::run) fn other(
        &mut self,
        place: Place,
        snippet: &Snippet,
        (run, outcome): (usize, Outcome),
    ) -> Option<Held> {
        let runs = self.waiting.entry(place).or_default();
        runs.count += 1;
        match &runs.first {
            Some(first) => drop(runs.compared.insert(run, differences(&first.outcome, &outcome))),
            None if runs.is_over => {}
            None => {
                if let Some(room) = self.room.checked_sub(outcome.weight()) {
                    self.room = room;
                    runs.early.push((run, outcome));
                }
            }
        }
        self.complete(place, snippet)
    }

    /// Whether the first run waits for others.
    pub(in crate::run) fn holds(&self, place: Place) -> bool {
        self.waiting.get(&place).is_some_and(|runs| runs.first.is_some())
    }

    /// What waits in vain, because the run ends early.
    pub(in crate::run) fn rest(&mut self) -> Vec<(Place, Held)> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        waiting.filter_map(|(place, runs)| Some((place, runs.first?))).collect()
    }

    fn complete(&mut self, place: Place, snippet: &Snippet) -> Option<Held> {
        if self.waiting.get(&place)?.count <= self.varied.len() {
            return None;
        }
        let runs = self.waiting.remove(&place)?;
        let mut held = runs.first?;
        self.room += held.weight();
        if !snippet.directives.nondeterministic {
            let seen = runs.compared.into_iter().map(|(run, differences)| RunDifferences {
                run: run + 1,
                varied: self.varied.get(run - 1).map(Vec::as_slice).unwrap_or_default(),
                differences,
            });
            held.variations = variation::variations(snippet, &seen.collect::<Vec<_>>());
        }
        Some(held)
    }
}

/// A run that did not get there shows nothing.
fn differences(first: &Outcome, other: &Outcome) -> Vec<OutcomeDifference> {
    if [first, other].iter().any(|outcome| outcome.ending == Ending::NotRun) {
        return Vec::new();
    }
    variation::differences(first, other)
}
