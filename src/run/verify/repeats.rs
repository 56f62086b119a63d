//! Outcomes that wait until all runs of their snippet can be compared.

use std::collections::BTreeMap;

use crate::model::outcome::{Ending, Outcome};
use crate::model::snippet::Snippet;
use crate::run::repetition::Repetition;
use crate::run::verify::held::{Held, SnippetIndex};
use crate::variation::{self, OutcomeDifference, RunDifferences, VariationCause};

/// What a run after the first one showed.
pub(in crate::run) struct RepeatedOutcome {
    /// Counted from 1.
    pub(in crate::run) run: usize,
    pub(in crate::run) outcome: Outcome,
}

pub(in crate::run) struct Repeats {
    /// What each run after the first changes.
    varied: Vec<Vec<VariationCause>>,
    waiting: BTreeMap<SnippetIndex, Runs>,
    /// Bytes that there is room for.
    room: usize,
}

/// The runs of one snippet.
#[derive(Default)]
struct Runs {
    first: Option<Held>,
    /// Runs that were there before the first one.
    early: Vec<RepeatedOutcome>,
    /// How the other runs differ from the first one, by their number.
    compared: BTreeMap<usize, Vec<OutcomeDifference>>,
    /// How many runs are there.
    count: usize,
    /// There was no room for the first run to wait.
    is_over: bool,
}

impl Repeats {
    pub(in crate::run) fn with_room(repetition: Repetition, room: usize) -> Self {
        let varied = (1..repetition.times).map(|run| repetition.varied(run)).collect();
        Self { varied, waiting: BTreeMap::new(), room }
    }

    /// Takes the first run. Gives back what need not wait any longer.
    pub(in crate::run) fn first(
        &mut self,
        at: SnippetIndex,
        snippet: &Snippet,
        mut held: Held,
    ) -> Option<Held> {
        if self.varied.is_empty() {
            return Some(held);
        }
        let runs = self.waiting.entry(at).or_default();
        runs.count += 1;
        let Some(room) = self.room.checked_sub(held.weight()) else {
            runs.is_over = true;
            held.outcome.notes.push("there was no room to compare its runs".to_owned());
            return Some(held);
        };
        self.room = room;
        for RepeatedOutcome { run, outcome } in std::mem::take(&mut runs.early) {
            self.room += outcome.weight();
            runs.compared.insert(run, differences(&held.outcome, &outcome));
        }
        runs.first = Some(held);
        self.complete(at, snippet)
    }

    /// Takes another run. Gives back what need not wait any longer.
    pub(in crate::run) fn other(
        &mut self,
        at: SnippetIndex,
        snippet: &Snippet,
        other: RepeatedOutcome,
    ) -> Option<Held> {
        let runs = self.waiting.entry(at).or_default();
        runs.count += 1;
        match &runs.first {
            Some(first) => drop(runs.compared.insert(other.run, differences(&first.outcome, &other.outcome))),
            None if runs.is_over => {}
            None => {
                if let Some(room) = self.room.checked_sub(other.outcome.weight()) {
                    self.room = room;
                    runs.early.push(other);
                }
            }
        }
        self.complete(at, snippet)
    }

    /// Whether the first run waits for others.
    pub(in crate::run) fn holds(&self, at: SnippetIndex) -> bool {
        self.waiting.get(&at).is_some_and(|runs| runs.first.is_some())
    }

    /// What waits in vain, because the run ends early.
    pub(in crate::run) fn rest(&mut self) -> Vec<(SnippetIndex, Held)> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        waiting.filter_map(|(at, runs)| Some((at, runs.first?))).collect()
    }

    fn complete(&mut self, at: SnippetIndex, snippet: &Snippet) -> Option<Held> {
        if self.waiting.get(&at)?.count <= self.varied.len() {
            return None;
        }
        let runs = self.waiting.remove(&at)?;
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
