//! A restriction that could not be applied, and the step that it was.

use std::io;

/// A restriction that could not be applied. User code must not run then.
#[derive(Debug, thiserror::Error)]
#[error("cannot {step}")]
pub(crate) struct SandboxError {
    pub(crate) step: String,
    pub(crate) source: io::Error,
}

/// Names the step that the kernel has refused.
pub(super) trait StepContext<T> {
    fn step(self, step: impl Into<String>) -> Result<T, SandboxError>;
}

impl<T, E: Into<io::Error>> StepContext<T> for Result<T, E> {
    fn step(self, step: impl Into<String>) -> Result<T, SandboxError> {
        self.map_err(|error| SandboxError { step: step.into(), source: error.into() })
    }
}
