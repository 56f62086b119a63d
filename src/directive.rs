//! What a fence, a front matter or the settings may ask of the runner.

use std::time::Duration;

/// The resolved wishes for one snippet. Nearer places win: info string, then front matter, then settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    pub skip: Option<Skip>,
    /// The exception that must end the snippet: a class name, dotted or not.
    pub raises: Option<String>,
    /// Wall time for this snippet.
    pub timeout: Option<Duration>,
    /// Runs in a sandbox of its own, with a namespace of its own.
    pub isolated: bool,
    /// Pins the last part of the id.
    pub id: Option<String>,
    /// Names below `fixtures/`, copied into the snippet's directory before it runs.
    pub files: Vec<String>,
    /// Names of `fixtures/NAME.py`, run in the session's namespace before the snippet, unjudged.
    pub setup: Vec<String>,
}

/// A wish not to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The author's words, where there are any.
    pub why: Option<String>,
}
