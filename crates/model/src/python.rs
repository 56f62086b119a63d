//! The Python of a run, as reports name it.

use std::path::PathBuf;

use crate::reason::Minor;

/// Which Python runs snippets, and where their packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningPython {
    /// As in `CPython 3.12.1`.
    pub name: String,
    /// As in `3.12.1`.
    pub release: String,
    /// Of an environment, the executable in it.
    pub executable: PathBuf,
    /// The folder of the environment, relative to the root of the project if it is inside; `None` where packages are the
    /// interpreter's own.
    pub environment: Option<PathBuf>,
    pub loading: Loading,
}

impl RunningPython {
    /// The minor version, by which a run tells its Pythons apart.
    pub fn minor(&self) -> Option<Minor> {
        self.release.split('.').nth(1)?.parse().ok().map(Minor)
    }
}

/// How the interpreter comes to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loading {
    /// Its libpython is loaded.
    Embedded { library: PathBuf },
    /// It has no libpython of its own: its executable is started.
    Hosted,
}
