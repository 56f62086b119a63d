//! Compares the outcomes of one document with its expectations.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{CodeBlock, Disposition, Document};
use crate::event::{Acceptance, Event, Judged, Unread};
use crate::expect::{DocumentSnapshots, Expectations, Judgment, Orphans, Recorded, SnapshotStore};
use crate::model::claim::Claim;
use crate::model::outcome::Outcome;
use crate::model::policy::Tier;
use crate::model::reason::{Minor, Reason};
use crate::model::snippet::{Line, Snippet};
use crate::model::verdict::Verdict;
use crate::plan::{Plan, PlannedSnippet, Purpose};
use crate::run::repetition::Conditions;
use crate::run::verify::held::Held;
use crate::variation::{SnapshotView, Variation};

/// What all sessions of a run have in common.
#[derive(Clone, Copy, Debug)]
pub(in crate::run) struct Circumstances {
    pub(in crate::run) tier: Tier,
    pub(in crate::run) conditions: Conditions,
    /// The Python of the run.
    pub(in crate::run) python: Option<Minor>,
}

pub(in crate::run) struct DocumentJudge<'a> {
    document: &'a Document,
    snapshots: DocumentSnapshots<'a>,
    /// Blocks that will not run.
    unrun: Vec<&'a CodeBlock>,
    /// Where the code of the blocks starts that will run.
    run: Vec<Line>,
    /// Sessions that have not ended.
    open: usize,
    /// Snippets that take no part in this run. Only without any is a snapshot that nobody claims an orphan.
    unchosen: usize,
    circumstances: Circumstances,
}

