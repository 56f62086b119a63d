//! What the process was started with: the only place that asks the operating system.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use nix::unistd::geteuid;

use crate::config::error::ConfigError;

/// The current folder and the variables that settings depend on. A variable that is set to nothing counts as not set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// Absolute.
    pub(crate) folder: PathBuf,
    /// `HOME`: the search for settings does not go so far.
    pub(crate) home: Option<PathBuf>,
    /// `XDG_CACHE_HOME`; a relative one counts as not set.
    pub(crate) cache: Option<PathBuf>,
    /// `PATH`, where Pythons are looked up.
    pub(crate) search: Option<OsString>,
    /// `VIRTUAL_ENV`.
    pub(crate) activated: Option<PathBuf>,
    /// `CONDA_PREFIX`, unless it is that of the environment `base`, which most shells of conda users are in.
    pub(crate) conda: Option<PathBuf>,
    /// `CI`, which build servers set.
    pub(crate) ci: Option<String>,
    /// `FORCE_COLOR`: colors also where there is no terminal. It asks for nothing where it is `0` or `false`, and yields to
    /// `NO_COLOR`.
    pub(crate) force_color: bool,
    /// `GITHUB_STEP_SUMMARY`: the file that GitHub shows as the summary of a step.
    pub(crate) step_summary: Option<PathBuf>,
    /// `SNIPCHECK_PYTHON`.
    pub(crate) python: Option<PathBuf>,
    /// `SNIPCHECK_SANDBOX`.
    pub(crate) sandbox: Option<String>,
    /// `SNIPCHECK_JOBS`.
    pub(crate) jobs: Option<String>,
    /// `SNIPCHECK_TIMEOUT`.
    pub(crate) timeout: Option<String>,
    /// `SNIPCHECK_LIMITS`.
    pub(crate) limits: Option<String>,
    /// `SNIPCHECK_TRUST`.
    pub(crate) trust: Option<String>,
    /// `SNIPCHECK_UNTRUSTED`.
    pub(crate) untrusted: Option<String>,
    /// `SUDO_UID`, where this process is root's.
    pub(crate) sudo_user: Option<u32>,
    /// `VISUAL`, else `EDITOR`.
    pub(crate) editor: Option<OsString>,
    /// All variables, for those that are passed on by name.
    pub(crate) variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// What this process was started with.
    pub(crate) fn of_process() -> Result<Self, ConfigError> {
        let folder = std::env::current_dir().map_err(|source| ConfigError::CurrentFolder { source })?;
        let path = |name| variable(name).map(PathBuf::from);
        let text = |name| variable(name).map(|value| value.to_string_lossy().into_owned());

        Ok(Self {
            folder,
            home: path("HOME"),
            cache: path("XDG_CACHE_HOME").filter(|folder| folder.is_absolute()),
            search: variable("PATH"),
            activated: path("VIRTUAL_ENV"),
            conda: path("CONDA_PREFIX")
                .filter(|folder| folder.join("bin/python").is_file())
                .filter(|_| text("CONDA_DEFAULT_ENV").as_deref() != Some("base")),
            ci: text("CI"),
            force_color: text("NO_COLOR").is_none()
                && text("FORCE_COLOR").is_some_and(|word| !matches!(&*word, "0" | "false")),
            step_summary: path("GITHUB_STEP_SUMMARY"),
            python: path("SNIPCHECK_PYTHON"),
            sandbox: text("SNIPCHECK_SANDBOX"),
            jobs: text("SNIPCHECK_JOBS"),
            timeout: text("SNIPCHECK_TIMEOUT"),
            limits: text("SNIPCHECK_LIMITS"),
            trust: text("SNIPCHECK_TRUST"),
            untrusted: text("SNIPCHECK_UNTRUSTED"),
            sudo_user: text("SUDO_UID").and_then(|user| user.parse().ok()).filter(|_| geteuid().is_root()),
            editor: variable("VISUAL").or_else(|| variable("EDITOR")),
            variables: std::env::vars_os().collect(),
        })
    }
}

/// The words of the command line after the program's name.
pub(crate) fn arguments() -> impl Iterator<Item = OsString> {
    command_line().skip(1)
}

/// All words of the command line.
pub(crate) fn command_line() -> impl Iterator<Item = OsString> {
    std::env::args_os()
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
