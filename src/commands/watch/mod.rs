//! `watch`: snippets run once, and again whatever a change touches, until somebody ends it.

mod pass;
mod results;
mod session;
mod touched;
mod writing;

use std::process::ExitCode;

use crate::cli::WatchArguments;
use crate::commands::watch::session::Session;
use crate::config::{ConfigError, Settings};
use crate::failure::Failure;

/// `renew` resolves the settings again.
pub(super) fn watch(
    words: &WatchArguments,
    settings: Settings,
    renew: &dyn Fn() -> Result<Settings, ConfigError>,
) -> Result<ExitCode, Failure> {
    let mut session = Session::begin(words, settings, renew)?;
    session.run_first()?;
    session.follow()
}
