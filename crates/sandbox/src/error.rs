//! A restriction that could not be applied, and the step that it was.

use std::io;

/// A restriction that could not be applied. User code must not run then.
#[derive(Debug, thiserror::Error)]
#[error("cannot {step}")]
pub struct SandboxError {
    pub step: String,
    pub source: io::Error,
}

/// Names the step that the kernel has refused.
pub(super) trait StepContext<T> {
    fn step(self, step: &str) -> Result<T, SandboxError>;

    /// For names that are put together: that takes time, and few steps are refused.
    fn step_with(self, step: impl FnOnce() -> String) -> Result<T, SandboxError>;
}

impl<T, E: Into<io::Error>> StepContext<T> for Result<T, E> {
    fn step(self, step: &str) -> Result<T, SandboxError> {
        self.step_with(|| step.to_owned())
    }

    fn step_with(self, step: impl FnOnce() -> String) -> Result<T, SandboxError> {
        self.map_err(|error| SandboxError { step: step(), source: error.into() })
    }
}
