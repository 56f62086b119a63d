//! Where news of the supervisor becomes judged news, at once or after another look.

use std::collections::BTreeMap;

use crate::event::Event;
use crate::expect::Promises;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::run::again::{Held, Waiting};
use crate::run::desk::Desk;
use crate::run::measured::Measured;
use crate::run::{RunError, Stage};
use crate::supervisor::{Progress, SupervisorError};
use crate::verdict::Verdict;

pub(super) struct Hearing<'a> {
    pub(super) plan: &'a Plan<'a>,
    /// Of each session's snippets, in their order.
    pub(super) promises: &'a [Vec<Promises>],
    pub(super) desks: BTreeMap<&'a str, Desk<'a>>,
    pub(super) measured: Measured,
    pub(super) waiting: Waiting,
    pub(super) stage: Stage<'a>,
}

/// The supervisor's last word.
pub(super) struct End {
    pub(super) interrupted: bool,
    pub(super) result: Result<(), SupervisorError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    First,
    /// By the real clock, at what waits for it.
    Measured,
    /// At what waits.
    Further,
}

impl Hearing<'_> {
    /// Until there is no more news.
    pub(super) fn follow(
        &mut self,
        news: impl Iterator<Item = Progress>,
        look: Look,
    ) -> Result<End, RunError> {
        for progress in news {
            match progress {
                Progress::Ready { .. } => {}
                Progress::Started { job, work } => {
                    let is_news = match look {
                        Look::First => true,
                        Look::Measured => self.measured.holds((job, work)),
                        Look::Further => self.waiting.holds(job, work),
                    };
                    if is_news {
                        let session = &self.plan.sessions[job];
                        let line = session.snippets[work].snippet.location.code;
                        self.stage.show(&Event::Running { path: session.path.clone(), line })?;
                    }
                }
                Progress::Done { job, work, outcome } => match look {
                    Look::First => self.judge(job, work, *outcome)?,
                    Look::Measured => self.measure(job, work, *outcome)?,
                    Look::Further => self.compare(job, work, *outcome)?,
                },
                Progress::Over { job } => {
                    if look == Look::First && !self.waits(job) {
                        self.close_session(job)?;
                    }
                }
                Progress::Note(note) => self.stage.show(&Event::Note(note))?,
                Progress::Interrupted => self.stage.show(&Event::Interrupted)?,
                Progress::Finished { interrupted, result } => return Ok(End { interrupted, result }),
            }
        }
        Ok(End { interrupted: true, result: Ok(()) })
    }

    /// Nobody will look again.
    pub(super) fn close(&mut self) -> Result<(), RunError> {
        for ((job, work), held) in self.measured.rest() {
            self.tell_late(job, work, held)?;
        }
        for (job, work) in self.waiting.places() {
            if let Some(held) = self.waiting.release(job, work) {
                self.tell_late(job, work, held)?;
            }
        }
        Ok(())
    }

    fn judge(&mut self, job: usize, work: usize, outcome: Outcome) -> Result<(), RunError> {
        let held = self.judged(job, work, outcome);
        let verdict = self.verdict(job, work, &held);
        let Some(held) = self.measured.hold((job, work), verdict, held) else { return Ok(()) };
        match self.waiting.hold((job, &self.plan.sessions[job]), work, held) {
            Some(held) => self.tell(job, work, held),
            None => Ok(()),
        }
    }

    fn measure(&mut self, job: usize, work: usize, outcome: Outcome) -> Result<(), RunError> {
        if !self.measured.holds((job, work)) {
            return Ok(());
        }
        let other = self.judged(job, work, outcome);
        let verdict = self.verdict(job, work, &other);
        let Some(held) = self.measured.choose((job, work), verdict, other) else { return Ok(()) };
        match self.waiting.hold((job, &self.plan.sessions[job]), work, held) {
            Some(held) => self.tell_late(job, work, held),
            None => Ok(()),
        }
    }

    fn verdict(&mut self, job: usize, work: usize, held: &Held) -> Verdict {
        let planned = &self.plan.sessions[job].snippets[work];
        self.desk(job).verdict(planned, &held.outcome, &held.claims)
    }

    fn waits(&self, job: usize) -> bool {
        self.measured.holds_of(job) || self.waiting.holds_of(job)
    }

    fn compare(&mut self, job: usize, work: usize, outcome: Outcome) -> Result<(), RunError> {
        if !self.waiting.holds(job, work) {
            return Ok(());
        }
        let other = self.judged(job, work, outcome);
        match self.waiting.compare(job, work, &other) {
            Some(held) => self.tell_late(job, work, held),
            None => Ok(()),
        }
    }

    fn judged(&mut self, job: usize, work: usize, outcome: Outcome) -> Held {
        let (plan, promises) = (self.plan, self.promises);
        let planned = &plan.sessions[job].snippets[work];
        let claims = self.desk(job).claims(planned, &promises[job][work], &outcome);
        Held { outcome, claims }
    }

    fn tell(&mut self, job: usize, work: usize, Held { outcome, claims }: Held) -> Result<(), RunError> {
        let plan = self.plan;
        let planned = &plan.sessions[job].snippets[work];
        let events = self.desk(job).judge(planned, outcome, claims);
        self.stage.show_all(&events)
    }

    /// Of a session that has ended.
    fn tell_late(&mut self, job: usize, work: usize, held: Held) -> Result<(), RunError> {
        self.tell(job, work, held)?;
        if self.waits(job) { Ok(()) } else { self.close_session(job) }
    }

    fn close_session(&mut self, job: usize) -> Result<(), RunError> {
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
