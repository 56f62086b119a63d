//! What ends the program early: a message, its causes, a hint, an exit code.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use nix::sys::signal::Signal;

use crate::config::ConfigError;
use crate::expect::SnapshotFilesError;
use crate::model::policy::Tier;
use crate::report;
use crate::run::RunError;
use crate::sandbox;
use crate::supervisor::SupervisorError;

const SCARCITY: &str = "`ulimit -a` shows the limits of this shell; `TMPDIR` must be a folder with space in it; `-j 1` needs least";

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Snapshots(#[from] SnapshotFilesError),
    #[error("cannot write to stdout")]
    Output(#[from] io::Error),
    #[error("there is no folder for a cache")]
    NoCache,
    #[error("cannot remove what is below `{}`", folder.display())]
    Cache { folder: PathBuf, source: io::Error },
    /// The place of a report, and what is wrong with it.
    #[error("{0}")]
    File(String),
}

impl Failure {
    /// A report that cannot be written says itself where it was to go.
    pub(crate) fn of_report(error: io::Error) -> Self {
        match error.get_ref() {
            Some(located) if error.kind() == io::ErrorKind::Other => Self::File(located.to_string()),
            Some(_) | None => Self::Output(error),
        }
    }

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
            Self::Run(RunError::Supervisor(
                SupervisorError::Interpreter { said, .. } | SupervisorError::Killed { said, .. },
            )) => said,
            Self::Config(_)
            | Self::Run(_)
            | Self::Snapshots(_)
            | Self::Output(_)
            | Self::NoCache
            | Self::Cache { .. }
            | Self::File(_) => "",
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::NoCache
            | Self::Cache { .. }
            | Self::File(_)
            | Self::Run(RunError::Config(_) | RunError::Hidden(_)) => 2,
            Self::Run(RunError::NoNamespaces(_)) => Self::NO_SANDBOX,
            Self::Run(RunError::Supervisor(error)) => match error {
                SupervisorError::Refused { .. } | SupervisorError::Breached { .. } => Self::NO_SANDBOX,
                SupervisorError::Interpreter { .. } => 2,
                SupervisorError::Interrupted => 130,
                error @ SupervisorError::Start(_) if error.is_scarcity() => 2,
                SupervisorError::Killed { .. } | SupervisorError::Start(_) | SupervisorError::Lane(_) => 70,
            },
            Self::Snapshots(_)
            | Self::Output(_)
            | Self::Run(RunError::Snapshots(_) | RunError::Report(_)) => 1,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) | Self::Run(RunError::Config(error)) => error.hint(),
            Self::Run(RunError::Hidden(_)) => Some(
                "a `pyproject.toml` with `[tool.snipcheck]` makes a folder below it a project of its own, to start in"
                    .to_owned(),
            ),
            Self::Run(RunError::NoNamespaces(_)) => Some(format!(
                "{}; or `--sandbox=auto` runs documents that you trust in a weaker sandbox",
                sandbox::remedy()
            )),
            Self::Run(RunError::Supervisor(error)) => match error {
                SupervisorError::Refused { .. } => Some(format!(
                    "{}; or `--sandbox=off` runs documents that you trust without a sandbox",
                    sandbox::remedy()
                )),
                SupervisorError::Breached { .. } => {
                    Some("please report this with the output of `snipcheck doctor`".to_owned())
                }
                SupervisorError::Interpreter { python, tier, .. } => Some(other_interpreter(python, *tier)),
                SupervisorError::Killed { signal: Signal::SIGKILL, .. } => {
                    Some("the kernel kills when memory is short: `--jobs 1` needs the least".to_owned())
                }
                SupervisorError::Killed { .. } => Some("`--python` chooses another one".to_owned()),
                error @ SupervisorError::Start(_) if error.is_scarcity() => Some(SCARCITY.to_owned()),
                SupervisorError::Start(_) | SupervisorError::Interrupted | SupervisorError::Lane(_) => None,
            },
            Self::NoCache => Some("`XDG_CACHE_HOME` or `HOME` names one".to_owned()),
            Self::Cache { .. } => Some("`snipcheck run` without `--cache` does without it".to_owned()),
            Self::Run(RunError::Snapshots(_) | RunError::Report(_))
            | Self::Snapshots(_)
            | Self::File(_)
            | Self::Output(_) => None,
        }
    }

    fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Output(error) | Self::Run(RunError::Report(error)) => {
                error.kind() == io::ErrorKind::BrokenPipe
            }
            Self::Config(_)
            | Self::Run(_)
            | Self::Snapshots(_)
            | Self::NoCache
            | Self::Cache { .. }
            | Self::File(_) => false,
        }
    }
}

/// Root's snippets run as somebody else. With namespaces they are shown the interpreter wherever it is.
fn other_interpreter(python: &Path, tier: Tier) -> String {
    let closed = if tier == Tier::B { sandbox::closed(python) } else { None };
    match closed {
        Some(folder) => format!(
            "without namespaces root's snippets run as another user, who may not enter `{0}`: use a Python that \
             all users can read, or `chmod o+x {0}`",
            folder.display()
        ),
        None => "`--python` chooses another one; a broken `.venv` has to be made again".to_owned(),
    }
}
