//! What has happened to a snippet and waits for further passes before it is reported.

use crate::model::claim::Claim;
use crate::model::outcome::Outcome;
use crate::variation::Variation;

/// Bytes of outcomes that may wait for one kind of pass. What finds no room is judged by what is known.
pub(in crate::run) const ROOM: usize = 64 << 20;

/// Which snippet of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::run) struct SnippetIndex {
    pub(in crate::run) session: usize,
    pub(in crate::run) snippet: usize,
}

/// What happened to a snippet, judged, and not yet reported.
#[derive(Debug)]
pub(in crate::run) struct Held {
    pub(in crate::run) outcome: Outcome,
    pub(in crate::run) claims: Vec<Claim>,
    /// From one run to the next, where it was repeated.
    pub(in crate::run) variations: Vec<Variation>,
}

impl Held {
    /// About as many bytes as it takes.
    pub(in crate::run) fn weight(&self) -> usize {
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let claims = self.claims.iter().map(|claim| claim.text.len() + of(&claim.actual));
        self.outcome.weight() + claims.sum::<usize>()
    }
}
