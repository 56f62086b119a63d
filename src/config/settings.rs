//! What a run obeys once everything has been resolved.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::config::error::ConfigError;
use crate::config::interpreter::{Interpreter, Places, PythonChoice};
use crate::config::paths::ChosenPlace;
use crate::directive::{Directives, Python, Suspicion};
use crate::model::markdown::Markdown;
use crate::model::policy::{Clock, Limits, Network, SandboxMode};
use crate::model::problem::Problem;
use crate::model::snippet::Line;
use crate::model::unlabelled::Unlabelled;
use crate::summary::Strictness;

/// What a run obeys: flags over the environment over `[tool.snipcheck]` over defaults.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The folder of the settings file, else the current one. Absolute.
    pub(crate) root: PathBuf,
    /// The folder with `.git` that the root is in, else the root: all of it may have been written by others.
    pub(crate) repository: PathBuf,
    /// Documents, folders and globs, relative to the root; absolute outside of it. A path that exists is no glob.
    pub(crate) paths: Vec<String>,
    /// Snippets the caller pointed at; their documents are among the paths.
    pub(crate) places: Vec<ChosenPlace>,
    /// Globs of documents that folders do not contribute.
    pub(crate) exclude: Vec<String>,
    /// Whether these globs hold for documents that the caller names, too.
    pub(crate) force_exclude: bool,
    pub(crate) share: Share,
    pub(crate) snapshots: Snapshots,
    pub(crate) claims: Claims,
    /// Directives for every snippet of the project; those of fences and front matter are nearer.
    pub(crate) directives: Directives,
    /// Kinds of suspicion that the settings allow.
    pub(crate) allowed: Vec<Suspicion>,
    pub(crate) markdown: Markdown,
    pub(crate) unlabelled: Unlabelled,
    /// Limits of a session, and of a snippet that asks for no others.
    pub(crate) limits: Limits,
    /// The longest wall time that a fence or a front matter gets, whatever it asks for.
    pub(crate) longest_timeout: Duration,
    /// Wall time of the whole run.
    pub(crate) run_timeout: Option<Duration>,
    pub(crate) redactions: Vec<Redaction>,
    /// Which Python snippets run in: `--python`, else what is activated, else that of the settings, else of the nearest
    /// `.venv`, else the first that is found.
    pub(super) python: PythonChoice,
    /// Further Pythons, in each of which snippets run as well.
    pub(super) further: Vec<PythonChoice>,
    pub(super) pythons: Places,
    /// What `python` has turned out to be.
    pub(super) interpreter: OnceLock<Interpreter>,
    /// Folders that precede `sys.path`, absolute and inside the root.
    pub(crate) pythonpath: Vec<PathBuf>,
    /// What snippets see beside the variables of every sandbox; the later one of two with the same name holds.
    pub(crate) variables: Vec<(String, OsString)>,
    /// Files and folders that snippets may read, absolute.
    pub(crate) readable: Vec<PathBuf>,
    pub(crate) network: Network,
    /// The clock of a snippet that asks for none.
    pub(crate) clock: Clock,
    pub(crate) clock_grants: ClockGrants,
    pub(crate) sandbox: SandboxMode,
    pub(crate) strictness: Strictness,
    /// What becomes of outcomes of earlier runs.
    pub(crate) cache_use: CacheUse,
    pub(crate) warm: Warm,
    /// The file that GitHub shows as the summary of a step, if this is one.
    pub(crate) step_summary: Option<PathBuf>,
    /// The way from the current folder to the root, `..` by `..`.
    pub(crate) base: String,
    pub(crate) paths_from: PathsFrom,
    /// The home folder, which snippets never read as a whole.
    pub(crate) home: Option<PathBuf>,
    /// Sessions that run side by side.
    pub(crate) jobs: usize,
    /// Where a run leaves what the next one may know; `None` without a home or cache folder.
    pub(crate) memory: Option<PathBuf>,
    /// What the settings file asked for and did not get.
    pub(crate) problems: Vec<Problem>,
}

