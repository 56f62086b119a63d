//! Settings: what the project's `pyproject.toml`, the flags and the environment ask for, resolved once.

use std::path::PathBuf;
use std::time::Duration;

use crate::directive::Directives;
use crate::policy::SandboxMode;
use crate::summary::Strictness;

/// What a run obeys: flags over the environment over `[tool.snipcheck]` over defaults.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The folder of the settings file, else the current one. Absolute.
    pub(crate) root: PathBuf,
    /// Documents, folders and globs, relative to the root.
    pub(crate) paths: Vec<String>,
    /// Globs of documents that folders do not contribute.
    pub(crate) exclude: Vec<String>,
    pub(crate) share: Share,
    pub(crate) snapshots: Snapshots,
    /// For every snippet of the project; fences and front matter are nearer.
    pub(crate) directives: Directives,
    /// Wall time of a snippet.
    pub(crate) timeout: Duration,
    /// Wall time of the whole run.
    pub(crate) run_timeout: Option<Duration>,
    pub(crate) redactions: Vec<Redaction>,
    /// Whose packages snippets import: `--python`, else `VIRTUAL_ENV`, else the nearest `.venv`.
    pub(crate) python: Option<PathBuf>,
    /// Folders put in front of `sys.path`, absolute.
    pub(crate) pythonpath: Vec<PathBuf>,
    pub(crate) sandbox: SandboxMode,
    pub(crate) strictness: Strictness,
    /// Sessions that run side by side.
    pub(crate) jobs: usize,
}

/// Which snippets share a namespace, a sandbox and a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Share {
    /// All of a document.
    #[default]
    Document,
    /// From a heading of level 1 or 2 to the next.
    Section,
    /// Each runs alone.
    None,
}

/// Whether a snippet must have an accepted snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Snapshots {
    /// One without any expectation passes if it ran.
    #[default]
    Optional,
    /// One without any expectation is unreviewed.
    Required,
}

/// Replaces what changes from run to run before outcomes are compared.
#[derive(Clone, Debug)]
pub(crate) struct Redaction {
    pub(crate) pattern: regex::Regex,
    pub(crate) replacement: String,
}
