//! The pass on the real clock: what fails in virtual time may be true of time that is measured.
//!
//! Knows what is in doubt, not how things run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::model::claim::ClaimVerdict;
use crate::model::outcome::{Cause, CauseKind, Ending, Outcome};
use crate::model::policy::{Chance, Clock};
use crate::model::verdict::Verdict;
use crate::plan::Session;
use crate::run::jobs::{Part, Pass};
use crate::run::verify::held::{Held, SnippetIndex};
use crate::supervisor::Job;

/// The most virtual time of a snippet that is worth as much real time.
const LONGEST: Duration = Duration::from_secs(5);
/// The most virtual time of all such snippets together.
const LONGEST_TOGETHER: Duration = Duration::from_secs(30);

/// Exceptions that depend on the code alone.
const TIMELESS: [&str; 5] = ["NameError", "SyntaxError", "ImportError", "TypeError", "AttributeError"];

/// Code that asks for a time has one of these words in it.
const WORDS: [&str; 5] = ["time", "sleep", "clock", "perf_counter", "monotonic"];

/// Said of a snippet whose outcome is that of the real clock.
const NOTE: &str = "it fails on the virtual clock and passes on the real one";

/// Failures that wait for the real clock.
#[derive(Debug)]
pub(in crate::run) struct RealClock {
    failures: BTreeMap<SnippetIndex, Failure>,
    /// Whether each session's code names a time.
    timely: BTreeMap<usize, bool>,
    /// Bytes that there is room for.
    room: usize,
    /// Real time that the failures will take on the real clock.
    time: Duration,
}

#[derive(Debug)]
struct Failure {
    held: Held,
    /// What the snippet runs on next. Virtual for one that may only have missed what an earlier snippet did not do.
    clock: Clock,
}

impl RealClock {
    pub(in crate::run) fn with_room(room: usize) -> Self {
        Self { failures: BTreeMap::new(), timely: BTreeMap::new(), room, time: Duration::ZERO }
    }

    /// Keeps what may be a matter of the clock; gives back what is not.
    pub(in crate::run) fn hold(
        &mut self,
        at: SnippetIndex,
        session: &Session,
        verdict: Verdict,
        held: Held,
    ) -> Option<Held> {
        if verdict != Verdict::Failed || !self.is_timely(at.session, session) {
            return Some(held);
        }
        let time = self.time.saturating_add(held.outcome.timing.passed);
        let clock = if time <= LONGEST_TOGETHER && depends_on_time(&held.outcome) {
            Clock::Real
        } else {
            Clock::Virtual
        };
        let waits = clock == Clock::Real || self.holds_any_of(at.session);
        let (true, Some(room)) = (waits, self.room.checked_sub(held.weight())) else { return Some(held) };
        self.room = room;
        if clock == Clock::Real {
            self.time = time;
        }
        self.failures.insert(at, Failure { held, clock });
        None
    }

    /// Whether the code of a session has anything to do with time. That a clock was read may be the interpreter's doing.
    fn is_timely(&mut self, number: usize, session: &Session) -> bool {
        *self.timely.entry(number).or_insert_with(|| session.has_any(&WORDS))
    }

    /// Of the two outcomes the one that counts.
    pub(in crate::run) fn choose(
        &mut self,
        at: SnippetIndex,
        verdict: Verdict,
        mut other: Held,
    ) -> Option<Held> {
        let Failure { held, clock } = self.failures.remove(&at)?;
        if verdict == Verdict::Failed || is_only_doubted(&held, &other) {
            return Some(held);
        }
        other.variations = held.variations;
        if clock == Clock::Real {
            other.outcome.notes.push(NOTE.to_owned());
        }
        Some(other)
    }

    pub(in crate::run) fn holds(&self, at: SnippetIndex) -> bool {
        self.failures.contains_key(&at)
    }

    fn holds_any_of(&self, session: usize) -> bool {
        self.failures.keys().any(|at| at.session == session)
    }

    /// What no pass has measured.
    pub(in crate::run) fn rest(&mut self) -> Vec<(SnippetIndex, Held)> {
        let failures = std::mem::take(&mut self.failures).into_iter();
        failures.map(|(at, failure)| (at, failure.held)).collect()
    }

    /// The sessions that have to run again, each as far as something of it waits.
    pub(in crate::run) fn parts(&self, chance: Chance) -> Vec<Part> {
        let last: BTreeMap<usize, usize> = self.failures.keys().map(|at| (at.session, at.snippet)).collect();
        let part = |(session, last)| Part { session, snippets: last + 1, pass: Pass::RealClock, chance };
        last.into_iter().map(part).collect()
    }

    /// Gives the real clock to what waits for it.
    pub(in crate::run) fn set_clocks(&self, jobs: &mut [Job], parts: &[Part]) {
        for (job, part) in jobs.iter_mut().zip(parts) {
            for (snippet, work) in Arc::make_mut(&mut job.works).iter_mut().enumerate() {
                let failure = self.failures.get(&SnippetIndex { session: part.session, snippet });
                if failure.is_some_and(|failure| failure.clock == Clock::Real) {
                    work.step.clock = Clock::Real;
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
        // A deadlock is one on any clock, and a snippet that takes too long is not faster on the real one.
        (Ending::Raised | Ending::TimedOut | Ending::Killed | Ending::Deadlocked | Ending::NotRun, _) => {
            false
        }
    };
    may && timing.clock == Clock::Virtual && timing.timed && timing.passed <= LONGEST
}
