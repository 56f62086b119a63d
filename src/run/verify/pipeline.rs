//! Raw progress of the supervisor becomes events: at once, or after further passes.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::event::Event;
use crate::expect::{Expectations, Failures};
use crate::model::outcome::Outcome;
use crate::model::problem::Problem;
use crate::model::verdict::Verdict;
use crate::plan::{Plan, PlannedSnippet};
use crate::run::error::RunError;
use crate::run::event_sink::EventSink;
use crate::run::jobs::{Part, Pass};
use crate::run::reuse::Recorder;
use crate::run::verify::cold::Cold;
use crate::run::verify::document_judge::DocumentJudge;
use crate::run::verify::held::{Held, SnippetIndex};
use crate::run::verify::other_seeds::OtherSeeds;
use crate::run::verify::real_clock::RealClock;
use crate::run::verify::repeats::{RepeatedOutcome, Repeats};
use crate::supervisor::{Progress, SupervisorError};

/// An outcome passes `cold`, `repeats`, `real_clock` and `other_seeds` in this order. Each may hold it until it has seen more.
pub(in crate::run) struct Pipeline<'a> {
    pub(in crate::run) plan: &'a Plan<'a>,
    /// Of each session's snippets, in their order.
    pub(in crate::run) expectations: &'a [Vec<Expectations>],
    /// By the path of their document.
    pub(in crate::run) judges: BTreeMap<&'a str, DocumentJudge<'a>>,
    pub(in crate::run) cold: Cold,
    pub(in crate::run) repeats: Repeats,
    pub(in crate::run) real_clock: RealClock,
    pub(in crate::run) other_seeds: OtherSeeds,
    /// The snippets of each session that have been reported.
    pub(in crate::run) reported: BTreeMap<usize, BTreeSet<usize>>,
    /// The snippets of each session that have failed.
    pub(in crate::run) failures: BTreeMap<usize, Failures>,
    /// Sessions that did not run now.
    pub(in crate::run) cached: BTreeSet<usize>,
    /// Keeps the outcomes of those that do.
    pub(in crate::run) recorder: Option<Recorder>,
    pub(in crate::run) sink: EventSink<'a>,
}

/// How a pass ended: the supervisor's last word.
pub(in crate::run) struct End {
    pub(in crate::run) interrupted: bool,
    pub(in crate::run) result: Result<(), SupervisorError>,
}

impl End {
    /// The end of a pass that had everything, or nothing, to do.
    pub(in crate::run) fn complete() -> Self {
        Self { interrupted: false, result: Ok(()) }
    }

    /// Whether another pass may follow.
    pub(in crate::run) fn goes_on(&self) -> bool {
        !self.interrupted && self.result.is_ok()
    }
}

