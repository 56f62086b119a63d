//! The pass without images: what fails in a session that began with packages loaded counts only if it fails without
//! them, too.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::policy::Chance;
use crate::model::verdict::Verdict;
use crate::plan::Plan;
use crate::run::jobs::{Part, Pass};
use crate::run::verify::held::SnippetIndex;

/// Sessions that run again as they would have run without images.
#[derive(Debug, Default)]
pub(in crate::run) struct Cold {
    warm: BTreeSet<usize>,
    /// The first snippet of each that has failed. What was reported before it stays.
    doubted: BTreeMap<usize, usize>,
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

    /// Whether a later pass decides about a snippet of the first one.
    pub(in crate::run) fn waits(&mut self, at: SnippetIndex, verdict: Verdict) -> bool {
        if verdict == Verdict::Failed && self.warm.contains(&at.session) {
            self.doubted.entry(at.session).or_insert(at.snippet);
        }
        self.doubted.contains_key(&at.session)
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
