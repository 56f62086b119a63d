//! What loading documents depends on, apart from the files.

use std::path::PathBuf;

use crate::directive::{Directives, Python, Suspicion};
use crate::model::markdown::Markdown;
use crate::model::unlabelled::Unlabelled;

/// What loading depends on, apart from the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// From the settings; front matter, comments and info strings are nearer.
    pub directives: Directives,
    /// The version that snippets run on; without it no condition can be decided.
    pub python: Option<Python>,
    /// Suspicions that are not reported: blocks are treated as if there was no cause for them.
    pub allowed: Vec<Suspicion>,
    pub markdown: Markdown,
    pub unlabelled: Unlabelled,
    /// The folder above which no settings of a site are looked for.
    pub root: PathBuf,
}
