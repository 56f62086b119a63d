//! What a lane is asked to run: one session and its steps.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::policy::{Chance, Clock};
use crate::model::snippet::{Example, Line, Namespace, Watch};
use crate::wire::token::Token;

/// One session for a lane. Its three descriptors (stdout, stderr, status) travel with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) token: Token,
    /// The file whose lines output is tied to.
    pub(crate) document: String,
    /// The document's folder, whose files snippets find in their working directory.
    pub(crate) neighbours: Option<PathBuf>,
    /// A scratch directory on the host: only without a sandbox, which has its own.
    pub(crate) scratch: Option<PathBuf>,
    pub(crate) chance: Chance,
    /// Virtual if any of the steps asks for virtual time.
    pub(crate) clock: Clock,
    /// Empty in a rehearsal, which prints the modules that start code has loaded.
    pub(crate) steps: Vec<Step>,
}

/// The part of a request that a lane itself reads.
#[derive(Debug, Deserialize)]
pub(crate) struct RequestHead {
    pub(crate) token: Token,
    pub(crate) neighbours: Option<PathBuf>,
    pub(crate) scratch: Option<PathBuf>,
    pub(crate) chance: Chance,
    pub(crate) clock: Clock,
}

/// Python text to run in the session's namespace: a snippet, or a fixture that a snippet asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    /// The file of the step, which becomes its `co_filename`.
    pub(crate) file: String,
    pub(crate) code: String,
    /// Where the code starts in its file.
    pub(crate) line: Line,
    pub(crate) files: Vec<FixtureFile>,
    pub(crate) mode: Mode,
    /// If it is that of a module, the module's folder is an absolute path.
    pub(crate) namespace: Namespace,
    /// The clock that the step asks for.
    pub(crate) clock: Clock,
}

/// How a step's code runs, and which values are reported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// As a file. If an exception ends it, a trial process runs the statements after that, up to the line `until`.
    Script { watched: Vec<Watch>, until: Option<Line> },
    /// As prompts, one after the other, whatever one of them raises.
    Console { examples: Vec<Example> },
}

impl Default for Mode {
    fn default() -> Self {
        Self::Script { watched: Vec::new(), until: None }
    }
}

impl Mode {
    /// How many examples run one by one.
    pub(crate) fn examples(&self) -> usize {
        match self {
            Self::Script { .. } => 0,
            Self::Console { examples } => examples.len(),
        }
    }
}

/// A file put into the session's directory before a snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FixtureFile {
    pub(crate) name: String,
    pub(crate) from: PathBuf,
}
