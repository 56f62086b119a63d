//! What blocks without a label are that are plainly Python.

/// What becomes of code that reads like Python and has no label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Unlabelled {
    /// It does not run, and is reported.
    #[default]
    Suspicious,
    /// It runs.
    Python,
}
