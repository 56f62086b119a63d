//! The first pass over all sessions, and those that repeat it.

use std::path::Path;

use crate::config::Settings;
use crate::document::Discovery;
use crate::model::policy::{Chance, Tier};
use crate::run::environment::{self, LaneEnvironment};
use crate::run::error::RunError;
use crate::run::jobs::{Part, Pass};
use crate::run::max_fail::MaxFail;
use crate::run::repetition::Repetition;
use crate::run::supervision::Supervision;
use crate::run::verify::pipeline::{End, Pipeline};
use crate::supervisor::{self, Job, Options, Progress, SupervisorError};

/// A supervisor whose interpreters warm up until there are jobs.
pub(super) struct FirstPass<'a> {
    supervision: Supervision,
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
    pub(super) fn start(
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
        let supervision = Supervision::start(options.clone())?;
        Ok(Self { supervision, options, usual, tier, passes, cache, early: Vec::new() })
    }

    /// Gives the supervisor all jobs, and waits until the first of them or the sandbox has something to tell.
    pub(super) fn feed(&mut self, jobs: Vec<Job>) {
        self.supervision.feed(jobs);
        self.early = self.supervision.next_news();
        let is_refused = matches!(
            self.early[..],
            [Progress::Finished { result: Err(SupervisorError::Refused { .. }), .. }]
        );
        if is_refused {
            supervisor::forget(self.cache);
        }
    }

    /// Until there is no more news.
    pub(super) fn follow(self, pipeline: &mut Pipeline<'_>, parts: &[Part]) -> Result<End, RunError> {
        let news = self.early.into_iter().chain(self.supervision.news());
        let end = pipeline.follow(news, parts)?;
        self.supervision.join()?;
        Ok(end)
    }
}
