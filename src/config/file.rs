//! Finds the settings file, and with it the root of the project.
//!
//! It is the nearest `pyproject.toml` with a table `[tool.snipcheck]` in the current folder or above it. The search
//! ends before the home folder (unless it began there) and at the border of the file system. Files of other users above
//! the current folder do not count.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::owner;
use crate::config::raw::{self, Raw};
use crate::config::text_file;
use crate::model::problem::Problem;

/// A file that counts has this word in the name of its table.
const NAME: &str = "snipcheck";

/// What the search has found.
pub(crate) struct ProjectFile {
    pub(crate) root: PathBuf,
    pub(crate) raw: Raw,
    /// Settings of others, which do not count.
    pub(crate) ignored: Vec<Problem>,
}

/// The root and what its file says; without one the current folder, and what the nearest file says to other tools.
pub(crate) fn find(environment: &Environment) -> Result<ProjectFile, ConfigError> {
    let mut others = None;
    let mut ignored = Vec::new();

    for folder in above(&environment.folder, environment.home.as_deref()) {
        let file = folder.join("pyproject.toml");
        if let Some(distrust) = owner::distrust(environment, folder, &[&file]) {
            if speaks_to_us(&file) {
                ignored.push(owner::ignored_settings(&file, &distrust));
            }
            continue;
        }

        let text = match text_file::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(ConfigError::Read { file, source }),
        };

        // A broken file that never mentions us is not ours to complain about.
        if text.contains(NAME)
            && let Some(raw) = raw::read(&file, &text)?
        {
            return Ok(ProjectFile { root: folder.to_owned(), raw, ignored });
        }
        others.get_or_insert_with(|| raw::of_others(&file, &text));
    }

    Ok(ProjectFile { root: environment.folder.clone(), raw: others.unwrap_or_default(), ignored })
}

/// Whether a file that does not count would have counted. What cannot be read says nothing.
fn speaks_to_us(file: &Path) -> bool {
    let Ok(text) = text_file::read(file) else { return false };
    text.contains(NAME) && !matches!(raw::read(file, &text), Ok(None))
}

/// `start` and the folders above it on the same file system, below `home`.
pub(crate) fn above<'a>(start: &'a Path, home: Option<&'a Path>) -> impl Iterator<Item = &'a Path> {
    let device = |folder: &Path| fs::metadata(folder).map(|metadata| metadata.dev()).ok();
    let first = device(start);
    start
        .ancestors()
        .take_while(move |folder| *folder == start || (Some(*folder) != home && device(folder) == first))
}
