//! Whose files count. What is found above the current folder may have been put there by any user of the machine.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::config::environment::Environment;
use crate::model::problem::Problem;

const WRITABLE_BY_EVERYBODY: u32 = 0o002;
/// Everybody may put files into such a folder, and only a file's owner may replace it: `/tmp` is one.
const STICKY: u32 = 0o1000;

/// Why a file does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Distrust {
    Owner { path: PathBuf, user: u32 },
    Writable { path: PathBuf },
}

impl fmt::Display for Distrust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner { path, user } => {
                write!(formatter, "`{}` belongs to user {user}, neither to you nor to root", path.display())
            }
            Self::Writable { path } => write!(formatter, "`{}` can be written by everybody", path.display()),
        }
    }
}

/// Why a folder, or files in it that lie in one another, do not count; `None` if they do. What is in the current folder
/// counts whoever owns it, since the caller went there. Files that do not exist give no reason.
pub(crate) fn distrust(environment: &Environment, folder: &Path, files: &[&Path]) -> Option<Distrust> {
    if folder == environment.folder {
        return None;
    }
    let users = [Some(geteuid().as_raw()), Some(0), environment.sudo_user];
    let of = |path: &Path, metadata: &Metadata, allowed: u32| {
        if !users.contains(&Some(metadata.uid())) {
            return Some(Distrust::Owner { path: path.to_owned(), user: metadata.uid() });
        }
        // The mode of a link says nothing: what it leads to has the mode that holds.
        let is_open = !metadata.is_symlink()
            && metadata.mode() & WRITABLE_BY_EVERYBODY != 0
            && metadata.mode() & allowed == 0;
        is_open.then(|| Distrust::Writable { path: path.to_owned() })
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
