//! From files to fences: every code block of a document is accounted for.
//!
//! Parsing cannot fail: what is wrong with a document is a located problem beside its fences.

mod comment;
mod console;
mod discover;
mod fault;
mod fence;
mod front_matter;
mod label;
mod markdown;
mod mkdocs;
mod name;
mod options;
#[cfg(test)]
mod properties;
mod read;
#[cfg(test)]
mod tests;
mod text;
mod walk;
mod wanted;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::directive::{Directives, Doubt, Python};
pub use crate::document::discover::{Discovery, DocumentFile, NamedBy, Places, discover};
use crate::document::fence::Fences;
use crate::document::front_matter::FrontMatter;
use crate::document::label::is_python;
use crate::document::markdown::{Part, Parts};
use crate::document::mkdocs::Sites;
pub(crate) use crate::document::read::{LONGEST, text as text_of};
use crate::problem::Problem;
use crate::snippet::{DocumentPath, Form, Location, Namespace, ShownOutput, Snippet, SnippetId};

/// Each block takes a hundred times the memory of its six characters.
const MOST_BLOCKS: usize = 20_000;

#[derive(Clone, Debug)]
pub struct Document {
    pub path: DocumentPath,
    /// Its text as lines count in it, without byte order mark. Empty where there is nothing to point at.
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
pub enum FenceKind {
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
    pub allowed: Vec<Doubt>,
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

/// Reads and parses the files, in their order.
pub fn load(files: &[DocumentFile], options: &Options) -> Vec<Document> {
    let mut sites = Sites::new(&options.root);
    let dialect = |file: &DocumentFile| match options.markdown {
        Markdown::Auto if sites.hold(&file.file) => Markdown::MkDocs,
        other => other,
    };
    let dialects: Vec<Markdown> = files.iter().map(dialect).collect();
    files
        .par_iter()
        .zip(dialects)
        .map(|(file, markdown)| {
            let contents = read::contents(&file.file, &file.path);
            let mut document = parse_as(markdown, &file.path, &contents.text, options);
            document.problems.splice(0..0, contents.problem);
            document
        })
        .collect()
}

/// Splits a Markdown text into its fences.
pub fn parse(path: &DocumentPath, source: &str, options: &Options) -> Document {
    parse_as(options.markdown, path, source, options)
}

fn parse_as(markdown: Markdown, path: &DocumentPath, source: &str, options: &Options) -> Document {
    let text = text::settled(source);
    if let Some(depth) = text::excessive_depth(&text) {
        let message = format!("lists and quotes nest {depth} deep in a document of this length");
        let hint = "split the document; it has not been read".to_owned();
        let problem = Problem { path: path.0.clone(), line: None, message, hint: Some(hint) };
        return Document {
            path: path.clone(),
            source: Arc::default(),
            fences: Vec::new(),
            problems: vec![problem],
        };
    }
    let mut parsed = text::with_plain_fences(&text);
    if let Some(fences) = mkdocs::with_code_fences(&parsed) {
        parsed = Cow::Owned(fences);
    }
    match markdown {
        Markdown::Auto | Markdown::CommonMark => {}
        Markdown::MkDocs => parsed = mkdocs::with_items(&parsed).map_or(parsed, Cow::Owned),
    }
    let front_matter = FrontMatter::read(&text, path);
    let start = front_matter.end;
    let mut fences = Fences::new(path.clone(), options, front_matter, comment::hides_fences(&text));
    for part in Parts::new(&text, &parsed, start) {
        if let (Part::Block(_) | Part::Comment(_), Some(last)) = (&part, fences.done.get(MOST_BLOCKS - 1)) {
            let message = format!("more than {MOST_BLOCKS} code blocks");
            let hint = "split the document; the rest of it has not been read".to_owned();
            let line = Some(last.location.end);
            fences.problems.push(Problem { path: path.0.clone(), line, message, hint: Some(hint) });
            break;
        }
        fences.take(part);
    }
    let Fences { done: fences, problems, .. } = fences;
    let pointless = problems.is_empty() && !fences.iter().any(Fence::is_python);
    let source = if pointless { Arc::default() } else { Arc::from(&*text) };
    Document { path: path.clone(), source, fences, problems }
}

/// SHA-256 in hexadecimal digits.
fn fingerprint(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        for half in [byte >> 4, byte & 15] {
            digits.extend(char::from_digit(half.into(), 16));
        }
    }
    digits
}

impl Fence {
    /// By its label, or by its prompts whatever its label.
    pub fn is_python(&self) -> bool {
        is_python(&self.language) || self.form == Form::Console
    }

    /// Of the content, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        fingerprint(self.content.as_bytes())
    }

    pub fn snippet(&self, path: &DocumentPath) -> Snippet {
        Snippet {
            id: self.id.clone(),
            path: path.clone(),
            snapshot: self.snapshot.clone(),
            location: self.location,
            code: self.content.clone(),
            form: self.form,
            namespace: self.namespace.clone(),
            shown: self.shown.clone(),
            directives: self.directives.clone(),
            section: self.section,
        }
    }
}
