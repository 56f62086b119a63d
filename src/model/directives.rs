//! What the settings, a document and a fence together ask for one snippet.

use std::time::Duration;

use crate::model::option_flags::Flags;
use crate::model::policy::Clock;

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
    /// Shares a session with the snippet before it, whatever the settings say.
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
