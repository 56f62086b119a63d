//! The pass without images: what fails in a session that began with packages loaded counts only if it fails without
//! them, too.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::policy::Chance;
use crate::model::verdict::Verdict;
use crate::plan::Plan;
use crate::run::jobs::{Part, Pass};
use crate::run::verify::held::{Held, SnippetIndex};

/// Sessions that run again as they would have run without images.
#[derive(Debug, Default)]
pub(in crate::run) struct Cold {
    warm: BTreeSet<usize>,
    /// The first snippet of each that has failed. What was reported before it stays.
    doubted: BTreeMap<usize, usize>,
    /// What they did in the first pass.
    held: BTreeMap<SnippetIndex, Held>,
}

impl Cold {
    pub(in crate::run) fn begins_warm(&mut self, session: usize) {
        self.warm.insert(session);
    }

    /// Whether what is reported of a snippet is what it did with packages loaded.
    pub(in crate::run) fn was_warm(&self, at: SnippetIndex) -> bool {
        self.warm.contains(&at.session) && !self.holds(at)
    }

    /// Whether no session has begun with packages loaded.
    pub(in crate::run) fn is_idle(&self) -> bool {
        self.warm.is_empty()
    }

    /// Keeps what a later pass decides about; gives back what it does not.
    pub(in crate::run) fn hold(&mut self, at: SnippetIndex, verdict: Verdict, held: Held) -> Option<Held> {
        if verdict == Verdict::Failed && self.warm.contains(&at.session) {
            self.doubted.entry(at.session).or_insert(at.snippet);
        }
        if !self.holds(at) {
            return Some(held);
        }
        self.held.insert(at, held);
        None
    }

    /// That pass has decided.
    pub(in crate::run) fn decided(&mut self, at: SnippetIndex) {
        self.held.remove(&at);
    }

    /// What that pass has not come to.
    pub(in crate::run) fn rest(&mut self) -> Vec<(SnippetIndex, Held)> {
        std::mem::take(&mut self.held).into_iter().collect()
    }

    /// Whether this snippet is one that the pass decides about.
    pub(in crate::run) fn holds(&self, at: SnippetIndex) -> bool {
        self.doubted.get(&at.session).is_some_and(|first| *first <= at.snippet)
    }

    /// The sessions that run again, as a whole.
    pub(in crate::run) fn parts(&self, plan: &Plan<'_>, chance: Chance) -> Vec<Part> {
        let part = |session: usize| {
            let snippets = plan.sessions[session].snippets.len();
            Part { session, snippets, pass: Pass::Cold, chance }
        };
        self.doubted.keys().copied().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Outcome;

    #[test]
    fn nothing_is_lost_where_the_pass_does_not_come() {
        let held =
            || Held { outcome: Outcome::not_run(Vec::new()), claims: Vec::new(), variations: Vec::new() };
        let at = |snippet| SnippetIndex { session: 3, snippet };
        let mut cold = Cold::default();
        cold.begins_warm(3);
        assert!(cold.hold(at(0), Verdict::Passed, held()).is_some());
        assert!(cold.hold(at(1), Verdict::Failed, held()).is_none());
        assert!(cold.hold(at(2), Verdict::Passed, held()).is_none());
        cold.decided(at(1));
        let rest: Vec<SnippetIndex> = cold.rest().into_iter().map(|(at, _)| at).collect();
        assert_eq!(rest, [at(2)]);
    }
}
