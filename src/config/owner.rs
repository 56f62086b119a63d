//! Whose files count. What is found above the current folder may have been put there by any user of the machine.

use std::fs::{self, Metadata};
use std::path::Path;

use crate::config::distrust::{Distrust, STICKY};
use crate::config::environment::Environment;
use crate::model::problem::Problem;

/// Why a folder, or files in it that lie in one another, do not count; `None` if they do. What is in the current folder
/// counts whoever owns it, since the caller went there. Files that do not exist give no reason.
pub(crate) fn distrust(environment: &Environment, folder: &Path, files: &[&Path]) -> Option<Distrust> {
    if folder == environment.folder {
        return None;
    }
    let of = |path: &Path, metadata: &Metadata, allowed| {
        Distrust::of(path, metadata, allowed, environment.sudo_user)
    };
    if let Some(distrust) = fs::metadata(folder).ok().and_then(|metadata| of(folder, &metadata, STICKY)) {
        return Some(distrust);
    }
    files.iter().find_map(|path| {
        // A link counts by who made it, and by what it leads to.
        let found = [fs::symlink_metadata(path), fs::metadata(path)];
        found.into_iter().flatten().find_map(|metadata| of(path, &metadata, 0))
    })
}

/// The problem that settings found above the current folder are left out.
pub(crate) fn ignored_settings(file: &Path, distrust: &Distrust) -> Problem {
    let folder = file.parent().unwrap_or(file).display();
    problem(file, distrust, "the settings are ignored", &format!("start in `{folder}` to use them"))
}

/// The problem that an environment found above the current folder is left out.
pub(crate) fn ignored_environment(environment: &Path, distrust: &Distrust) -> Problem {
    let chosen = format!("`--python {}` chooses it all the same", environment.display());
    problem(environment, distrust, "snippets do without the environment", &chosen)
}

fn problem(path: &Path, distrust: &Distrust, consequence: &str, other_way: &str) -> Problem {
    let remedy = match distrust {
        Distrust::Owner { path, .. } => format!("`chown` makes `{}` yours", path.display()),
        Distrust::Writable { path } => format!("`chmod o-w {}` closes it", path.display()),
    };

    Problem {
        path: path.display().to_string(),
        line: None,
        message: format!("{distrust}: {consequence}"),
        hint: Some(format!("{remedy}; {other_way}")),
    }
}
