//! Why a snippet did not complete, where a limit, a signal or the environment is to blame.

use serde::{Deserialize, Serialize};

/// A limit, a signal or a property of the environment, with its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    pub kind: CauseKind,
    pub used: Option<f64>,
    pub limit: Option<f64>,
    /// `s`, `MiB`, `tasks`; absent where nothing is counted.
    pub unit: Option<String>,
    /// The package, the signal's name, the exit code.
    pub detail: Option<String>,
}

impl Cause {
    /// The detail of an exit without a `SystemExit`.
    pub const NO_UNWINDING: &str = "it left without unwinding, as `os._exit` does";
}

/// What is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
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
