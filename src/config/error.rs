//! What can be wrong with flags, environment and settings file. All of it ends with exit code 2.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::config::distrust::BaseRefusal;
use crate::model::snippet::Line;

/// A line of the settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) file: PathBuf,
    pub(crate) line: Line,
}

impl fmt::Display for At {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file.display(), self.line)
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot tell the current folder")]
    CurrentFolder { source: io::Error },
    #[error("cannot read `{}`", file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("{at}: invalid TOML: {}", cause.message())]
    Syntax { at: At, cause: Box<toml::de::Error> },
    #[error("{at}: unknown key `{key}`")]
    UnknownKey { at: At, key: String, nearest: Option<&'static str>, known: Vec<&'static str> },
    #[error("{at}: expected {expected} for `{key}`, found {found}")]
    Value { at: At, key: &'static str, expected: String, found: String },
    #[error("{at}: expected `{key}` in every redaction")]
    MissingKey { at: At, key: &'static str },
    #[error("{at}: invalid pattern")]
    Pattern { at: At, source: Box<regex::Error> },
    #[error("{at}: invalid glob")]
    Glob { at: At, source: globset::Error },
    #[error("{at}: expected a folder inside the project in `pythonpath`, found `{}`", folder.display())]
    OutsideProject { at: At, folder: PathBuf },
    #[error("invalid value `{found}` in `{name}`")]
    Variable { name: &'static str, found: String, source: Box<ConfigError> },
    #[error("expected {expected}")]
    Word { expected: String },
    #[error("unknown limit `{found}`{}", known_limits(*nearest, known))]
    UnknownLimit { found: String, nearest: Option<&'static str>, known: Vec<&'static str> },
    #[error("`{name}` cannot be set, the sandbox decides it")]
    FixedVariable { name: String },
    #[error("{at}: invalid value in `{key}`")]
    Item { at: At, key: &'static str, source: Box<ConfigError> },
    #[error("`{one}` and `{other}` contradict each other")]
    Contradiction { one: &'static str, other: &'static str },
    #[error("`--readable` names `{}`, which does not exist", path.display())]
    NothingToRead { path: PathBuf },
    #[error("`{}` is never given to snippets as a whole", path.display())]
    GivenWhole { path: PathBuf },
    #[error("expected a document before line {line}, found the folder `{folder}`")]
    LineOfFolder { folder: String, line: Line },
    #[error("{origin} names no Python: `{}` does not exist", path.display())]
    NoInterpreter { origin: PythonOrigin, path: PathBuf },
    #[error("no `{}` on `PATH`", name.display())]
    NotOnPath { name: PathBuf },
    #[error("expected an environment in {origin}, found no `pyvenv.cfg` in `{}`", path.display())]
    NoEnvironment { origin: PythonOrigin, path: PathBuf },
    #[error("expected `{key}` in `{}`", file.display())]
    EnvironmentKey { file: PathBuf, key: &'static str },
    #[error("the environment `{}` was made from a Python in `{}`, where none is now", environment.display(), base.display())]
    NoBase { environment: PathBuf, base: PathBuf },
    #[error("cannot run `{}` to learn its version", executable.display())]
    Ask { executable: PathBuf, source: io::Error },
    #[error("`{}` does not say which Python it is", executable.display())]
    Answer { executable: PathBuf },
    #[error("no CPython 3.11 or newer on `PATH`, nor where uv, pyenv and conda install it")]
    NoPython { unusable: Vec<String> },
    #[error("no Python {wish} on `PATH`, nor where uv, pyenv and conda install it")]
    NoVersion { wish: String },
    #[error("snippets need Python 3.11 or newer, {asked} asks for an older one")]
    OldWish { asked: String },
    #[error("snippets need a Python with the global lock, {asked} asks for a free-threaded build")]
    FreeThreadedWish { asked: String, usual: String },
    #[error("{at}: {error}")]
    Listed { at: At, error: Box<ConfigError> },
    #[error("both `{}` and `{}` are Python {minor}: name each minor version once", one.display(), other.display())]
    SameVersion { minor: String, one: PathBuf, other: PathBuf },
    #[error("`{}` is Python {found}, snippets need 3.11 or newer", executable.display())]
    Old { executable: PathBuf, found: String },
    #[error("`{}` is {found}, snippets run in CPython only", executable.display())]
    Implementation { executable: PathBuf, found: String },
    #[error("`{}` is a free-threaded build of Python {found}, snippets need one with the global lock", executable.display())]
    FreeThreaded { executable: PathBuf, found: String, minor: String },
    #[error("the environment `{}` names the Python `{}`: {why}", environment.display(), base.display())]
    Base { environment: PathBuf, base: PathBuf, why: BaseRefusal },
    #[error("the environment `{}` was made for Python {made_for}, `{}` is {found} now", environment.display(), base.display())]
    OtherBase { environment: PathBuf, base: PathBuf, made_for: String, found: String },
    #[error("`CONDA_PREFIX` names the folder `{}` of the project, whose Python is not started unasked", folder.display())]
    CondaOfCheckout { folder: PathBuf },
}

/// Where the choice of an interpreter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PythonOrigin {
    Caller,
    Settings,
    Activated,
    Nearby,
}

impl fmt::Display for PythonOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Caller => "`--python` or `SNIPCHECK_PYTHON`",
            Self::Settings => "`python` of the settings",
            Self::Activated => "`VIRTUAL_ENV`",
            Self::Nearby => "`.venv`",
        })
    }
}

