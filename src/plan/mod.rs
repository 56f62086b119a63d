//! Which snippets run, and which of them share a session.

use crate::snippet::{DocumentPath, Snippet};

/// Snippets that share a namespace, a sandbox and a clock, and trust each other.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) path: DocumentPath,
    pub(crate) snippets: Vec<Snippet>,
}
