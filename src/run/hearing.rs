//! Where news of the supervisor becomes judged news, at once or after another look.

use std::collections::BTreeMap;

use crate::event::Event;
use crate::expect::Promises;
use crate::model::outcome::Outcome;
use crate::model::verdict::Verdict;
use crate::plan::Plan;
use crate::run::again::{Held, Waiting};
use crate::run::desk::Desk;
use crate::run::jobs::{Look, Part};
use crate::run::measured::Measured;
use crate::run::repeats::Repeats;
use crate::run::{RunError, Stage};
use crate::supervisor::{Progress, SupervisorError};

pub(super) struct Hearing<'a> {
    pub(super) plan: &'a Plan<'a>,
    /// Of each session's snippets, in their order.
    pub(super) promises: &'a [Vec<Promises>],
    pub(super) desks: BTreeMap<&'a str, Desk<'a>>,
    pub(super) repeats: Repeats,
    pub(super) measured: Measured,
    pub(super) waiting: Waiting,
    /// How many snippets of each session have been told of.
    pub(super) told: BTreeMap<usize, usize>,
    pub(super) stage: Stage<'a>,
}

/// The supervisor's last word.
pub(super) struct End {
    pub(super) interrupted: bool,
    pub(super) result: Result<(), SupervisorError>,
}

impl Hearing<'_> {
    /// Until there is no more news. Jobs are numbered by their parts.
    pub(super) fn follow(
        &mut self,
        news: impl Iterator<Item = Progress>,
        parts: &[Part],
    ) -> Result<End, RunError> {
        for progress in news {
            match progress {
                Progress::Ready { .. } => {}
                Progress::Started { job, work } => self.running(parts[job], work)?,
                Progress::Done { job, work, outcome } => {
                    let Part { session, look, .. } = parts[job];
                    match look {
                        Look::First => self.judge(session, work, *outcome)?,
                        Look::Repeated(run) => self.repeat((session, work), run, *outcome)?,
                        Look::Measured => self.measure(session, work, *outcome)?,
                        Look::Further => self.compare(session, work, *outcome)?,
                    }
                }
                Progress::Note(note) => self.stage.show(&Event::Note(note))?,
                Progress::Interrupted => self.stage.show(&Event::Interrupted)?,
                Progress::Finished { interrupted, result } => return Ok(End { interrupted, result }),
            }
        }
        Ok(End { interrupted: true, result: Ok(()) })
    }

    fn running(&mut self, part: Part, work: usize) -> Result<(), RunError> {
        let Part { session, look, .. } = part;
        let is_news = match look {
            Look::First => true,
            Look::Repeated(_) => false,
            Look::Measured => self.measured.holds((session, work)),
            Look::Further => self.waiting.holds(session, work),
        };
        if is_news {
            let session = &self.plan.sessions[session];
            let line = session.snippets[work].snippet.location.code;
            self.stage.show(&Event::Running { path: session.path.clone(), line })?;
        }
        Ok(())
    }

    /// Nobody will look again.
    pub(super) fn close(&mut self) -> Result<(), RunError> {
        for ((session, work), held) in self.repeats.rest() {
            self.tell(session, work, held)?;
        }
        for ((session, work), held) in self.measured.rest() {
            self.tell(session, work, held)?;
        }
        for (job, work) in self.waiting.places() {
            if let Some(held) = self.waiting.release(job, work) {
                self.tell(job, work, held)?;
            }
        }
        Ok(())
    }

    fn judge(&mut self, job: usize, work: usize, outcome: Outcome) -> Result<(), RunError> {
        let held = self.judged(job, work, outcome);
        let snippet = &self.plan.sessions[job].snippets[work].snippet;
        match self.repeats.first((job, work), snippet, held) {
            Some(held) => self.doubt(job, work, held),
            None => Ok(()),
        }
    }

    fn repeat(&mut self, (job, work): (usize, usize), run: usize, outcome: Outcome) -> Result<(), RunError> {
        let snippet = &self.plan.sessions[job].snippets[work].snippet;
        match self.repeats.other((job, work), snippet, (run, outcome)) {
            Some(held) => self.doubt(job, work, held),
            None => Ok(()),
        }
    }

    fn doubt(&mut self, job: usize, work: usize, held: Held) -> Result<(), RunError> {
        let verdict = self.verdict(job, work, &held);
        match self.measured.hold((job, work), &self.plan.sessions[job], verdict, held) {
            Some(held) => self.doubt_chance(job, work, held),
            None => Ok(()),
        }
    }

    fn measure(&mut self, job: usize, work: usize, outcome: Outcome) -> Result<(), RunError> {
        if !self.measured.holds((job, work)) {
            return Ok(());
        }
        let other = self.judged(job, work, outcome);
        let verdict = self.verdict(job, work, &other);
        match self.measured.choose((job, work), verdict, other) {
            Some(held) => self.doubt_chance(job, work, held),
            None => Ok(()),
        }
    }

    fn verdict(&mut self, job: usize, work: usize, held: &Held) -> Verdict {
        let planned = &self.plan.sessions[job].snippets[work];
        self.desk(job).verdict(planned, &held.outcome, &held.claims)
    }

    fn doubt_chance(&mut self, job: usize, work: usize, held: Held) -> Result<(), RunError> {
        match self.waiting.hold((job, &self.plan.sessions[job]), work, held) {
            Some(held) => self.tell(job, work, held),
            None => Ok(()),
        }
    }

    fn compare(&mut self, job: usize, work: usize, outcome: Outcome) -> Result<(), RunError> {
        if !self.waiting.holds(job, work) {
            return Ok(());
        }
        let other = self.judged(job, work, outcome);
        match self.waiting.compare(job, work, &other) {
            Some(held) => self.tell(job, work, held),
            None => Ok(()),
        }
    }

    fn judged(&mut self, job: usize, work: usize, outcome: Outcome) -> Held {
        let (plan, promises) = (self.plan, self.promises);
        let planned = &plan.sessions[job].snippets[work];
        let claims = self.desk(job).claims(planned, &promises[job][work], &outcome);
        Held { outcome, claims, moved: Vec::new() }
    }

    fn tell(&mut self, job: usize, work: usize, held: Held) -> Result<(), RunError> {
        let session = &self.plan.sessions[job];
        let events = self.desk(job).judge(&session.snippets[work], held);
        self.stage.show_all(&events)?;
        let told = self.told.entry(job).or_default();
        *told += 1;
        if *told < session.snippets.len() {
            return Ok(());
        }
        let events = self.desk(job).close_session();
        self.stage.show_all(&events)
    }
}

impl<'a> Hearing<'a> {
    fn desk(&mut self, job: usize) -> &mut Desk<'a> {
        let path = self.plan.sessions[job].path.as_str();
        self.desks.get_mut(path).expect("every session has its document")
    }
}
