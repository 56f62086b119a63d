//! Finds the settings file, and with it the root of the project.
//!
//! It is the nearest `pyproject.toml` with a table `[tool.snipcheck]` in the current folder or above it. The search
//! ends before the home folder (unless it began there) and at the border of the file system.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::environment::Environment;
use crate::config::error::ConfigError;
use crate::config::raw::{self, Raw};

/// The root and what its file says; the current folder and nothing without a file.
pub(crate) fn find(environment: &Environment) -> Result<(PathBuf, Raw), ConfigError> {
    for folder in above(&environment.folder, environment.home.as_deref()) {
        let file = folder.join("pyproject.toml");
        let text = match read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(ConfigError::Read { file, source }),
        };
        // A broken file that never mentions us is not ours to complain about.
        if text.contains("snipcheck")
            && let Some(raw) = raw::read(&file, &text)?
        {
            return Ok((folder.to_owned(), raw));
        }
    }
    Ok((environment.folder.clone(), Raw::default()))
}

/// What has no end or waits for somebody is not read at all.
fn read(file: &Path) -> io::Result<String> {
    /// Real ones have a few thousand bytes.
    const LONGEST: u64 = 4 << 20;
    let metadata = fs::metadata(file)?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(io::Error::other("expected an ordinary file of at most 4 MiB"));
    }
    fs::read_to_string(file)
}

/// `start` and the folders above it on the same file system, below `home`.
pub(crate) fn above<'a>(start: &'a Path, home: Option<&'a Path>) -> impl Iterator<Item = &'a Path> {
    let device = |folder: &Path| fs::metadata(folder).map(|metadata| metadata.dev()).ok();
    let first = device(start);
    start
        .ancestors()
        .take_while(move |folder| *folder == start || (Some(*folder) != home && device(folder) == first))
}
