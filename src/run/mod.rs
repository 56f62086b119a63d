//! Joins the rooms: documents in, events out. The one place that knows what is expected and how things run.

mod environment;
mod error;
mod event_sink;
mod first_pass;
mod fixtures;
mod further_passes;
mod hidden;
mod jobs;
mod max_fail;
mod one_python;
mod packages;
#[cfg(test)]
mod proptests;
mod repetition;
mod reuse;
mod several;
mod supervision;
mod verify;

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::model::policy::Tier;
use crate::report::Diagnosis;
use crate::run::environment::LaneEnvironment;
pub(crate) use crate::run::error::RunError;
pub(crate) use crate::run::event_sink::Audience;
use crate::run::one_python::run_in_one;
pub(crate) use crate::run::one_python::{RunRequest, discover, load, reading};
pub(crate) use crate::run::repetition::{Conditions, Repetition};
use crate::sandbox;
use crate::summary::Summary;
use crate::supervisor::{self, Examination};
use crate::wire::LaneSetup;

/// Whether this process was asked to end, also while nothing runs.
pub(crate) fn is_interrupted() -> bool {
    supervisor::interrupts() > 0
}

/// Lets signals end what runs, and not the program, also before the first run. `last` is done where nothing is dropped any
/// more before the program ends.
pub(crate) fn listen_to_signals(last: fn()) -> std::io::Result<()> {
    supervisor::listen_from_now_on(last)
}

/// Tries the sandbox that a run would use, in each Python.
pub(crate) fn examine(settings: &Settings) -> Result<Diagnosis, RunError> {
    let mut found: Option<Diagnosis> = None;
    for settings in settings.each_python()? {
        let diagnosis = examine_one(&settings)?;
        match &mut found {
            Some(found) => found.add(diagnosis),
            None => found = Some(diagnosis),
        }
    }
    Ok(found.expect("settings have a Python, or an error"))
}

fn examine_one(settings: &Settings) -> Result<Diagnosis, RunError> {
    let LaneEnvironment { options, .. } = environment::prepare(settings, &discover(settings), 1)?;
    let Examination { tier, layers, missing, attacks, breaches } =
        supervisor::examine(&options).map_err(|error| RunError::of(error, settings.sandbox))?;
    let LaneSetup { readable, .. } = options.setup;
    let readable = match tier {
        Tier::A | Tier::B => sandbox::system(tier).chain(readable).collect(),
        Tier::Off => Vec::new(),
    };
    let missing = missing.map(|reason| (reason, sandbox::remedy()));
    let python = environment::running(settings)?;
    Ok(Diagnosis {
        pythons: vec![python],
        tier,
        layers,
        missing,
        attacks,
        breaches,
        limits: options.setup.limits,
        readable,
    })
}

/// Runs what is selected, in each Python of the settings. The last event is shown before this returns.
pub(crate) fn run(
    settings: &Settings,
    request: &RunRequest,
    audience: Audience<'_>,
) -> Result<Summary, RunError> {
    match settings.each_python()?.as_slice() {
        [one] => {
            let ended = run_in_one(one, request, BTreeSet::new(), audience)?;
            ended.memory.save(&ended.documents);
            Ok(ended.summary)
        }
        several => several::run(several, request, audience),
    }
}
