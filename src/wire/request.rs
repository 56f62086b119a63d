//! What a lane is asked to run: one session and its steps.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::policy::{Chance, Clock};
use crate::model::snippet::{Example, Line, Namespace, TitledFile, Watch};
use crate::wire::token::Token;

/// Stands between folders, none of which has it in its name.
pub(crate) const APART: &str = "//";

/// One session for a lane. Its three descriptors (stdout, stderr, status) travel with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) token: Token,
    /// The file whose lines output is tied to.
    pub(crate) document: String,
    /// The document's folder, whose files snippets find in their working directory.
    pub(crate) neighbours: Option<PathBuf>,
    /// Folders beside the document in which the session has files of its own, parted by [`APART`].
    pub(crate) folders: String,
    /// A scratch directory on the host: only without a sandbox, which has its own.
    pub(crate) scratch: Option<PathBuf>,
    pub(crate) chance: Chance,
    /// Virtual if any of the steps asks for virtual time.
    pub(crate) clock: Clock,
    /// The files that the document shows under their names, in its order.
    pub(crate) files: Vec<TitledFile>,
    /// Empty in a rehearsal, which prints the modules that start code has loaded.
    pub(crate) steps: Vec<Step>,
}

/// The part of a request that a lane itself reads.
#[derive(Debug, Deserialize)]
pub(crate) struct RequestHead<'a> {
    pub(crate) token: Token,
    pub(crate) neighbours: Option<PathBuf>,
    /// Borrowed, so that the heap of the lane stays as it is.
    #[serde(borrow)]
    pub(crate) folders: Cow<'a, str>,
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
    /// How many of the request's files are there when the step starts.
    pub(crate) titled: usize,
    /// The package that relative imports start from.
    pub(crate) package: Option<String>,
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
