//! The Python that this build is linked to.

use crate::directive::Python;

/// The minor version, as in `3.11`.
pub(crate) const BUILT_FOR: &str = env!("SNIPCHECK_PYTHON_VERSION");

/// The minor version in numbers.
pub(crate) fn built_for() -> Option<Python> {
    let (major, minor) = BUILT_FOR.split_once('.')?;
    Some(Python { major: major.parse().ok()?, minor: minor.parse().ok()? })
}
