//! Identity and place of a snippet: what it is called, where its document shows it, what it asks for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::directives::Directives;

/// A line of a document, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(pub u32);

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A document's path relative to the project root with `/` between its parts; absolute for one outside the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentPath(pub String);

impl DocumentPath {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// `path::heading-slug::ordinal`, or `path::name` for a fence with `id=name`. Unique within a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SnippetId(pub String);

impl fmt::Display for SnippetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The lines of a code block: for a fenced one its fences, for an indented one its first and last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    pub start: Line,
    /// The first line of code.
    pub code: Line,
    pub end: Line,
}

/// A Python block to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    pub id: SnippetId,
    pub path: DocumentPath,
    /// File name of its snapshot without ending, letters, digits and hyphens, unique within the document.
    pub snapshot: String,
    pub location: Location,
    /// The content as CommonMark gives it.
    pub code: String,
    pub form: Form,
    pub namespace: Namespace,
    /// What the document shows as its output, in document order.
    pub shown: Vec<ShownOutput>,
    pub directives: Directives,
    /// How many headings of level 1 and 2 are above the snippet.
    pub section: u32,
}

/// The text of a block under the name of a file: later snippets of the document find it beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitledFile {
    /// Relative, of plain parts with `/` between them.
    pub name: String,
    pub text: String,
}

/// How the code of a snippet is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Statements, as in a file.
    #[default]
    Script,
    /// `>>>` prompts and what they show.
    Console,
}

/// The names that a snippet sees when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Namespace {
    /// The names that earlier snippets of the session defined.
    #[default]
    Shared,
    /// No names, and later snippets see none of those that this one defines.
    Fresh,
    /// A copy of the names of a module, which is imported: for docstrings, as `doctest.testmod` has it.
    Module {
        /// Dotted, as seen from `folder`.
        name: String,
        /// Relative to the project root: the first entry of `sys.path`.
        folder: String,
        /// How many of the folders that `folder` ends with may be namespace packages (PEP 420).
        above: usize,
    },
}

/// Output that a document shows outside of the code it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownOutput {
    /// The block or comment that holds it; `code` is the first line of the text.
    pub location: Location,
    /// The text as CommonMark gives the content of a block.
    pub text: String,
    pub comparison: Comparison,
    pub detail: Detail,
    pub announced: Announced,
}

/// What tells a reader that a block is output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Announced {
    /// Words, a comment or a label.
    #[default]
    InWords,
    /// Only its place: it stands directly below the code.
    ByPlace,
}

/// Whether the message of a shown exception is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    #[default]
    Compared,
    /// Only the class is.
    Ignored,
}

/// How exactly shown output is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    #[default]
    Exact,
    /// Any number of blanks and line ends counts as one blank.
    IgnoringBlanks,
    /// As JSON values, where both texts are JSON.
    Json,
}

/// A place in a document: a line, and how many bytes of code are before the place on that line, as `ast` counts
/// `col_offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub line: Line,
    pub column: u32,
}

/// What is observed when the statement that begins at a place runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Watch {
    pub at: Place,
    pub look: Look,
}

/// What is observed of a statement. All names are of the module's own scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Look {
    /// The value of an expression, or the value that is assigned.
    Value,
    /// How many bytes that value takes, alone and with its items.
    Size,
    /// After the statement: what a name stands for, or an attribute of that.
    State { name: String, attribute: Option<String> },
    /// After the statement: how many references there are to what a name stands for.
    References { name: String },
    /// How many references are left to what a name stood for that the statement deletes.
    Leftovers { name: String },
    /// The names of the operations that the statement is compiled to.
    Operations,
    /// After the statement: what the code of a comment raises when a copy of the process runs it.
    Attempt { line: Line, code: String },
    /// What the statement prints in a copy of the process, after an exception has ended the snippet.
    Output,
}

/// The code of one `>>>` prompt and of the `...` prompts below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    pub line: Line,
    pub code: String,
}
