//! Why a snippet did not complete, where a limit, a signal or the environment is to blame.

use serde::{Deserialize, Serialize};

/// A limit, a signal or a property of the environment, with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cause {
    pub(crate) kind: CauseKind,
    pub(crate) used: Option<f64>,
    pub(crate) limit: Option<f64>,
    /// `s`, `MiB`, `tasks`; absent where nothing is counted.
    pub(crate) unit: Option<String>,
    /// The package, the signal's name, the exit code.
    pub(crate) detail: Option<String>,
}

impl Cause {
    /// The detail of an exit without a `SystemExit`.
    pub(crate) const NO_UNWINDING: &str = "it left without unwinding, as `os._exit` does";
}

/// What is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CauseKind {
    Wall,
    Cpu,
    Virtual,
    Memory,
    Processes,
    Output,
    Disk,
    Inodes,
    Descriptors,
    Signal,
    Exit,
    Interactive,
    MissingPackage,
    Network,
}