impl Settings {
    /// The Python that snippets run in. It is looked for once.
    pub(crate) fn interpreter(&self) -> Result<&Interpreter, ConfigError> {
        if let Some(known) = self.interpreter.get() {
            return Ok(known);
        }
        let found = self.python.interpreter(&self.pythons)?;
        Ok(self.interpreter.get_or_init(|| found))
    }

    /// Where runs of all projects leave what later ones may know.
    pub(crate) fn cache(&self) -> Option<&Path> {
        self.memory.as_deref()?.parent()
    }

    /// Whether several Pythons are named.
    pub(crate) fn names_several(&self) -> bool {
        !self.further.is_empty()
    }

    /// The settings of a run in each Python, which differ in nothing else. One that cannot be had, or has the minor version of
    /// another one, is an error.
    pub(crate) fn each_python(&self) -> Result<Vec<Self>, ConfigError> {
        let first = self.interpreter()?.clone();
        let mut each = vec![Self { further: Vec::new(), ..self.clone() }];
        let mut known = vec![first];

        for choice in &self.further {
            let found = choice.interpreter(&self.pythons)?;
            if known.iter().any(|known| known.executable == found.executable) {
                continue;
            }
            // What is expected of a Python goes by its minor version.
            if let Some(other) = known.iter().find(|known| known.python() == found.python()) {
                return Err(ConfigError::SameVersion {
                    minor: found.facts.version.minor(),
                    one: other.executable.clone(),
                    other: found.executable,
                });
            }
            known.push(found.clone());
            let (python, interpreter) = (choice.clone(), OnceLock::from(found));
            each.push(Self { python, interpreter, further: Vec::new(), ..self.clone() });
        }
        Ok(each)
    }

    /// The version in which snippets run; `None` where there is no Python to run them.
    pub(crate) fn version(&self) -> Option<Python> {
        self.interpreter().ok().map(Interpreter::python)
    }
}

/// Who named the paths of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathsFrom {
    Caller,
    Settings,
    /// Neither the caller nor the settings: the paths are the usual ones.
    Defaults,
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
    /// Each runs alone, unless its document joins it with others (`group=`, `continuation`).
    None,
    /// Each runs alone, whatever its document says: `--share none` for documents of strangers.
    #[value(skip)]
    #[serde(skip)]
    Never,
}

/// What becomes of the clock that a fence or a front matter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClockGrants {
    /// It has no effect: the caller has chosen one clock for all.
    Overruled,
    /// The snippet gets it.
    Granted,
    /// The snippet gets the virtual clock; asking for the real one is a problem.
    Capped,
}

/// Whether a snippet must have an accepted snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Snapshots {
    /// One without any expectation passes if it ran.
    #[default]
    Optional,
    /// One without any expectation is unreviewed.
    Required,
}

/// What becomes of what a document says about its own code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Claims {
    /// A false one fails its snippet.
    #[default]
    Check,
    /// All are counted and shown, none fails.
    Report,
    /// None is read.
    Off,
}

/// What becomes of sessions that passed before and of which nothing has changed, as the caller says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CacheMode {
    /// Run all of them
    #[default]
    Off,
    /// Leave them out, and keep nothing for the next run
    Read,
    /// Leave them out; under `--check` run all of them
    Auto,
}

/// Whether sessions begin with packages loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Warm {
    /// Each session loads what it imports
    #[default]
    Off,
    /// What many sessions import first is loaded once, and what fails runs again without
    Auto,
}

/// Which part a run takes in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheUse {
    Everything,
    Reading,
    Nothing,
}

/// A replacement for what changes from run to run, made before outcomes are compared.
#[derive(Clone, Debug)]
pub(crate) struct Redaction {
    pub(crate) pattern: regex::Regex,
    pub(crate) replacement: String,
    /// Where the settings file has it.
    pub(crate) line: Line,
}
