//! How a snippet is judged.

use serde::Serialize;

/// Whether a snippet did what its document promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Passed,
    Failed,
    /// The snippet ran, and what came out has not been accepted, which the settings require.
    Unreviewed,
    Skipped,
}
