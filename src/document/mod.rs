//! From files to fences: every code block of a document is accounted for.
//!
//! Parsing cannot fail: what is wrong with a document is a located problem beside its fences.

mod comment;
mod console;
mod discover;
mod docstrings;
mod examples;
mod fault;
mod fence;
mod fenced;
mod format;
#[cfg(test)]
mod format_properties;
#[cfg(test)]
mod format_tests;
mod front_matter;
mod indentation;
mod label;
mod markdown;
mod mkdocs;
mod name;
mod options;
#[cfg(test)]
mod properties;
mod read;
mod reading;
mod restructured;
mod shown;
#[cfg(test)]
mod tests;
mod text;
mod walk;
mod wanted;

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::directive::{Directives, Python, Suspicion};
pub use crate::document::discover::{Discovery, DocumentFile, NamedBy, Places, discover};
use crate::document::label::is_python;
use crate::document::mkdocs::Sites;
pub(crate) use crate::document::read::{LONGEST, text as text_of};
use crate::document::reading::{Reading, document};
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Form, Location, Namespace, ShownOutput, Snippet, SnippetId};

#[derive(Clone, Debug)]
pub struct Document {
    pub path: DocumentPath,
    /// Its text as lines count in it, without byte order mark. Empty where there is nothing to point at.
    pub source: Arc<str>,
    /// Every code block, in document order.
    pub fences: Vec<CodeBlock>,
    pub problems: Vec<Problem>,
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

/// What loading depends on, apart from the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// From the settings; front matter, comments and info strings are nearer.
    pub directives: Directives,
    /// The version that snippets run on; without it no condition can be decided.
    pub python: Option<Python>,
    /// Doubts that nobody wants to hear of: blocks are treated as if there was no cause for them.
    pub allowed: Vec<Suspicion>,
    pub markdown: Markdown,
    /// Where looking for the settings of a site ends.
    pub root: PathBuf,
}

/// Which containers a document can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Markdown {
    /// Those of `MkDocs` where its settings stand in the folder of a document or above.
    #[default]
    Auto,
    CommonMark,
    /// Admonitions and tabs as well.
    MkDocs,
}

impl Markdown {
    fn of(self, file: &DocumentFile, sites: &mut Sites<'_>) -> Self {
        match self {
            Self::Auto if sites.hold(&file.file) => Self::MkDocs,
            Self::Auto | Self::CommonMark | Self::MkDocs => self,
        }
    }
}

/// Reads and parses the files, in their order.
pub fn load(files: &[DocumentFile], options: &Options) -> Vec<Document> {
    let mut sites = Sites::new(&options.root);
    let dialects: Vec<Markdown> = files.iter().map(|file| options.markdown.of(file, &mut sites)).collect();
    files
        .par_iter()
        .zip(dialects)
        .map(|(file, markdown)| {
            let contents = read::contents(&file.file, &file.path);
            let packages = docstrings::packages(&file.file, &file.path);
            let mut document =
                document(&contents.text, &Reading { markdown, packages, path: &file.path, options });
            document.problems.splice(0..0, contents.problem);
            document
        })
        .collect()
}

/// Parses a text as if it were the file's.
pub(crate) fn parse_for(file: &DocumentFile, text: &str, options: &Options) -> Document {
    let markdown = options.markdown.of(file, &mut Sites::new(&options.root));
    let packages = docstrings::packages(&file.file, &file.path);
    document(text, &Reading { markdown, packages, path: &file.path, options })
}

/// Splits a text into its fences, in the language that its name and its contents tell.
pub fn parse(path: &DocumentPath, source: &str, options: &Options) -> Document {
    document(source, &Reading { markdown: options.markdown, packages: 0, path, options })
}

/// SHA-256 in hexadecimal digits.
fn fingerprint(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        digits.push(digit(byte >> 4));
        digits.push(digit(byte & 15));
    }
    digits
}

impl CodeBlock {
    /// By its label, or by its prompts whatever its label.
    pub fn is_python(&self) -> bool {
        is_python(&self.language) || self.form == Form::Console
    }

    /// Of the content, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        fingerprint(self.content.as_bytes())
    }

    /// What the block itself shows as output is no part of its code.
    pub fn snippet(&self, path: &DocumentPath) -> Snippet {
        let within = self.shown.iter().find(|shown| shown.location.end == self.location.end);
        let lines = within
            .map_or(usize::MAX, |shown| shown.location.start.0.saturating_sub(self.location.code.0) as usize);
        Snippet {
            id: self.id.clone(),
            path: path.clone(),
            snapshot: self.snapshot.clone(),
            location: self.location,
            code: self.content.split_inclusive('\n').take(lines).collect(),
            form: self.form,
            namespace: self.namespace.clone(),
            shown: self.shown.clone(),
            directives: self.directives.clone(),
            section: self.section,
        }
    }
}
