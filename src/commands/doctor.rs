//! `doctor`: which sandbox this machine grants, found out by trying.

use std::io::stdout;
use std::process::ExitCode;

use crate::cli::{self, DoctorArguments};
use crate::config::Settings;
use crate::failure::Failure;
use crate::report;
use crate::run;

pub(super) fn doctor(words: &DoctorArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let diagnosis = run::examine(settings)?;
    report::doctor(cli::VERSION, &diagnosis, words.color.of(&stdout()), &mut stdout())?;

    Ok(if diagnosis.breaches.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Failure::NO_SANDBOX) })
}
