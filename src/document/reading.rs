//! From the text of a document to its fences, in whichever language it is written.

use std::borrow::Cow;
use std::sync::Arc;

use crate::document::fence::Classifier;
use crate::document::format::Format;
use crate::document::front_matter::FrontMatter;
use crate::document::markdown::{Part, Parts};
use crate::document::restructured::{Dialect, Scanner};
use crate::document::{CodeBlock, Document, Markdown, Options, comment, docstrings, mkdocs, shown, text};
use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;

/// Each block takes a hundred times the memory of its six characters.
const MOST_BLOCKS: usize = 20_000;

/// What is known of a document beside its text.
pub(super) struct Reading<'a> {
    pub(super) path: &'a DocumentPath,
    pub(super) options: &'a Options,
    pub(super) markdown: Markdown,
    /// How many of the folders above it are packages.
    pub(super) packages: usize,
}

pub(super) fn document(source: &str, reading: &Reading<'_>) -> Document {
    let text = text::settled(source);
    match Format::of(reading.path, &text) {
        Format::Markdown => markdown(&text, reading),
        Format::Restructured => plain(&text, Scanner::new(&text, Dialect::Restructured), reading),
        Format::Text => plain(&text, Scanner::new(&text, Dialect::Plain), reading),
        Format::Python => {
            let module = docstrings::module(reading.path, reading.packages);
            let contents = docstrings::contents(&text, &module);
            let mut document = plain(&text, contents.parts.into_iter(), reading);
            document.problems.extend(contents.too_deep.map(|line| Problem {
                path: reading.path.0.clone(),
                line: Some(line),
                message: "this statement nests too deep".to_owned(),
                hint: Some("split it; the docstrings of the module have not been read".to_owned()),
            }));
            document
        }
    }
}

fn markdown(text: &str, reading: &Reading<'_>) -> Document {
    let path = reading.path.clone();
    if let Some(depth) = text::excessive_depth(text) {
        let message = format!("lists and quotes nest {depth} deep in a document of this length");
        let hint = "split the document; it has not been read".to_owned();
        let problems = vec![Problem { path: path.0.clone(), line: None, message, hint: Some(hint) }];
        return Document { path, source: Arc::default(), fences: Vec::new(), problems };
    }
    let mut parsed = text::with_plain_fences(text);
    if let Some(fences) = mkdocs::with_code_fences(&parsed) {
        parsed = Cow::Owned(fences);
    }
    match reading.markdown {
        Markdown::Auto | Markdown::CommonMark => {}
        Markdown::MkDocs => parsed = mkdocs::with_items(&parsed).map_or(parsed, Cow::Owned),
    }
    let front_matter = FrontMatter::read(text, &path);
    let parts = Parts::new(text, &parsed, front_matter.end);
    collected(text, parts, Classifier::new(path, reading.options, front_matter, comment::hides_fences(text)))
}

/// A text without front matter.
fn plain<'a>(text: &str, parts: impl Iterator<Item = Part<'a>>, reading: &Reading<'_>) -> Document {
    let fences = Classifier::new(reading.path.clone(), reading.options, FrontMatter::default(), false);
    collected(text, parts, fences)
}

fn collected<'a>(text: &str, parts: impl Iterator<Item = Part<'a>>, mut fences: Classifier<'_>) -> Document {
    for part in parts {
        if let (Part::Block(_) | Part::Comment(_), Some(last)) = (&part, fences.done.get(MOST_BLOCKS - 1)) {
            let message = format!("more than {MOST_BLOCKS} code blocks");
            let hint = "split the document; the rest of it has not been read".to_owned();
            let (path, line) = (fences.path.0.clone(), Some(last.location.end));
            fences.problems.push(Problem { path, line, message, hint: Some(hint) });
            break;
        }
        fences.take(part);
    }
    let Classifier { path, done: mut fences, problems, .. } = fences;
    shown::attach(text, &mut fences);
    let pointless = problems.is_empty() && !fences.iter().any(CodeBlock::is_python);
    let source = if pointless { Arc::default() } else { Arc::from(text) };
    Document { path, source, fences, problems }
}
