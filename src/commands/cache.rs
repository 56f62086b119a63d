//! `cache`: where outcomes of earlier runs are, and how they are removed.

use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use crate::cache;
use crate::cli::{CacheAction, CacheArguments};
use crate::config::Settings;
use crate::failure::Failure;
use crate::report;

pub(super) fn cache(words: &CacheArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let folder = settings.cache().ok_or(Failure::NoCache)?;
    let at = |source| Failure::Cache { folder: cache::results(folder), source };
    let removed = match words.action {
        CacheAction::Path => return tell(&cache::results(folder)),
        CacheAction::Clear => cache::clear(folder).map_err(at)?,
        CacheAction::Prune => cache::prune(folder).map_err(at)?,
    };

    let told = writeln!(stdout(), "removed {} from `{}`", size(removed), shown(&cache::results(folder)));
    told.map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(folder: &Path) -> Result<ExitCode, Failure> {
    writeln!(stdout(), "{}", shown(folder)).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

fn shown(folder: &Path) -> String {
    report::harmless(&folder.to_string_lossy()).into_owned()
}

/// In the unit that leaves one digit in front of the point, or more.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    match bytes {
        ..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{} KiB", bytes / KIB),
        MIB.. => format!("{} MiB", bytes / MIB),
    }
}
