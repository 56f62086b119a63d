//! Which snippets run together, and which do not run at all.

use std::sync::Arc;

use crate::document::CodeBlock;
use crate::model::snippet::{DocumentPath, Snippet, TitledFile};

/// Snippets that share a namespace, a sandbox and a clock, and trust each other.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) path: DocumentPath,
    /// In document order; the last one is judged.
    pub(crate) snippets: Vec<PlannedSnippet>,
    /// The files that the document shows under their names, in its order.
    pub(crate) files: Arc<[TitledFile]>,
}

impl Session {
    /// Whether its code has one of these words in it.
    pub(crate) fn has_any(&self, words: &[&str]) -> bool {
        let mut codes = self.snippets.iter().map(|planned| planned.snippet.code.as_str());
        codes.any(|code| words.iter().any(|word| code.contains(word)))
    }
}

/// A snippet, and why it runs.
#[derive(Clone, Debug)]
pub(crate) struct PlannedSnippet {
    pub(crate) snippet: Snippet,
    pub(crate) purpose: Purpose,
    /// How many of the document's files are there when it starts: its own, and those before it.
    pub(crate) files: usize,
    /// The package that its own file belongs to, if the snippet is one.
    pub(crate) package: Option<String>,
}

/// Why a snippet runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be judged.
    Judged,
    /// A judged snippet may build on this one; how this one ended is not reported.
    Context,
}

/// A Python block whose disposition says why it stays as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unrun<'documents> {
    pub(crate) path: &'documents DocumentPath,
    pub(crate) fence: &'documents CodeBlock,
}