const INSTALL: &str = "`uv python install` and `pyenv install` install one, `--python` names one elsewhere";

/// What the message about an unknown limit says of the known ones: a part of the message itself, since flags have no
/// other place for a hint.
fn known_limits(nearest: Option<&str>, known: &[&str]) -> String {
    let listed = format!("known limits: {}", known.join(", "));
    match nearest {
        Some(meant) => format!(", did you mean `{meant}`? {listed}"),
        None => format!("; {listed}"),
    }
}

impl ConfigError {
    /// A complaint about the word of a variable of the environment.
    pub(crate) fn variable(name: &'static str, found: &str, source: ConfigError) -> Self {
        Self::Variable { name, found: found.to_owned(), source: Box::new(source) }
    }

    /// What to do about it, where there is more to say than the message says.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownKey { nearest: None, known, .. } => {
                Some(format!("known keys: {}", known.join(", ")))
            }

            Self::GivenWhole { .. } => Some("name the folders in it that they need".to_owned()),
            Self::OutsideProject { .. } => {
                Some("settings cannot open other folders to snippets; install the package instead".to_owned())
            }
            Self::Pattern { source, .. } if matches!(**source, regex::Error::CompiledTooBig(_)) => {
                Some("say what repeats once, with `*` or `+`, instead of counting it with `{…}`".to_owned())
            }
            Self::NotOnPath { .. }
            | Self::NoInterpreter { origin: PythonOrigin::Caller, .. }
            | Self::NoEnvironment { origin: PythonOrigin::Caller, .. } => {
                Some("`--python` takes a version, or the path of a Python or of an environment".to_owned())
            }
            Self::NoEnvironment { origin: PythonOrigin::Activated, .. } => {
                Some("`deactivate` it, or choose a Python with `--python`".to_owned())
            }
            Self::NoEnvironment { origin: PythonOrigin::Settings | PythonOrigin::Nearby, .. } => Some(
                "settings may name the folder of an environment (`python3 -m venv .venv` makes one); \
                     any other Python is chosen with `--python`"
                    .to_owned(),
            ),
            Self::NoInterpreter {
                origin: PythonOrigin::Settings | PythonOrigin::Activated | PythonOrigin::Nearby,
                ..
            }
            | Self::EnvironmentKey { .. }
            | Self::NoBase { .. }
            | Self::OtherBase { .. } => Some("make the environment again with `python3 -m venv`".to_owned()),
            Self::Base { why: BaseRefusal::OfCheckout, .. } => {
                Some("make the environment again with a Python outside of the project".to_owned())
            }
            Self::Base { environment, why: BaseRefusal::Unknown | BaseRefusal::Distrusted(_), .. } => {
                Some(format!("`--python {}` chooses the environment all the same", environment.display()))
            }
            Self::CondaOfCheckout { folder } => Some(format!("`--python {}` starts it", folder.display())),

            Self::NoPython { unusable } if unusable.is_empty() => Some(INSTALL.to_owned()),
            Self::NoPython { unusable } => Some(format!("{}; {INSTALL}", unusable.join("; "))),
            Self::NoVersion { wish } => Some(format!(
                "`uv python install {wish}` and `pyenv install {wish}` install one; `--python` takes a path, too"
            )),
            Self::Listed { error, .. } => error.hint(),
            Self::OldWish { .. } | Self::Old { .. } | Self::Implementation { .. } => Some(
                "`--python` chooses another one: a version, or the path of a Python or of an environment"
                    .to_owned(),
            ),
            Self::FreeThreadedWish { usual, .. } => {
                Some(format!("`--python {usual}` chooses the usual build of the same version"))
            }
            Self::FreeThreaded { minor, .. } => Some(format!(
                "the usual build of the same version will do: `--python {minor}`, once it is installed"
            )),

            Self::Answer { executable } => {
                Some(format!("see what `{} --version` prints", executable.display()))
            }

            Self::CurrentFolder { .. }
            | Self::Read { .. }
            | Self::Syntax { .. }
            | Self::Value { .. }
            | Self::MissingKey { .. }
            | Self::Pattern { .. }
            | Self::Glob { .. }
            | Self::Variable { .. }
            | Self::Word { .. }
            | Self::UnknownLimit { .. }
            | Self::FixedVariable { .. }
            | Self::Item { .. }
            | Self::Contradiction { .. }
            | Self::NothingToRead { .. }
            | Self::LineOfFolder { .. }
            | Self::SameVersion { .. }
            | Self::Ask { .. } => None,
        }
    }
}
