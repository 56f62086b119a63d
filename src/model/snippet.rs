//! Identity and place of a snippet: what it is called, where its document shows it, what it asks for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::directives::Directives;

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
    /// File name of its snapshot without ending, `[a-z0-9-]{1,80}`, unique within the document.
    pub snapshot: String,
    pub location: Location,
    /// The content as CommonMark gives it.
    pub code: String,
    pub form: Form,
    pub namespace: Namespace,
    /// What the document shows as its output, in document order.
    pub shown: Vec<ShownOutput>,
    pub directives: Directives,
    /// Counts the headings of level 1 and 2 above it.
    pub section: u32,
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
    /// Those that the session's snippets left behind.
    #[default]
    Shared,
    /// None, and it leaves none behind.
    Fresh,
    /// A copy of those of this module, which is imported: for docstrings (`doctest.testmod`).
    Module {
        /// Dotted, as seen from `folder`.
        name: String,
        /// Relative to the project root: goes in front of `sys.path`.
        folder: String,
    },
}

/// Output that a document shows outside of the code it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownOutput {
    /// The block or comment that holds it; `code` is the first line of the text.
    pub location: Location,
    /// As CommonMark gives the content of a block.
    pub text: String,
    pub comparison: Comparison,
    pub announced: Announced,
}

/// What says that it is output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Announced {
    /// Words, a comment or a label.
    #[default]
    InWords,
    /// Nothing but that it stands right below the code.
    ByPlace,
}

/// How exactly shown output is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    #[default]
    Exact,
    /// Any run of blanks and line ends is as good as another.
    IgnoringBlanks,
    /// As JSON values, where both are.
    Json,
}

/// A place in a document: the line, and bytes of code in front of it on that line, as `ast` counts `col_offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub line: Line,
    pub column: u32,
}

/// What is looked at when the statement runs that begins at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Watch {
    pub at: Place,
    pub look: Look,
}

/// A look at a statement. All names are of the module's own scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Look {
    /// The value of an expression, or the one that is assigned.
    Value,
    /// How many bytes that value takes, alone and with its items.
    Size,
    /// Behind it: what a name stands for, or an attribute of that.
    State { name: String, attribute: Option<String> },
    /// Behind it: how many references there are to what a name stands for.
    References { name: String },
    /// How many references are left to what a name stood for that it deletes.
    Leftovers { name: String },
    /// The names of the operations that it is compiled to.
    Operations,
    /// Behind it: what this code raises, which stands there as a comment, in a copy of the process.
    Attempt { line: Line, code: String },
    /// What it prints in a copy of the process, after an exception has ended the snippet.
    Output,
}

/// The code of one `>>>` prompt and of the `...` prompts below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    pub line: Line,
    pub code: String,
}
