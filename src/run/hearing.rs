//! Where news of the supervisor becomes judged news, at once or after another look.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::event::Event;
use crate::expect::{Expectations, Failures};
use crate::model::outcome::Outcome;
use crate::model::problem::Problem;
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
    pub(super) expectations: &'a [Vec<Expectations>],
    pub(super) desks: BTreeMap<&'a str, Desk<'a>>,
    pub(super) repeats: Repeats,
    pub(super) measured: Measured,
    pub(super) waiting: Waiting,
    /// The snippets of each session that have been told of.
    pub(super) told: BTreeMap<usize, BTreeSet<usize>>,
    /// Of each session.
    pub(super) failures: BTreeMap<usize, Failures>,
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
                Progress::Done { job, work, outcome, load } => {
                    let Part { session, look, .. } = parts[job];
                    self.guarded((session, work), |hearing| match look {
                        Look::First => hearing.judge(session, work, *outcome),
                        Look::Repeated(run) => hearing.repeat((session, work), run, *outcome),
                        Look::Measured => hearing.measure(session, work, *outcome),
                        Look::Further => hearing.compare(session, work, *outcome),
                    })?;
                    drop(load);
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
            self.guarded((session, work), |hearing| hearing.tell(session, work, held))?;
        }
        for ((session, work), held) in self.measured.rest() {
            self.guarded((session, work), |hearing| hearing.tell(session, work, held))?;
        }
        for (job, work) in self.waiting.places() {
            if let Some(held) = self.waiting.release(job, work) {
                self.guarded((job, work), |hearing| hearing.tell(job, work, held))?;
            }
        }
        Ok(())
    }

    /// A defect of ours that one snippet brings to light must not take the results of all others along.
    fn guarded(
        &mut self,
        (session, work): (usize, usize),
        judge: impl FnOnce(&mut Self) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        match catch_unwind(AssertUnwindSafe(|| judge(self))) {
            Ok(judged) => judged,
            Err(_) => self.break_off(session, work),
        }
    }

    /// The panic has been printed when it happened.
    fn break_off(&mut self, session: usize, work: usize) -> Result<(), RunError> {
        let snippet = &self.plan.sessions[session].snippets[work].snippet;
        self.stage.show(&Event::Problem(Problem {
            path: snippet.path.0.clone(),
            line: Some(snippet.location.start),
            message: "this snippet cannot be judged: snipcheck itself failed at it".to_owned(),
            hint: Some("please report what stderr says of it, with the snippet".to_owned()),
        }))?;
        let is_told = self.told.get(&session).is_some_and(|told| told.contains(&work));
        let place = (session, work);
        let waits =
            self.repeats.holds(place) || self.measured.holds(place) || self.waiting.holds(session, work);
        if is_told || waits {
            return Ok(());
        }
        let outcome = Outcome::not_run(vec!["snipcheck itself failed at it".to_owned()]);
        self.tell(session, work, Held { outcome, claims: Vec::new(), variations: Vec::new() })
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
        let (plan, expectations) = (self.plan, self.expectations);
        let planned = &plan.sessions[job].snippets[work];
        let claims = self.desk(job).claims(planned, &expectations[job][work], &outcome);
        Held { outcome, claims, variations: Vec::new() }
    }

    fn tell(&mut self, job: usize, work: usize, held: Held) -> Result<(), RunError> {
        let session = &self.plan.sessions[job];
        let mut events = self.desk(job).judge(&session.snippets[work], held);
        let failures = self.failures.entry(job).or_default();
        for event in &mut events {
            if let Event::Judged(judged) = event {
                judged.builds_on = failures.cause(&session.snippets[work].snippet, judged);
            }
        }
        let told = self.told.entry(job).or_default();
        let is_last = told.insert(work) && told.len() == session.snippets.len();
        self.stage.show_all(&events)?;
        if !is_last {
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
