//! The first pass over all sessions, and those that repeat it.

use std::path::Path;

use crate::config::Settings;
use crate::document::Discovery;
use crate::model::policy::{Chance, Tier};
use crate::run::environment::{self, FEW_SESSIONS, LaneEnvironment};
use crate::run::error::RunError;
use crate::run::jobs::{Part, Pass};
use crate::run::max_fail::MaxFail;
use crate::run::repetition::Repetition;
use crate::run::supervision::Supervision;
use crate::run::verify::pipeline::{End, Pipeline};
use crate::supervisor::{self, Job, Options, Progress, SupervisorError};

/// A supervisor whose interpreters may warm up until there are jobs.
pub(super) struct FirstPass<'a> {
    /// Once it has been started.
    supervision: Option<Supervision>,
    pub(super) options: Options,
    /// What every session finds decided, unless it runs again.
    pub(super) usual: Chance,
    pub(super) tier: Tier,
    pub(super) passes: Vec<(Pass, Chance)>,
    /// Where the sandbox of this machine is remembered.
    cache: Option<&'a Path>,
    early: Vec<Progress>,
}

impl<'a> FirstPass<'a> {
    /// Nothing is started yet, unless the sandbox of this machine has to be tried first.
    pub(super) fn prepare(
        settings: &'a Settings,
        discovery: &Discovery,
        repetition: Repetition,
        max_fail: Option<&MaxFail>,
    ) -> Result<Self, RunError> {
        let LaneEnvironment { mut options, usual } =
            environment::prepare(settings, discovery, repetition.times)?;

        let cache = settings.cache();
        let tier = if options.lanes == 0 {
            options.tiers[0]
        } else {
            let found = supervisor::tier_that_holds(&options, cache);
            found.map_err(|error| RunError::of(error, settings.sandbox))?
        };
        options.tiers = vec![tier];
        options.enough = max_fail.map(MaxFail::enough);

        let passes = repetition.passes(usual);
        options.launches = passes.iter().map(|(_, chance)| chance.launch).collect();
        Ok(Self { supervision: None, options, usual, tier, passes, cache, early: Vec::new() })
    }

    /// Lets interpreters warm up.
    pub(super) fn start(&mut self) -> Result<(), RunError> {
        self.supervision = Some(Supervision::start(self.options.clone())?);
        Ok(())
    }

    /// Gives the supervisor all jobs, and waits until the first of them or the sandbox has something to tell.
    pub(super) fn feed(&mut self, jobs: Vec<Job>) -> Result<(), RunError> {
        if self.supervision.is_none() {
            if jobs.is_empty() {
                return Ok(());
            }
            self.options.lanes = self.options.lanes.min(jobs.len());
            self.options.rehearse &= jobs.len() > FEW_SESSIONS;
            self.start()?;
        }
        let Some(supervision) = &mut self.supervision else { return Ok(()) };
        supervision.feed(jobs);
        self.early = supervision.next_news();
        let is_refused = matches!(
            self.early[..],
            [Progress::Finished { result: Err(SupervisorError::Refused { .. }), .. }]
        );
        if is_refused {
            supervisor::forget(self.cache);
        }
        Ok(())
    }

    /// Until there is no more news.
    pub(super) fn follow(self, pipeline: &mut Pipeline<'_>, parts: &[Part]) -> Result<End, RunError> {
        let Some(supervision) = self.supervision else { return Ok(End::complete()) };
        let news = self.early.into_iter().chain(supervision.news());
        let end = pipeline.follow(news, parts)?;
        supervision.join()?;
        Ok(end)
    }
}
