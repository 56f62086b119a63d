//! What a run cannot go on without.

use std::io;

use crate::config::ConfigError;
use crate::expect::SnapshotFilesError;
use crate::model::policy::SandboxMode;
use crate::run::hidden::HiddenError;
use crate::supervisor::SupervisorError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Hidden(#[from] HiddenError),
    #[error(transparent)]
    Supervisor(#[from] SupervisorError),
    /// The machine refuses namespaces. It may have a sandbox without them, which the caller did not want.
    #[error(transparent)]
    NoNamespaces(SupervisorError),
    #[error(transparent)]
    Snapshots(#[from] SnapshotFilesError),
    #[error("cannot write the report")]
    Report(#[from] io::Error),
}

impl RunError {
    /// What an error of the supervisor means to a caller who asked for this sandbox.
    pub(super) fn of(error: SupervisorError, mode: SandboxMode) -> Self {
        match (error, mode) {
            (error @ SupervisorError::Refused { .. }, SandboxMode::RequireA) => Self::NoNamespaces(error),
            (error, SandboxMode::Auto | SandboxMode::RequireA | SandboxMode::Off) => Self::Supervisor(error),
        }
    }
}