impl<'a> DocumentJudge<'a> {
    /// One for each document, by path.
    pub(in crate::run) fn all(
        documents: &'a [Document],
        store: &'a SnapshotStore,
        plan: &Plan<'a>,
        circumstances: Circumstances,
    ) -> BTreeMap<&'a str, Self> {
        let mut judges: BTreeMap<&str, Self> = documents
            .iter()
            .map(|document| (document.path.as_str(), Self::open(document, store, circumstances)))
            .collect();
        for session in &plan.sessions {
            if let Some(judge) = judges.get_mut(session.path.as_str()) {
                let planned = session.snippets.iter().filter(|planned| planned.purpose == Purpose::Judged);
                let lines = planned.map(|planned| planned.snippet.location.code);
                let known = judge.run.len();
                judge.run.extend(lines);
                judge.unchosen -= judge.run.len() - known;
                judge.open += 1;
            }
        }
        for unrun in &plan.unrun {
            if let Some(judge) = judges.get_mut(unrun.path.as_str()) {
                judge.unchosen -= 1;
                judge.unrun.push(unrun.fence);
            }
        }
        judges
    }

    fn open(document: &'a Document, store: &'a SnapshotStore, circumstances: Circumstances) -> Self {
        let python = document.blocks.iter().filter(|fence| fence.is_python());
        let snippets: Vec<Snippet> = python.map(|fence| fence.snippet(&document.path)).collect();
        let snapshots = store.document(&document.path, &snippets.iter().collect::<Vec<_>>());
        Self {
            document,
            snapshots,
            unrun: Vec::new(),
            run: Vec::new(),
            open: 0,
            unchosen: snippets.len(),
            circumstances,
        }
    }

    /// What is known before anything has run.
    pub(in crate::run) fn begin(&mut self) -> Vec<Event> {
        let unrun = self.unrun.iter().map(|fence| fence.location.code);
        let mut lines: Vec<Line> = std::mem::take(&mut self.run).into_iter().chain(unrun).collect();
        lines.sort_unstable();

        let mut events = vec![Event::DocumentBegins { path: self.document.path.clone(), lines }];
        events.extend(self.snapshots.problems.drain(..).map(Event::Problem));
        for fence in std::mem::take(&mut self.unrun) {
            let (reason, unread) = match &fence.disposition {
                Disposition::Run | Disposition::Skip(_) | Disposition::Other(_) => {
                    (fence.disposition.reason(), None)
                }
                Disposition::NotRunnable(_) => (fence.disposition.reason(), Some(Unread::NotRunnable)),
                Disposition::Suspicious(_) => (fence.disposition.reason(), Some(Unread::Suspicious)),
            };
            let reason = reason.unwrap_or_default().to_owned();
            if let Some(unread) = unread {
                let (path, line) = (self.document.path.clone(), fence.location.start);
                events.push(Event::Unread { unread, path, line, reason: reason.clone() });
            }
            let snippet = fence.snippet(&self.document.path);
            let judgment = Judgment {
                verdict: Verdict::Skipped,
                reasons: vec![Reason::LeftOut(reason)],
                difference: None,
            };
            events.push(self.judged(&snippet, Outcome::not_run(Vec::new()), judgment, Claimed::default()));
        }
        if self.unchosen == 0 {
            events.extend(self.misspelt());
        }
        if self.open == 0 {
            events.extend(self.finish());
        }
        events
    }

    /// Blocks whose label is nearly Python. They are no Python blocks, but somebody believes that they run.
    fn misspelt(&self) -> impl Iterator<Item = Event> {
        let others = self.document.blocks.iter().filter(|fence| !fence.is_python());
        others.filter_map(|fence| match &fence.disposition {
            Disposition::Suspicious(reason) => Some(Event::Unread {
                unread: Unread::Suspicious,
                path: self.document.path.clone(),
                line: fence.location.start,
                reason: reason.clone(),
            }),
            Disposition::Run | Disposition::Skip(_) | Disposition::Other(_) | Disposition::NotRunnable(_) => {
                None
            }
        })
    }

    /// What the document says of a snippet that has ended: nothing if it ran for another's sake.
    pub(in crate::run) fn claims(
        &self,
        planned: &PlannedSnippet,
        expectations: &Expectations,
        outcome: &Outcome,
    ) -> Vec<Claim> {
        if planned.purpose == Purpose::Context || planned.snippet.directives.nondeterministic {
            return Vec::new();
        }
        self.snapshots.claims(&planned.snippet, expectations, outcome)
    }

    /// What [`DocumentJudge::judge`] would say: of what ran for another's sake nothing bad.
    pub(in crate::run) fn verdict(
        &self,
        planned: &PlannedSnippet,
        outcome: &Outcome,
        claims: &[Claim],
    ) -> Verdict {
        match planned.purpose {
            Purpose::Context => Verdict::Skipped,
            Purpose::Judged => self.snapshots.verdict(&planned.snippet, outcome, claims),
        }
    }

    /// Events of a snippet that has ended: none if it ran for another's sake.
    pub(in crate::run) fn judge(&mut self, planned: &PlannedSnippet, held: Held) -> Vec<Event> {
        let Held { outcome, claims, mut variations } = held;
        if planned.purpose == Purpose::Context {
            return Vec::new();
        }
        let review = self.snapshots.review(&planned.snippet, &outcome, claims);
        let mut judgment = review.judgment;
        let mut events: Vec<Event> = review.problems.into_iter().map(Event::Problem).collect();
        let accepted = |acceptance| Event::Accepted { id: planned.snippet.id.clone(), acceptance };
        match review.recorded {
            Recorded::Accepted => events.push(accepted(Acceptance::Written)),
            Recorded::Moved => events.push(accepted(Acceptance::Moved)),
            Recorded::NeedsErrors => {
                judgment.reasons.push(Reason::AcceptableError);
            }
            Recorded::Refused if judgment.verdict != Verdict::Passed => {
                judgment.reasons.push(Reason::Unacceptable);
            }
            Recorded::Contradicted => judgment.reasons.push(Reason::Contradicted),
            Recorded::Nothing | Recorded::Pending | Recorded::Refused => {}
        }
        for variation in &mut variations {
            if self.snapshots.redacts(&variation.around[0], &variation.around[1]) {
                (variation.in_snapshots, variation.redaction) = (SnapshotView::Redact, None);
            }
        }
        let claimed = Claimed { claims: review.claims, correctable: review.correctable, variations };
        if self.circumstances.conditions == Conditions::Same && !claimed.variations.is_empty() {
            judgment.verdict = Verdict::Failed;
            judgment.reasons.push(Reason::UnequalRuns);
        }
        events.push(self.judged(&planned.snippet, outcome, judgment, claimed));
        events
    }

    pub(in crate::run) fn close_session(&mut self) -> Vec<Event> {
        self.open -= 1;
        if self.open == 0 { self.finish() } else { Vec::new() }
    }

    fn finish(&self) -> Vec<Event> {
        // Of a document that could not be read in full nobody knows what it has lost.
        let known = self.unchosen == 0 && self.document.problems.is_empty();
        let mut events = if known { orphans(self.snapshots.orphans()) } else { Vec::new() };
        events.push(Event::DocumentOver { path: self.document.path.clone() });
        events
    }

    fn judged(&self, snippet: &Snippet, outcome: Outcome, judgment: Judgment, claimed: Claimed) -> Event {
        let Claimed { claims, correctable, variations } = claimed;
        let Judgment { verdict, reasons, difference } = judgment;
        Event::Judged(Box::new(Judged {
            id: snippet.id.clone(),
            path: snippet.path.clone(),
            location: snippet.location,
            source: Arc::clone(&self.document.source),
            verdict,
            outcome,
            reasons,
            builds_on: None,
            claims,
            correctable,
            variations,
            difference,
            cached: false,
            warm: false,
            sandbox: self.circumstances.tier,
            pythons: self.circumstances.python.into_iter().collect(),
            elsewhere: Vec::new(),
        }))
    }
}

/// What the document says of a snippet, judged.
#[derive(Default)]
struct Claimed {
    claims: Vec<Claim>,
    correctable: bool,
    variations: Vec<Variation>,
}

pub(in crate::run) fn orphans(orphans: Orphans) -> Vec<Event> {
    let left = orphans.left.into_iter().map(|snapshot| Event::Orphaned { snapshot });
    let removed = orphans.removed.into_iter().map(|snapshot| Event::Note(format!("removed `{snapshot}`")));
    left.chain(removed).chain(orphans.problems.into_iter().map(Event::Problem)).collect()
}
