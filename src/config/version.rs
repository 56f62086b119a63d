//! The Python that this build is linked to: the only one that it can run.

use std::path::Path;

use crate::config::error::ConfigError;

/// The minor version, as in `3.11`.
const BUILT_FOR: &str = env!("SNIPCHECK_PYTHON_VERSION");

/// Refuses every other version.
pub(super) fn linked_in((major, minor): (u8, u8), executable: &Path) -> Result<(), ConfigError> {
    let found = format!("{major}.{minor}");
    if found == BUILT_FOR {
        return Ok(());
    }
    Err(ConfigError::Version { executable: executable.to_owned(), found, built_for: BUILT_FOR })
}
