//! The look by the real clock: what fails in virtual time may be true of time that is measured.
//!
//! Knows what to doubt, not how things run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::model::claim::ClaimVerdict;
use crate::model::outcome::{Cause, CauseKind, Ending, Outcome};
use crate::model::policy::{Chance, Clock};
use crate::model::verdict::Verdict;
use crate::plan::Session;
use crate::run::jobs::{Look, Part};
use crate::run::verify::other_seeds::Held;
use crate::supervisor::Job;

/// Virtual time of a snippet that is worth as much real time.
const LONGEST: Duration = Duration::from_secs(5);
/// Of all of them together.
const LONGEST_TOGETHER: Duration = Duration::from_secs(30);

/// What depends on the code alone.
const TIMELESS: [&str; 5] = ["NameError", "SyntaxError", "ImportError", "TypeError", "AttributeError"];

/// Code that asks for a time has one of them in it.
const WORDS: [&str; 5] = ["time", "sleep", "clock", "perf_counter", "monotonic"];

/// Said of a snippet whose outcome is that of the real clock.
const NOTE: &str = "it fails on the virtual clock and passes on the real one";

/// A session's number and that of a snippet in it.
type Place = (usize, usize);

/// Failures that wait for the real clock.
#[derive(Debug)]
pub(in crate::run) struct Measured {
    failures: BTreeMap<Place, Failure>,
    /// Whether each session's code names a time.
    timely: BTreeMap<usize, bool>,
    /// Bytes that there is room for.
    room: usize,
    /// What those that wait would take there.
    time: Duration,
}

#[derive(Debug)]
struct Failure {
    held: Held,
    /// What it is to have. Virtual for one that may only have missed what an earlier one did not do.
    clock: Clock,
}

impl Measured {
    pub(in crate::run) fn with_room(room: usize) -> Self {
        Self { failures: BTreeMap::new(), timely: BTreeMap::new(), room, time: Duration::ZERO }
    }

    /// Keeps what may be a matter of the clock; gives back what is not.
    pub(in crate::run) fn hold(
        &mut self,
        place: Place,
        session: &Session,
        verdict: Verdict,
        held: Held,
    ) -> Option<Held> {
        if verdict != Verdict::Failed || !self.is_timely(place.0, session) {
            return Some(held);
        }
        let time = self.time.saturating_add(held.outcome.timing.passed);
        let clock = if time <= LONGEST_TOGETHER && depends_on_time(&held.outcome) {
            Clock::Real
        } else {
            Clock::Virtual
        };
        let waits = clock == Clock::Real || self.holds_of(place.0);
        let (true, Some(room)) = (waits, self.room.checked_sub(held.weight())) else { return Some(held) };
        self.room = room;
        if clock == Clock::Real {
            self.time = time;
        }
        self.failures.insert(place, Failure { held, clock });
        None
    }

    /// Whether the code of a session has anything to do with time. That a clock was read may be the interpreter's doing.
    fn is_timely(&mut self, number: usize, session: &Session) -> bool {
        *self.timely.entry(number).or_insert_with(|| {
            let mut codes = session.snippets.iter().map(|planned| planned.snippet.code.as_str());
            codes.any(|code| WORDS.iter().any(|word| code.contains(word)))
        })
    }

    /// Of the two outcomes the one that counts.
    pub(in crate::run) fn choose(&mut self, place: Place, verdict: Verdict, mut other: Held) -> Option<Held> {
        let Failure { held, clock } = self.failures.remove(&place)?;
        if verdict == Verdict::Failed || is_only_doubted(&held, &other) {
            return Some(held);
        }
        other.variations = held.variations;
        if clock == Clock::Real {
            other.outcome.notes.push(NOTE.to_owned());
        }
        Some(other)
    }

    pub(in crate::run) fn holds(&self, place: Place) -> bool {
        self.failures.contains_key(&place)
    }

    fn holds_of(&self, session: usize) -> bool {
        self.failures.range((session, 0)..=(session, usize::MAX)).next().is_some()
    }

    /// What nobody has measured.
    pub(in crate::run) fn rest(&mut self) -> Vec<(Place, Held)> {
        let failures = std::mem::take(&mut self.failures).into_iter();
        failures.map(|(place, failure)| (place, failure.held)).collect()
    }

    /// The sessions that have to run again, each as far as something of it waits.
    pub(in crate::run) fn parts(&self, chance: Chance) -> Vec<Part> {
        let last: BTreeMap<usize, usize> = self.failures.keys().copied().collect();
        let part = |(session, work)| Part { session, snippets: work + 1, look: Look::Measured, chance };
        last.into_iter().map(part).collect()
    }

    /// Gives the real clock to what waits for it.
    pub(in crate::run) fn wind(&self, jobs: &mut [Job], parts: &[Part]) {
        for (job, part) in jobs.iter_mut().zip(parts) {
            for (work, planned) in Arc::make_mut(&mut job.works).iter_mut().enumerate() {
                let failure = self.failures.get(&(part.session, work));
                if failure.is_some_and(|failure| failure.clock == Clock::Real) {
                    planned.step.clock = Clock::Real;
                }
            }
        }
    }
}

/// Whether the real clock says no more of a false claim than that it moves.
fn is_only_doubted(held: &Held, other: &Held) -> bool {
    let mut pairs = held.claims.iter().zip(&other.claims);
    pairs.any(|(claim, other)| {
        (claim.verdict, other.verdict) == (ClaimVerdict::Broken, ClaimVerdict::Unstable)
    })
}

/// Whether it might have gone another way on a clock that measures.
fn depends_on_time(outcome: &Outcome) -> bool {
    let timing = outcome.timing;
    let cause = outcome.cause.as_ref().map(|cause: &Cause| cause.kind);
    let may = match (outcome.ending, cause) {
        (Ending::Raised, None) => outcome
            .exception
            .as_ref()
            .is_none_or(|exception| !exception.bases.iter().any(|base| TIMELESS.contains(&base.as_str()))),
        (Ending::Completed | Ending::Exited, _) | (Ending::TimedOut, Some(CauseKind::Virtual)) => true,
        // Who waits for nothing waits for ever, and what takes too long takes no less.
        (Ending::Raised | Ending::TimedOut | Ending::Killed | Ending::Deadlocked | Ending::NotRun, _) => {
            false
        }
    };
    may && timing.clock == Clock::Virtual && timing.timed && timing.passed <= LONGEST
}
