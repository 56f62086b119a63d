//! The verbs of the command line, each in its own file.

mod cache;
mod doctor;
mod list;
mod question;
mod review;
mod run;
mod snapshots;
mod update;
mod watch;

use std::process::ExitCode;

use crate::cli::Verb;
use crate::config::{self, Environment};
use crate::failure::Failure;
use crate::report::Color;

/// Resolves the settings and does what the verb says.
pub(crate) fn execute(verb: &Verb) -> Result<ExitCode, Failure> {
    let environment = Environment::of_process()?;
    if environment.force_color {
        Color::force();
    }
    let settings = config::resolve(&verb.flags(), &environment)?;

    match verb {
        Verb::Run(words) => run::run(words, &settings),
        Verb::Accept(words) => run::accept(words, &settings),
        Verb::Update(words) => update::update(words, &settings),
        Verb::List(words) => list::list(words, &settings),
        Verb::Reject(words) => snapshots::reject(words, &settings),
        Verb::Pending(words) => snapshots::pending(words, &settings),
        Verb::Review(words) => review::review(words, &settings, &environment),
        Verb::Watch(words) => {
            let flags = verb.flags();
            watch::watch(words, settings, &|| config::resolve(&flags, &environment))
        }
        Verb::Cache(words) => cache::cache(words, &settings),
        Verb::Doctor(words) => doctor::doctor(words, &settings),
    }
}
