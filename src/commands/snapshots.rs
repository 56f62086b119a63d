//! `pending` and `reject`: snapshots that wait for a review.

use std::io::{Write, stdout};
use std::process::ExitCode;

use crate::config::{PathsFrom, Settings};
use crate::expect::{self, PendingSnapshot};
use crate::failure::Failure;
use crate::report;

pub(super) fn pending(settings: &Settings) -> Result<ExitCode, Failure> {
    let mut out = stdout().lock();
    for waiting in chosen(settings)? {
        writeln!(out, "{}", report::path(&waiting.file))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn reject(settings: &Settings) -> Result<ExitCode, Failure> {
    let rejected = chosen(settings)?;
    expect::reject(&settings.root, &rejected)?;

    let mut out = stdout().lock();
    for gone in &rejected {
        writeln!(out, "rejected {}", report::path(&gone.file))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Pending snapshots of the documents that the paths name; without paths all of them, also those of documents that are gone.
fn chosen(settings: &Settings) -> Result<Vec<PendingSnapshot>, Failure> {
    let mut all = expect::pending(&settings.root)?;

    if settings.paths_from == PathsFrom::Caller {
        let named = crate::run::discover(settings).files;
        all.retain(|waiting| named.iter().any(|file| Some(&file.path) == waiting.document.as_ref()));
    }

    Ok(all)
}
