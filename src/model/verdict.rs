//! A promise compared with a fact.

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    Passed,
    Failed,
    /// It ran, and nobody has accepted what came out although the settings require it.
    Unreviewed,
    Skipped,
}
