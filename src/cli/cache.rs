//! The words of `snipcheck cache`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct CacheArguments {
    #[command(subcommand)]
    pub(crate) action: CacheAction,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum CacheAction {
    /// Say where the outcomes of earlier runs are
    Path,
    /// Remove what was not used for the longest time, until 256 MiB are left; a run does so once a day
    Prune,
    /// Remove all of them: everything runs again
    Clear,
}
