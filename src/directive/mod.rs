//! What a fence, a front matter or the settings may ask of the runner.

mod attributes;
mod condition;
mod flags;
pub(crate) mod markers;
#[cfg(test)]
mod properties;
mod suspicion;
mod value;
mod vocabulary;

use std::time::Duration;

pub(crate) use crate::directive::attributes::in_info;
pub(crate) use crate::directive::condition::Condition;
pub use crate::directive::condition::Python;
pub use crate::directive::flags::{Flag, Flags};
pub use crate::directive::suspicion::Suspicion;
pub(crate) use crate::directive::value::Value;
use crate::directive::vocabulary::{Key, nearest};
use crate::policy::Clock;

/// The resolved wishes for one snippet. Nearer places win: info string, then front matter, then settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    pub skip: Option<Skip>,
    /// The exception that must end the snippet: a class name, dotted or not.
    pub raises: Option<String>,
    /// Wall time for this snippet.
    pub timeout: Option<Duration>,
    /// The time it sees.
    pub(crate) clock: Option<Clock>,
    /// Runs in a sandbox of its own, with a namespace of its own.
    pub isolated: bool,
    /// Pins the last part of the id.
    pub id: Option<String>,
    /// Names below `fixtures/`, copied into the snippet's directory before it runs.
    pub files: Vec<String>,
    /// Names of `fixtures/NAME.py`, run in the session's namespace before the snippet, unjudged.
    pub setup: Vec<String>,
    /// Fixtures by the names that other tools know them by: run like `setup` where there are any.
    pub fixtures: Vec<String>,
    /// Shares a session with the snippets of this group, and with no others.
    pub group: Option<String>,
    /// Shares a session with the snippet in front of it, whatever the settings say.
    pub joined: bool,
    /// Modules without which it is skipped.
    pub requires: Vec<String>,
    /// What it prints and gives is not compared.
    pub nondeterministic: bool,
    /// The last part of the id, unless another snippet has it.
    pub name: Option<String>,
    /// On for every `>>>` example; comments of an example are nearer.
    pub flags: Flags,
}

/// A wish not to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The author's words, where there are any.
    pub why: Option<String>,
}

/// One wish. `Run` and `Shared` take back what a farther place said (`skip=false`, `isolated=false`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    Skip(Skip),
    Run,
    Raises(String),
    Timeout(Duration),
    Clock(Clock),
    Isolated,
    Shared,
    Id(String),
    Files(Vec<String>),
    Setup(Vec<String>),
    SkipIf(Condition),
    /// It must compile, and does not run.
    CompileOnly,
    Nondeterministic,
    Requires(Vec<String>),
    Fixtures(Vec<String>),
    Group(String),
    Joined,
    /// The names of all that ran before it are gone.
    Clear,
    Name(String),
}

/// A directive as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The marker, for people.
    pub(crate) spelling: String,
    pub(crate) directive: Directive,
}

impl Directives {
    /// Replaces what a farther place said about the same key.
    ///
    /// What depends on the interpreter, on the code or on other snippets is left to those who know them.
    pub(crate) fn apply(&mut self, directive: Directive) {
        match directive {
            Directive::Skip(skip) => self.skip = Some(skip),
            Directive::Run => self.skip = None,
            Directive::Raises(class) => self.raises = Some(class),
            Directive::Timeout(timeout) => self.timeout = Some(timeout),
            Directive::Clock(clock) => self.clock = Some(clock),
            Directive::Isolated => self.isolated = true,
            Directive::Shared => self.isolated = false,
            Directive::Id(name) => self.id = Some(name),
            Directive::Files(names) => self.files = names,
            Directive::Setup(names) => self.setup = names,
            Directive::Nondeterministic => self.nondeterministic = true,
            Directive::Requires(modules) => self.requires.extend(modules),
            Directive::Fixtures(names) => self.fixtures.extend(names),
            Directive::Group(name) => self.group = Some(name),
            Directive::Joined => self.joined = true,
            Directive::Name(name) => self.name = Some(name),
            Directive::SkipIf(_) | Directive::CompileOnly | Directive::Clear => {}
        }
    }
}

/// Why a word is no directive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DirectiveError {
    #[error("unknown directive `{word}`")]
    Unknown { word: String },
    #[error("`{}` needs a value", key.spelling())]
    Missing { key: Key },
    #[error("`isolated` takes `true`, `false` or nothing, not `{value}`")]
    NoFlag { value: String },
    #[error("`{}` takes one value, not a list", key.spelling())]
    List { key: Key },
    #[error("the value of `{}` has no closing quote", key.spelling())]
    Unclosed { key: Key },
    #[error("`raises` takes the name of an exception, not `{value}`")]
    NoClass { value: String },
    #[error("`timeout` takes a time such as `3s`, not `{value}`")]
    NoTime { value: String },
    #[error("`timeout={value}` is not between 1ms and 24 hours")]
    TimeOutOfRange { value: String },
    #[error("`clock` takes `virtual` or `real`, not `{value}`")]
    NoClock { value: String },
    #[error("`id` takes up to 100 letters, digits, `_`, `.` and `-`, not `{value}`")]
    NoName { value: String },
    #[error("`{}` takes names below `fixtures/`, not `{value}`", key.spelling())]
    NoFixture { key: Key, value: String },
    #[error("`id` belongs to one snippet, not to all of a document")]
    NotForAll,
    /// Nearly a marker of another tool.
    #[error("`{marker}`: did you mean `{meant}` of {tool}?")]
    NearMarker { marker: String, meant: &'static str, tool: &'static str },
}

impl DirectiveError {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { word } => Some(match nearest(word) {
                Some(key) => format!("did you mean `{}`?", key.spelling()),
                None => format!("known are {}", Key::spellings()),
            }),
            Self::Missing { key } => Some(format!("write `{}={}`", key.spelling(), key.sample())),
            Self::Unclosed { .. } => Some("put the value in quotes".to_owned()),
            Self::NoTime { .. } | Self::TimeOutOfRange { .. } => {
                Some("units are `ms`, `s`, `m` and `h`; without one, seconds".to_owned())
            }
            Self::NoClass { .. } => {
                Some("write `raises=ValueError` or `raises=json.JSONDecodeError`".to_owned())
            }
            Self::NoFixture { .. } => Some("neither absolute nor with `..`".to_owned()),
            Self::NotForAll => Some("write it in the info string of that snippet".to_owned()),
            Self::NoFlag { .. }
            | Self::NoClock { .. }
            | Self::List { .. }
            | Self::NoName { .. }
            | Self::NearMarker { .. } => None,
        }
    }
}
