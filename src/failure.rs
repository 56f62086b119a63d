//! What ends the program early: a message, its causes, a hint, an exit code.

use std::io;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::expect::DiskError;
use crate::report;
use crate::run::RunError;
use crate::sandbox;
use crate::supervisor::SupervisorError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Snapshots(#[from] DiskError),
    #[error("cannot write to stdout")]
    Output(#[from] io::Error),
}

impl Failure {
    /// The exit code without the sandbox that was asked for.
    pub(crate) const NO_SANDBOX: u8 = 5;

    /// Says what happened on stderr, unless nobody reads any more.
    pub(crate) fn report(&self) -> ExitCode {
        if !self.is_broken_pipe() {
            // Where stderr is gone too, the exit code has to do.
            let _ = report::failure(self, self.said(), self.hint().as_deref(), &mut io::stderr().lock());
        }
        ExitCode::from(self.exit_code())
    }

    /// What an interpreter printed that did not start.
    fn said(&self) -> &str {
        match self {
            Self::Run(RunError::Supervisor(SupervisorError::Interpreter { said, .. })) => said,
            Self::Config(_) | Self::Run(_) | Self::Snapshots(_) | Self::Output(_) => "",
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Run(RunError::Config(_)) => 2,
            Self::Run(RunError::Supervisor(error)) => match error {
                SupervisorError::Refused { .. } | SupervisorError::Breached { .. } => Self::NO_SANDBOX,
                SupervisorError::Interpreter { .. } => 2,
                SupervisorError::Start(_) | SupervisorError::Lane(_) => 70,
            },
            Self::Snapshots(_)
            | Self::Output(_)
            | Self::Run(RunError::Expectations(_) | RunError::Report(_)) => 1,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) | Self::Run(RunError::Config(error)) => error.hint(),
            Self::Run(RunError::Supervisor(error)) => match error {
                SupervisorError::Refused { .. } => Some(sandbox::remedy()),
                SupervisorError::Breached { .. } => {
                    Some("please report this with the output of `snipcheck doctor`".to_owned())
                }
                SupervisorError::Interpreter { .. } => {
                    Some("`--python` chooses another one; a broken `.venv` has to be made again".to_owned())
                }
                SupervisorError::Start(_) | SupervisorError::Lane(_) => None,
            },
            Self::Snapshots(_) | Self::Run(_) | Self::Output(_) => None,
        }
    }

    fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Output(error) | Self::Run(RunError::Report(error)) => {
                error.kind() == io::ErrorKind::BrokenPipe
            }
            Self::Config(_) | Self::Run(_) | Self::Snapshots(_) => false,
        }
    }
}
