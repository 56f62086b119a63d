//! What the settings, a document and a fence together ask for one snippet.

use std::sync::Arc;
use std::time::Duration;

use crate::option_flags::Flags;
use crate::policy::Clock;

/// What is asked for one snippet, all places together. Nearer places win: info string, then front matter, then settings.
#[expect(clippy::struct_excessive_bools, reason = "words that are there or not")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    pub skip: Option<Skip>,
    /// The exception that must end the snippet: a class name, dotted or not.
    pub raises: Option<String>,
    /// Whether an exception may end the snippet, which may complete as well.
    pub may_raise: bool,
    /// Wall time for this snippet.
    pub timeout: Option<Duration>,
    /// The clock that the snippet sees.
    pub clock: Option<Clock>,
    /// Whether the snippet runs in a sandbox and a namespace of its own.
    pub isolated: bool,
    /// The last part of the id, whatever the heading is.
    pub id: Option<String>,
    /// Names of files below `fixtures/`, copied into the snippet's directory before it runs.
    pub files: Vec<String>,
    /// Names of `fixtures/NAME.py`, run in the session's namespace before the snippet, unjudged.
    pub setup: Vec<String>,
    /// Names of fixtures of other tools. Those that exist run like those of `setup`.
    pub fixtures: Vec<String>,
    /// The group of snippets with which this one shares a session, and with no others.
    pub group: Option<String>,
    /// Whether the snippet shares a session with the one before it, whatever the settings say.
    pub joined: bool,
    /// Modules without which the snippet is skipped.
    pub requires: Vec<String>,
    /// Whether what the snippet prints and what its last expression gives stay uncompared.
    pub nondeterministic: bool,
    /// The last part of the id, unless another snippet has it.
    pub name: Option<String>,
    /// Option flags of every `>>>` example; those in the comment of an example are nearer.
    pub flags: Flags,
    pub turn: Turn,
    /// Further groups in whose sessions the snippet runs, unjudged; `*` stands for all groups.
    pub also: Vec<String>,
    /// Python text of the project's settings for Sphinx that runs first, unjudged.
    pub prologue: Option<Prologue>,
}

/// When a snippet runs within its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// Before those that run in place.
    First,
    /// In the order of the document.
    #[default]
    InPlace,
    /// After those that run in place.
    Last,
}

/// Code that runs before a snippet, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prologue {
    /// Relative to the project root.
    pub file: Arc<str>,
    /// The line of the file where the code begins.
    pub line: u32,
    pub code: Arc<str>,
}

/// A request not to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The author's reason, where one is given.
    pub why: Option<String>,
}