impl Pipeline<'_> {
    /// Until there is no more news. Jobs are numbered by their parts.
    pub(in crate::run) fn follow(
        &mut self,
        news: impl Iterator<Item = Progress>,
        parts: &[Part],
    ) -> Result<End, RunError> {
        for progress in news {
            match progress {
                Progress::Ready { .. } => {}
                Progress::Warm { job } => self.cold.begins_warm(parts[job].session),
                Progress::Started { job, work } => self.announce(parts[job], work)?,
                Progress::Done { job, work, outcome, load } => {
                    let Part { session, pass, .. } = parts[job];
                    let at = SnippetIndex { session, snippet: work };
                    self.guarded(at, |pipeline| pipeline.take(at, pass, *outcome))?;
                    drop(load);
                }
                Progress::Note(note) => self.sink.show(&Event::Note(note))?,
                Progress::Interrupted => self.sink.show(&Event::Interrupted)?,
                Progress::Finished { interrupted, result } => return Ok(End { interrupted, result }),
            }
        }
        Ok(End { interrupted: true, result: Ok(()) })
    }

    /// What the snippets of a session did in an earlier run.
    pub(in crate::run) fn take_cached(&mut self, part: Part, outcomes: Vec<Outcome>) -> Result<(), RunError> {
        self.cached.insert(part.session);
        for (snippet, outcome) in outcomes.into_iter().enumerate() {
            let at = SnippetIndex { session: part.session, snippet };
            self.guarded(at, |pipeline| pipeline.take(at, part.pass, outcome))?;
        }
        Ok(())
    }

    /// Reports what still waits: no other pass will come.
    pub(in crate::run) fn close(&mut self) -> Result<(), RunError> {
        let waiting =
            [self.cold.rest(), self.repeats.rest(), self.real_clock.rest(), self.other_seeds.rest()];
        for (at, held) in waiting.into_iter().flatten() {
            self.guarded(at, |pipeline| pipeline.report(at, held))?;
        }
        Ok(())
    }

    fn announce(&mut self, part: Part, snippet: usize) -> Result<(), RunError> {
        let at = SnippetIndex { session: part.session, snippet };
        let is_news = match part.pass {
            Pass::First => true,
            Pass::Cold => self.cold.holds(at),
            Pass::Repeated(_) => false,
            Pass::RealClock => self.real_clock.holds(at),
            Pass::OtherSeeds => self.other_seeds.holds(at),
        };
        if !is_news {
            return Ok(());
        }

        let path = self.plan.sessions[at.session].path.clone();
        let line = self.planned(at).snippet.location.code;
        self.sink.show(&Event::Running { path, line })
    }

    /// A defect of ours that one snippet brings to light must not take the results of all others along.
    fn guarded(
        &mut self,
        at: SnippetIndex,
        judge: impl FnOnce(&mut Self) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        match catch_unwind(AssertUnwindSafe(|| judge(self))) {
            Ok(judged) => judged,
            Err(_) => self.give_up(at),
        }
    }

    /// The panic has been printed when it happened.
    fn give_up(&mut self, at: SnippetIndex) -> Result<(), RunError> {
        let snippet = &self.planned(at).snippet;
        let problem = Problem {
            path: snippet.path.0.clone(),
            line: Some(snippet.location.start),
            message: "this snippet cannot be judged: snipcheck itself failed at it".to_owned(),
            hint: Some("please report what stderr says of it, with the snippet".to_owned()),
        };
        self.sink.show(&Event::Problem(problem))?;

        let is_reported =
            self.reported.get(&at.session).is_some_and(|reported| reported.contains(&at.snippet));
        let waits = self.repeats.holds(at) || self.real_clock.holds(at) || self.other_seeds.holds(at);
        if is_reported || waits {
            return Ok(());
        }
        let outcome = Outcome::not_run(vec!["snipcheck itself failed at it".to_owned()]);
        self.report(at, Held { outcome, claims: Vec::new(), variations: Vec::new() })
    }

    fn take(&mut self, at: SnippetIndex, pass: Pass, outcome: Outcome) -> Result<(), RunError> {
        match pass {
            Pass::First => self.take_first(at, outcome),
            Pass::Cold if self.cold.holds(at) => {
                self.cold.decided(at);
                self.take_known(at, outcome)
            }
            Pass::Cold => Ok(()),
            Pass::Repeated(run) => self.take_repeated(at, RepeatedOutcome { run, outcome }),
            Pass::RealClock => self.take_on_real_clock(at, outcome),
            Pass::OtherSeeds => self.take_with_other_seed(at, outcome),
        }
    }

    fn take_first(&mut self, at: SnippetIndex, outcome: Outcome) -> Result<(), RunError> {
        if self.cold.is_idle() {
            return self.take_known(at, outcome);
        }
        let held = self.judged(at, outcome);
        let verdict = self.verdict(at, &held);
        match self.cold.hold(at, verdict, held) {
            Some(held) => self.take_known(at, held.outcome),
            None => Ok(()),
        }
    }

    /// Takes an outcome that is as if no image had been used.
    fn take_known(&mut self, at: SnippetIndex, outcome: Outcome) -> Result<(), RunError> {
        if let Some(recorder) = &mut self.recorder {
            recorder.take(at, &outcome);
        }
        let held = self.judged(at, outcome);
        let snippet = &self.planned(at).snippet;
        match self.repeats.first(at, snippet, held) {
            Some(held) => self.hold_for_real_clock(at, held),
            None => Ok(()),
        }
    }

    fn take_repeated(&mut self, at: SnippetIndex, other: RepeatedOutcome) -> Result<(), RunError> {
        let snippet = &self.planned(at).snippet;
        match self.repeats.other(at, snippet, other) {
            Some(held) => self.hold_for_real_clock(at, held),
            None => Ok(()),
        }
    }

    fn hold_for_real_clock(&mut self, at: SnippetIndex, held: Held) -> Result<(), RunError> {
        let verdict = self.verdict(at, &held);
        match self.real_clock.hold(at, &self.plan.sessions[at.session], verdict, held) {
            Some(held) => self.hold_for_other_seeds(at, held),
            None => Ok(()),
        }
    }

    fn take_on_real_clock(&mut self, at: SnippetIndex, outcome: Outcome) -> Result<(), RunError> {
        if !self.real_clock.holds(at) {
            return Ok(());
        }
        let other = self.judged(at, outcome);
        let verdict = self.verdict(at, &other);
        match self.real_clock.choose(at, verdict, other) {
            Some(held) => self.hold_for_other_seeds(at, held),
            None => Ok(()),
        }
    }

    fn hold_for_other_seeds(&mut self, at: SnippetIndex, held: Held) -> Result<(), RunError> {
        match self.other_seeds.hold(at, &self.plan.sessions[at.session], held) {
            Some(held) => self.report(at, held),
            None => Ok(()),
        }
    }

    fn take_with_other_seed(&mut self, at: SnippetIndex, outcome: Outcome) -> Result<(), RunError> {
        if !self.other_seeds.holds(at) {
            return Ok(());
        }
        let other = self.judged(at, outcome);
        match self.other_seeds.compare(at, &other) {
            Some(held) => self.report(at, held),
            None => Ok(()),
        }
    }

    fn judged(&mut self, at: SnippetIndex, outcome: Outcome) -> Held {
        let expectations = &self.expectations[at.session][at.snippet];
        let planned = self.planned(at);
        let claims = self.judge(at.session).claims(planned, expectations, &outcome);
        Held { outcome, claims, variations: Vec::new() }
    }

    fn verdict(&mut self, at: SnippetIndex, held: &Held) -> Verdict {
        let planned = self.planned(at);
        self.judge(at.session).verdict(planned, &held.outcome, &held.claims)
    }

    fn report(&mut self, at: SnippetIndex, held: Held) -> Result<(), RunError> {
        let session = &self.plan.sessions[at.session];
        let mut events = self.judge(at.session).judge(&session.snippets[at.snippet], held);
        let failures = self.failures.entry(at.session).or_default();
        for event in &mut events {
            if let Event::Judged(judged) = event {
                judged.builds_on = failures.cause(&session.snippets[at.snippet].snippet, judged);
                judged.cached = self.cached.contains(&at.session);
                judged.warm = self.cold.was_warm(at);
                if let Some(recorder) = &mut self.recorder {
                    recorder.judged(at, judged.verdict, !judged.variations.is_empty());
                }
            }
        }
        let reported = self.reported.entry(at.session).or_default();
        let is_last = reported.insert(at.snippet) && reported.len() == session.snippets.len();
        self.sink.show_all(events)?;
        if !is_last {
            return Ok(());
        }

        if let Some(recorder) = &mut self.recorder {
            recorder.close(at.session);
        }
        let events = self.judge(at.session).close_session();
        self.sink.show_all(events)
    }
}

impl<'a> Pipeline<'a> {
    fn planned(&self, at: SnippetIndex) -> &'a PlannedSnippet {
        &self.plan.sessions[at.session].snippets[at.snippet]
    }

    fn judge(&mut self, session: usize) -> &mut DocumentJudge<'a> {
        let path = self.plan.sessions[session].path.as_str();
        self.judges.get_mut(path).expect("every session has its document")
    }
}
