//! From the text of a document to its code blocks, in whichever language it is written.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use crate::document::block::{Classifier, Prompts, Reading, title};
use crate::document::code_block::{CodeBlock, Document};
use crate::document::files::Format;
use crate::document::markdown::{self, BelowTags, FrontMatter, Parts, Source};
use crate::document::options::Options;
use crate::document::part::Part;
use crate::document::restructured::{Dialect, Scanner};
use crate::document::sphinx::SphinxSettings;
use crate::document::{docstrings, output, text};
use crate::model::markdown::Markdown;
use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;

/// Each block takes a hundred times the memory of its six characters.
const MOST_BLOCKS: usize = 20_000;

/// What is known of a document beside its text.
pub(crate) struct Context<'a> {
    pub(crate) path: &'a DocumentPath,
    pub(crate) options: &'a Options,
    pub(crate) markdown: Markdown,
    /// How many of the folders above it are packages.
    pub(crate) packages: usize,
    pub(crate) sphinx: Option<&'a SphinxSettings>,
}

impl<'a> Context<'a> {
    fn reading(&self, prompts: Prompts) -> Reading<'a> {
        Reading { options: self.options, sphinx: self.sphinx, all_hidden: false, prompts }
    }
}

pub(crate) fn parse_text(source: &str, context: &Context<'_>) -> Document {
    let mut document = of_format(source, context);
    document.notes.extend(context.sphinx.into_iter().flat_map(|sphinx| sphinx.notes.iter().cloned()));
    document
}

fn of_format(source: &str, context: &Context<'_>) -> Document {
    let text = text::settled(source);
    match Format::of(context.path, &text) {
        Format::Markdown => with_objection(markdown(&text, context)),
        Format::Restructured => {
            let highlight = context.sphinx.and_then(|sphinx| sphinx.highlight.as_deref());
            plain(&text, Scanner::new(&text, Dialect::Restructured).showing(highlight), context)
        }
        Format::Notebook => unread(context),
        Format::Text => plain(&text, Scanner::new(&text, Dialect::Plain), context),
        Format::Python => {
            let module = docstrings::module(context.path, context.packages);
            let contents = docstrings::contents(&text, &module);
            let mut document = plain(&text, contents.parts.into_iter(), context);
            document.problems.extend(contents.too_deep.map(|line| Problem {
                path: context.path.0.clone(),
                line: Some(line),
                message: "this statement nests too deep".to_owned(),
                hint: Some("split it; the docstrings of the module have not been read".to_owned()),
            }));
            let path = context.path;
            document
                .notes
                .extend(contents.unread.iter().map(|(line, what)| format!("{path}:{line}: {what}")));
            document
        }
    }
}

/// With a problem where nothing was found because the language of the document is not read.
fn with_objection(mut document: Document) -> Document {
    if let Some(language) = Format::unread(&document.path)
        && !document.blocks.iter().any(CodeBlock::is_python)
    {
        document.problems.push(Problem {
            path: document.path.0.clone(),
            line: None,
            message: format!("{language}, which is not read"),
            hint: Some("Markdown, reStructuredText, text with prompts and Python modules are".to_owned()),
        });
    }
    document
}

/// A notebook that somebody has named: its cells stand in JSON.
fn unread(context: &Context<'_>) -> Document {
    let path = context.path.clone();
    let message = "a notebook, which is not read".to_owned();
    let hint =
        "convert it: `jupytext --to md` and `jupyter nbconvert --to markdown` write Markdown".to_owned();
    let problems = vec![Problem { path: path.0.clone(), line: None, message, hint: Some(hint) }];
    Document { path, source: Arc::default(), blocks: Vec::new(), problems, notes: Vec::new() }
}

fn markdown(text: &str, context: &Context<'_>) -> Document {
    let path = context.path.clone();
    if let Some(depth) = text::excessive_depth(text) {
        let message = format!("lists and quotes nest {depth} deep in a document of this length");
        let hint = "split the document; it has not been read".to_owned();
        let problems = vec![Problem { path: path.0.clone(), line: None, message, hint: Some(hint) }];
        return Document { path, source: Arc::default(), blocks: Vec::new(), problems, notes: Vec::new() };
    }

    let mut parsed = text::with_plain_fences(text);
    if let Some(fences) = markdown::with_code_fences(&parsed) {
        parsed = Cow::Owned(fences);
    }
    match context.markdown {
        Markdown::Auto | Markdown::CommonMark => {}
        Markdown::MkDocs => parsed = markdown::with_items(&parsed).map_or(parsed, Cow::Owned),
    }

    let front_matter = FrontMatter::read(text, &path);
    let start = front_matter.end;

    let mut hidden = Vec::new();
    if let Some(opened) = markdown::opened(&parsed, start, below_tags(context)) {
        (parsed, hidden) = (Cow::Owned(opened.text), opened.hidden);
    }

    let source = Source { text, parsed: &parsed, start, dialect: context.markdown, hidden: &hidden };
    let parts = Parts::new(source);
    let all_hidden = markdown::hides_fences(text);
    let reading = Reading { all_hidden, ..context.reading(Prompts::Readers) };
    collected(text, parts, Classifier::new(path, reading, front_matter))
}

fn below_tags(context: &Context<'_>) -> BelowTags {
    let ending = Path::new(context.path.as_str()).extension();
    if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("mdx")) {
        return BelowTags::Markdown;
    }
    match context.markdown {
        Markdown::MkDocs => BelowTags::MarkdownIfAsked,
        Markdown::Auto | Markdown::CommonMark => BelowTags::Text,
    }
}

/// A text without front matter.
fn plain<'a>(text: &str, parts: impl Iterator<Item = Part<'a>>, context: &Context<'_>) -> Document {
    let reading = context.reading(Prompts::Doctest);
    let classifier = Classifier::new(context.path.clone(), reading, FrontMatter::default());
    collected(text, parts, classifier)
}

fn collected<'a>(
    text: &str,
    parts: impl Iterator<Item = Part<'a>>,
    mut classifier: Classifier<'_>,
) -> Document {
    for part in parts {
        if let (Part::Block(_) | Part::Comment(_), Some(last)) = (&part, classifier.done.get(MOST_BLOCKS - 1))
        {
            let message = format!("more than {MOST_BLOCKS} code blocks");
            let hint = "split the document; the rest of it has not been read".to_owned();
            let (path, line) = (classifier.path.0.clone(), Some(last.location.end));
            classifier.problems.push(Problem { path, line, message, hint: Some(hint) });
            break;
        }
        classifier.take(part);
    }

    let python = classifier.options.python;
    let Classifier { path, done: mut blocks, mut problems, .. } = classifier;
    title::attach(text, &mut blocks);
    title::settle(&path, &mut blocks, &mut problems);
    output::attach(text, &mut blocks, python);
    let pointless = problems.is_empty() && !blocks.iter().any(CodeBlock::is_python);
    let source = if pointless { Arc::default() } else { Arc::from(text) };
    Document { path, source, blocks, problems, notes: Vec::new() }
}
