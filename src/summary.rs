//! The counts of a run, and the exit code that follows from them: a fold over the events.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::event::{Event, Judged, Unread};
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::outcome::Ending;
use crate::model::policy::Tier;
use crate::model::python::RunningPython;
use crate::model::reason::Minor;
use crate::model::snippet::SnippetId;
use crate::model::verdict::Verdict;

/// How many of the slowest snippets a report names.
const SLOWEST: usize = 3;

/// Whether unfinished business (unreviewed, suspicious, pending, orphaned) fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    Lenient,
    /// `--check`, implied by `CI`.
    Check,
}

/// What a run is that had no Python snippet to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum NoTests {
    /// Nothing is wrong, and nothing is said beyond the summary.
    Pass,
    /// Nothing is wrong, and stderr says that nothing ran.
    Warn,
    /// The exit code is 4.
    #[default]
    Fail,
}

/// The exit code of a run that had no Python snippet to run.
pub(crate) const NOTHING_TO_RUN: u8 = 4;

#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) unreviewed: usize,
    pub(crate) skipped: usize,
    pub(crate) not_run: usize,
    /// Snippets whose session did not run, because an earlier run had run it.
    pub(crate) cached: usize,
    /// Snippets whose session began with packages loaded.
    pub(crate) warm: usize,
    pub(crate) suspicious: usize,
    pub(crate) not_runnable: usize,
    pub(crate) problems: usize,
    pub(crate) orphaned: usize,
    pub(crate) claims: ClaimCounts,
    /// Snippets that did something else in another run.
    pub(crate) unstable: usize,
    pub(crate) documents: usize,
    pub(crate) sandbox: Option<Tier>,
    /// The Pythons that ran, or were to run, snippets.
    pub(crate) pythons: Vec<RunningPython>,
    /// Snippets that ran in some of the Pythons and were left out in others, by the Python that left them out.
    pub(crate) left_out: BTreeMap<Minor, usize>,
    pub(crate) wall: Duration,
    /// Virtual time that snippets had beyond what they took.
    pub(crate) waited: Duration,
    pub(crate) interrupted: bool,
    /// Failed snippets that lack the names of others, which failed before.
    pub(crate) consequences: usize,
    /// Failed snippets per missing package.
    pub(crate) missing_packages: BTreeMap<String, usize>,
    /// Longest first.
    pub(crate) slowest: Vec<(SnippetId, Duration)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ClaimCounts {
    pub(crate) holds: usize,
    pub(crate) broken: usize,
    /// Those of the broken ones that were accepted as such.
    #[serde(skip)]
    pub(crate) known: usize,
    pub(crate) unstable: usize,
    pub(crate) not_reached: usize,
    pub(crate) remarks: usize,
}

impl ClaimCounts {
    fn count(&mut self, claim: &Claim) {
        self.known += usize::from(claim.verdict == ClaimVerdict::Broken && claim.accepted);
        *match claim.verdict {
            ClaimVerdict::Holds => &mut self.holds,
            ClaimVerdict::Broken => &mut self.broken,
            ClaimVerdict::Unstable => &mut self.unstable,
            ClaimVerdict::NotReached => &mut self.not_reached,
            ClaimVerdict::Remark => &mut self.remarks,
        } += 1;
    }
}

impl Summary {
    pub(crate) fn record(&mut self, event: &Event) {
        match event {
            Event::Planned(planned) => {
                self.documents = planned.documents;
                self.sandbox = Some(planned.sandbox);
                self.pythons.clone_from(&planned.pythons);
            }
            Event::Running { .. }
            | Event::Accepted { .. }
            | Event::DocumentBegins { .. }
            | Event::DocumentOver { .. }
            | Event::Interrupted
            | Event::Note(_) => {}
            Event::Problem(_) => self.problems += 1,
            Event::Judged(judged) => self.count(judged),
            Event::Orphaned { .. } => self.orphaned += 1,
            Event::Unread { unread: Unread::Suspicious, .. } => self.suspicious += 1,
            Event::Unread { unread: Unread::NotRunnable, .. } => self.not_runnable += 1,
            Event::Finished(finished) => {
                self.wall = finished.wall;
                self.interrupted = finished.interrupted;
            }
        }
    }

    pub(crate) fn exit_code(&self, strictness: Strictness) -> u8 {
        let unfinished = self.unreviewed + self.suspicious + self.orphaned;
        if self.interrupted {
            130
        } else if self.failed + self.problems > 0 || (strictness == Strictness::Check && unfinished > 0) {
            1
        } else if self.passed + self.unreviewed + self.skipped == 0 {
            NOTHING_TO_RUN
        } else {
            0
        }
    }

    fn count(&mut self, judged: &Judged) {
        match judged.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Unreviewed => self.unreviewed += 1,
            Verdict::Skipped => self.skipped += 1,
        }
        if judged.outcome.ending == Ending::NotRun && judged.verdict != Verdict::Skipped {
            self.not_run += 1;
        }
        self.cached += usize::from(judged.cached);
        self.warm += usize::from(judged.warm);
        self.consequences += usize::from(judged.builds_on.is_some());
        self.unstable += usize::from(!judged.variations.is_empty());
        judged.worst_claims().into_iter().for_each(|claim| self.claims.count(claim));
        let left_out =
            |other: &Judged| judged.verdict != Verdict::Skipped && other.verdict == Verdict::Skipped;
        for other in judged.elsewhere.iter().filter(|other| left_out(other)) {
            for python in &other.pythons {
                *self.left_out.entry(*python).or_default() += 1;
            }
        }
        if let Some(package) = judged.missing_package() {
            *self.missing_packages.entry(package.to_owned()).or_default() += 1;
        }
        let wall = judged.outcome.usage.wall;
        // Who waits for ever saves nobody anything.
        if judged.outcome.ending != Ending::TimedOut {
            self.waited = self.waited.saturating_add(judged.outcome.timing.passed.saturating_sub(wall));
        }
        let place = self.slowest.partition_point(|(_, slower)| *slower >= wall);
        if place < SLOWEST && judged.ran() {
            self.slowest.insert(place, (judged.id.clone(), wall));
            self.slowest.truncate(SLOWEST);
        }
    }
}
