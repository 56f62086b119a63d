//! How a report is to look.

use crate::model::installation::Installation;
use crate::report::palette::Color;

/// How much people are told. Machines are told everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Only what failed, at the end.
    Quiet,
    #[default]
    Normal,
    /// A line for every snippet.
    Verbose,
}

/// Whether comments that claim nothing are told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Remarks {
    /// Only counted.
    #[default]
    Hidden,
    Shown,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The way from the caller's folder to the project root, `..` by `..`; empty where they are the same.
    pub(crate) base: String,
    /// The way from the root of the repository to that of the project; empty where they are the same.
    pub(crate) in_repository: String,
    pub(crate) verbosity: Verbosity,
    pub(crate) remarks: Remarks,
    pub(crate) color: Color,
    /// How missing packages are installed.
    pub(crate) installation: Installation,
    /// Words of the command line that a command which repeats a failure needs as well.
    pub(crate) repeated: Vec<String>,
}
