//! From files to fences: every code block of a document is accounted for.
//!
//! Parsing cannot fail: what is wrong with a document is a located problem beside its fences.

use std::sync::Arc;

use crate::directive::Directives;
use crate::problem::Problem;
use crate::snippet::{DocumentPath, Location, Snippet, SnippetId};

#[derive(Clone, Debug)]
pub struct Document {
    pub path: DocumentPath,
    pub source: Arc<str>,
    /// Every code block, in document order.
    pub fences: Vec<Fence>,
    pub problems: Vec<Problem>,
}

/// A code block of any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    pub id: SnippetId,
    /// File name of the snapshot without its ending; meaningful for Python blocks.
    pub snapshot: String,
    pub location: Location,
    pub kind: FenceKind,
    /// As written, trimmed, escapes not resolved.
    pub info: String,
    /// Normalised: `python`, `pycon`, or the first word in lower case; empty without a label.
    pub language: String,
    /// As CommonMark gives it: container indentation removed, `\n` line ends.
    pub content: String,
    pub disposition: Disposition,
    pub directives: Directives,
    /// Counts the headings of level 1 and 2 above it.
    pub section: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenceKind {
    Fenced,
    Indented,
}

/// What becomes of a code block; the text is the reason, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    Run,
    Skip(String),
    Other(String),
    NotRunnable(String),
    Suspicious(String),
}

impl Fence {
    pub fn is_python(&self) -> bool {
        matches!(self.language.as_str(), "python" | "pycon")
    }

    pub fn snippet(&self, path: &DocumentPath) -> Snippet {
        Snippet {
            id: self.id.clone(),
            path: path.clone(),
            snapshot: self.snapshot.clone(),
            location: self.location,
            code: self.content.clone(),
            directives: self.directives.clone(),
            section: self.section,
        }
    }
}
