//! What ends the program early: a message, its causes, a hint, an exit code.

use std::error::Error;
use std::io::{self, Write};
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
            let _ = self.write(&mut io::stderr().lock());
        }
        ExitCode::from(self.exit_code())
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        say(out, "error", &self.to_string())?;
        let mut cause = self.source();
        while let Some(error) = cause {
            say(out, "  because", &error.to_string())?;
            cause = error.source();
        }
        if let Failure::Run(RunError::Supervisor(SupervisorError::Interpreter { said, .. })) = self {
            for line in said.lines() {
                writeln!(out, "  │ {}", line.escape_debug())?;
            }
        }
        if let Some(hint) = self.hint() {
            say(out, "hint", &hint)?;
        }
        Ok(())
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

/// Messages quote settings files and names of files, which may be anybody's.
fn say(out: &mut impl Write, heading: &str, text: &str) -> io::Result<()> {
    let mut lines = text.lines();
    writeln!(out, "{heading}: {}", report::safe_line(lines.next().unwrap_or_default()))?;
    for line in lines {
        writeln!(out, "    {}", report::safe_line(line))?;
    }
    Ok(())
}
