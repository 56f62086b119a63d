//! Passes after the first: what may be a matter of the clock or of chance runs again before it is called false.

use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::model::policy::{Chance, Launch};
use crate::run::environment::FEW_SESSIONS;
use crate::run::error::RunError;
use crate::run::jobs::{self, JobSource, Part};
use crate::run::supervision::Supervision;
use crate::run::verify::other_seeds;
use crate::run::verify::pipeline::{End, Pipeline};
use crate::supervisor::{Job, Options};

pub(super) struct FurtherPasses<'a> {
    pub(super) settings: &'a Settings,
    /// Those of the first pass.
    pub(super) options: Options,
    /// What the first pass found decided.
    pub(super) usual: Chance,
    /// When the whole run began.
    pub(super) began: Instant,
}

impl FurtherPasses<'_> {
    /// Runs without images what fails with one.
    pub(super) fn cold(&self, pipeline: &mut Pipeline<'_>) -> Result<End, RunError> {
        let parts = pipeline.cold.parts(pipeline.plan, self.usual);
        if parts.is_empty() || self.is_over() {
            return Ok(End::complete());
        }
        let supervision = self.start(parts.len(), vec![self.usual.launch])?;
        follow(supervision, self.jobs(pipeline, &parts), pipeline, &parts)
    }

    /// Runs on the real clock what fails on the virtual one and has to do with time.
    pub(super) fn on_real_clock(&self, pipeline: &mut Pipeline<'_>) -> Result<End, RunError> {
        let parts = pipeline.real_clock.parts(self.usual);
        if parts.is_empty() || self.is_over() {
            return Ok(End::complete());
        }

        let supervision = self.start(parts.len(), vec![self.usual.launch])?;
        let mut jobs = self.jobs(pipeline, &parts);
        pipeline.real_clock.set_clocks(&mut jobs, &parts);
        follow(supervision, jobs, pipeline, &parts)
    }

    /// Runs under other seeds what may be a matter of chance, for as long as everything before took, or some seconds.
    pub(super) fn with_other_seeds(&self, pipeline: &mut Pipeline<'_>) -> Result<End, RunError> {
        let (longest, began) = (self.began.elapsed().max(other_seeds::LEAST), Instant::now());
        let [mut chances, mut more] = other_seeds::chances(self.usual);
        let mut are_more = false;
        let mut end = End::complete();

        while end.goes_on() {
            if chances.is_empty() {
                chances.append(&mut more);
                are_more = true;
            }
            if chances.is_empty() {
                break;
            }

            // Lanes that would have nothing to do take the passes that may follow.
            let sessions = pipeline.other_seeds.sessions().max(1);
            let passes = (self.settings.jobs / sessions).clamp(1, chances.len());
            let tried: Vec<Chance> = chances.drain(..passes).collect();
            let waiting = &pipeline.other_seeds;
            let parts = if are_more { waiting.open_parts(&tried) } else { waiting.parts(&tried) };
            if parts.is_empty() || began.elapsed() > longest || self.is_over() {
                break;
            }

            let launches = tried.iter().map(|chance| chance.launch).collect();
            let supervision = self.start(parts.len(), launches)?;
            let jobs = self.jobs(pipeline, &parts);
            end = follow(supervision, jobs, pipeline, &parts)?;
        }
        Ok(end)
    }

    /// What the run's timeout leaves, if it has one.
    fn time_left(&self) -> Option<Duration> {
        self.options.run_timeout.map(|most| most.saturating_sub(self.began.elapsed()))
    }

    fn is_over(&self) -> bool {
        self.time_left().is_some_and(|left| left.is_zero())
    }

    fn start(&self, parts: usize, launches: Vec<Launch>) -> Result<Supervision, RunError> {
        let (lanes, run_timeout) = (self.settings.jobs.min(parts), self.time_left());
        let rehearse = parts > FEW_SESSIONS;
        // They decide about snippets that have run: none of them is left out.
        let enough = None;
        let options = Options { lanes, launches, rehearse, run_timeout, enough, ..self.options.clone() };
        Ok(Supervision::start(options)?)
    }

    fn jobs(&self, pipeline: &Pipeline<'_>, parts: &[Part]) -> Vec<Job> {
        let Pipeline { plan, expectations, .. } = *pipeline;
        // What is wrong with the fixtures has been shown before the first pass.
        jobs::prepare(JobSource { settings: self.settings, plan, expectations }, parts).jobs
    }
}

fn follow(
    mut supervision: Supervision,
    jobs: Vec<Job>,
    pipeline: &mut Pipeline<'_>,
    parts: &[Part],
) -> Result<End, RunError> {
    supervision.feed(jobs);
    let end = pipeline.follow(supervision.news(), parts)?;
    supervision.join()?;
    Ok(end)
}
