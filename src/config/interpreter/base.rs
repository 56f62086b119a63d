//! Whether the Python that an environment was made from may run. A checkout can bring an environment along, and its
//! `pyvenv.cfg` can name any Python.

use std::path::Path;

use crate::config::distrust::{BaseRefusal, distrust_of_program};
use crate::config::error::ConfigError;
use crate::config::interpreter::chooser::Chooser;
use crate::config::interpreter::places::{Places, real};
use crate::config::interpreter::pyvenv::Described;

/// Whose files are the system's.
const SYSTEM: [&str; 2] = ["/usr", "/nix/store"];

/// Whether the base of an environment is one that those could have named who have chosen the environment.
pub(super) fn check(described: &Described, chooser: Chooser, places: &Places) -> Result<(), ConfigError> {
    let refused = |why| {
        let (environment, base) = (described.environment.folder.clone(), described.base.clone());
        Err(ConfigError::Base { environment, base, why })
    };
    if places.is_of_checkout(&described.base) {
        return refused(BaseRefusal::OfCheckout);
    }

    match chooser {
        Chooser::Caller | Chooser::Nobody => Ok(()),
        Chooser::Project => {
            let executable = real(&described.base);
            if SYSTEM.iter().any(|folder| executable.starts_with(folder)) {
                return Ok(());
            }
            if !is_known(&executable, places) {
                return refused(BaseRefusal::Unknown);
            }
            let distrust = distrust_of_program(&executable, places.sudo_user);
            distrust.map_or(Ok(()), |distrust| refused(BaseRefusal::Distrusted(distrust)))
        }
    }
}

/// Whether an executable would be found without the environment.
fn is_known(executable: &Path, places: &Places) -> bool {
    let is_below = |folder: &Path| executable.starts_with(real(folder));
    let folder = executable.parent().unwrap_or(Path::new("/"));
    let on_path = || places.path.iter().any(|entry| !places.is_of_checkout(entry) && real(entry) == folder);
    let name = executable.file_name().unwrap_or_default();
    let by_link = || {
        let links = places.path.iter().map(|entry| entry.join(name));
        links.filter(|link| !places.is_of_checkout(link)).any(|link| real(&link) == executable)
    };
    places.installations().any(is_below) || on_path() || by_link()
}
