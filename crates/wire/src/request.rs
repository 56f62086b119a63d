//! What a lane is asked to run: one session and its steps.

use std::borrow::Cow;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::token::Token;
use snipcheck_model::policy::{Chance, Clock};
use snipcheck_model::snippet::{Example, Line, Namespace, TitledFile, Watch};

/// Stands between folders, none of which has it in its name.
pub const APART: &str = "//";

/// One session for a lane. Its three descriptors (stdout, stderr, status) travel with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    pub token: Token,
    /// The file whose lines output is tied to.
    pub document: String,
    /// The document's folder, whose files snippets find in their working directory.
    pub neighbours: Option<PathBuf>,
    /// Folders beside the document in which the session has files of its own, parted by [`APART`].
    pub folders: String,
    /// A scratch directory on the host: only without a sandbox, which has its own.
    pub scratch: Option<PathBuf>,
    pub chance: Chance,
    /// Virtual if any of the steps asks for virtual time.
    pub clock: Clock,
    /// The files that the document shows under their names, in its order.
    pub files: Vec<TitledFile>,
    /// Empty in a rehearsal, which prints the modules that start code has loaded.
    pub steps: Vec<Step>,
    pub image: ImageUse,
    /// What a session that records an image loads for it, in this order.
    pub imports: Vec<Import>,
}

/// What a session does with the file of an image, which travels with its request: memory into which packages are
/// loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageUse {
    /// There is no file.
    #[default]
    None,
    /// It loads packages, writes what its memory is then, and ends.
    Record,
    /// It takes the place of its own memory before it begins.
    Adopt,
}

/// `import module`, or `from module import name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Import {
    pub module: String,
    pub name: Option<String>,
}

/// The part of a request that a lane itself reads.
#[derive(Debug, Deserialize)]
pub struct RequestHead<'a> {
    pub token: Token,
    pub neighbours: Option<PathBuf>,
    /// Borrowed, so that the heap of the lane stays as it is.
    #[serde(borrow)]
    pub folders: Cow<'a, str>,
    pub scratch: Option<PathBuf>,
    pub chance: Chance,
    pub clock: Clock,
    pub image: ImageUse,
}

/// Python text to run in the session's namespace: a snippet, or a fixture that a snippet asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// The file of the step, which becomes its `co_filename`.
    pub file: String,
    pub code: String,
    /// Where the code starts in its file.
    pub line: Line,
    pub files: Vec<FixtureFile>,
    pub mode: Mode,
    /// If it is that of a module, the module's folder is an absolute path.
    pub namespace: Namespace,
    /// The clock that the step asks for.
    pub clock: Clock,
    /// How many of the request's files are there when the step starts.
    pub titled: usize,
    /// The package that relative imports start from.
    pub package: Option<String>,
}

/// How a step's code runs, and which values are reported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Mode {
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
    pub fn examples(&self) -> usize {
        match self {
            Self::Script { .. } => 0,
            Self::Console { examples } => examples.len(),
        }
    }
}

/// A file put into the session's directory before a snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixtureFile {
    pub name: String,
    pub from: PathBuf,
}
