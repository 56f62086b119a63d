//! What can be wrong with flags, environment and settings file. All of it ends with exit code 2.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::config::version::BUILT_FOR;
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
    #[error("this snipcheck runs Python {}, `{}` is Python {found}", BUILT_FOR, executable.display())]
    Version { executable: PathBuf, found: String },
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
        let version = BUILT_FOR;
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
                Some(format!("`--python` takes the path of a Python {version}, or of an environment of it"))
            }
            Self::NoEnvironment { origin: PythonOrigin::Activated, .. } => {
                Some(format!("`deactivate` it, or pass a Python {version} with `--python`"))
            }
            Self::NoEnvironment { origin: PythonOrigin::Settings | PythonOrigin::Nearby, .. } => {
                Some(format!(
                    "settings may name the folder of an environment (`python{version} -m venv .venv` makes one); \
                 any other Python is chosen with `--python`"
                ))
            }
            Self::NoInterpreter {
                origin: PythonOrigin::Settings | PythonOrigin::Activated | PythonOrigin::Nearby,
                ..
            }
            | Self::EnvironmentKey { .. }
            | Self::NoBase { .. } => {
                Some(format!("make the environment again with `python{version} -m venv`"))
            }

            Self::Answer { executable } => {
                Some(format!("see what `{} --version` prints", executable.display()))
            }
            Self::Version { executable, .. } => Some(format!(
                "`PYO3_PYTHON={} cargo install --locked --path .` in a checkout of snipcheck installs one for it; \
                 `--python` chooses a Python {version}",
                executable.display()
            )),

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
            | Self::Ask { .. } => None,
        }
    }
}
