//! The Python of a run, as reports name it.

use std::path::PathBuf;

/// Which Python runs snippets, and where their packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunningPython {
    /// As in `CPython 3.12.1`.
    pub(crate) name: String,
    /// As in `3.12.1`.
    pub(crate) release: String,
    /// Of an environment, the executable in it.
    pub(crate) executable: PathBuf,
    /// The folder of the environment, relative to the root of the project if it is inside; `None` where packages are the
    /// interpreter's own.
    pub(crate) environment: Option<PathBuf>,
    pub(crate) loading: Loading,
}

/// How the interpreter comes to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loading {
    /// Its libpython is loaded.
    Embedded { library: PathBuf },
    /// It has no libpython of its own: its executable is started.
    Hosted,
}
