//! A document and its code blocks, each accounted for by a disposition.

use std::sync::Arc;

use crate::directive::Directives;
use crate::model::fingerprint::fingerprint;
use crate::model::problem::Problem;
use crate::model::snippet::{
    DocumentPath, Form, Location, Namespace, ShownOutput, Snippet, SnippetId, TitledFile,
};

#[derive(Clone, Debug)]
pub struct Document {
    pub path: DocumentPath,
    /// Its text as lines count in it, without byte order mark. Empty where there is nothing to point at.
    pub source: Arc<str>,
    /// Every code block, in document order.
    pub blocks: Vec<CodeBlock>,
    pub problems: Vec<Problem>,
    /// Sentences about what was read beside it or could not be, which are no problems.
    pub notes: Vec<String>,
}

/// A code block of any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBlock {
    pub id: SnippetId,
    /// File name of the snapshot without its ending; meaningful for Python blocks.
    pub snapshot: String,
    pub location: Location,
    pub kind: CodeBlockKind,
    /// As written, trimmed, escapes not resolved.
    pub info: String,
    /// Normalised: `python`, `pycon`, or the first word in lower case; empty without a label.
    pub language: String,
    /// As CommonMark gives it: container indentation removed, `\n` line ends.
    pub content: String,
    pub disposition: Disposition,
    pub form: Form,
    pub namespace: Namespace,
    /// What the document shows as its output.
    pub shown: Vec<ShownOutput>,
    pub directives: Directives,
    /// What the block's title says of a file.
    pub file: Option<FileTitle>,
    /// Counts the headings of level 1 and 2 above it.
    pub section: u32,
    /// Counts the places above it that clear the namespace.
    pub era: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeBlockKind {
    Fenced,
    Indented,
    /// In a comment.
    Hidden,
}

/// The title of a block that looks like the name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileTitle {
    /// Relative to the document's folder, in plain parts: a file for the snippets below.
    File(String),
    /// Why it is none, for people.
    Label(String),
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

impl Disposition {
    /// Why, for every disposition but `Run`.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Run => None,
            Self::Skip(reason)
            | Self::Other(reason)
            | Self::NotRunnable(reason)
            | Self::Suspicious(reason) => Some(reason),
        }
    }
}

/// Whether a normalised language is Python, console sessions included.
pub(crate) fn is_python(language: &str) -> bool {
    matches!(language, "python" | "pycon")
}

impl CodeBlock {
    /// By its label, or by its prompts whatever its label.
    pub fn is_python(&self) -> bool {
        is_python(&self.language) || self.form == Form::Console
    }

    /// Of the content, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        fingerprint(&self.content)
    }

    /// What the block itself shows as output is no part of its code.
    fn code(&self) -> String {
        let within = self.shown.iter().find(|shown| shown.location.end == self.location.end);
        let lines = within
            .map_or(usize::MAX, |shown| shown.location.start.0.saturating_sub(self.location.code.0) as usize);
        self.content.split_inclusive('\n').take(lines).collect()
    }

    /// The file that the block is for those that follow.
    pub fn titled(&self) -> Option<TitledFile> {
        match &self.file {
            Some(FileTitle::File(name)) => Some(TitledFile { name: name.clone(), text: self.code() }),
            Some(FileTitle::Label(_)) | None => None,
        }
    }

    pub fn snippet(&self, path: &DocumentPath) -> Snippet {
        Snippet {
            id: self.id.clone(),
            path: path.clone(),
            snapshot: self.snapshot.clone(),
            location: self.location,
            code: self.code(),
            form: self.form,
            namespace: self.namespace.clone(),
            shown: self.shown.clone(),
            directives: self.directives.clone(),
            section: self.section,
        }
    }
}
