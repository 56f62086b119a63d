//! From files to code blocks: every code block of a document is accounted for.
//!
//! Parsing cannot fail: what is wrong with a document is a located problem beside its blocks.

mod above;
mod block;
mod code_block;
mod docstrings;
mod files;
#[cfg(test)]
mod format_proptests;
#[cfg(test)]
mod format_tests;
mod markdown;
mod options;
mod output;
mod parse;
mod part;
#[cfg(test)]
mod proptests;
mod restructured;
mod sphinx;
#[cfg(test)]
mod test_data;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

pub use crate::document::code_block::{CodeBlock, CodeBlockKind, Disposition, Document, FileTitle};
pub use crate::document::files::{Discovery, DocumentFile, Exclusion, NamedBy, Places, discover};
pub(crate) use crate::document::files::{LONGEST, present, text as text_of, unignored};
use crate::document::markdown::Sites;
pub use crate::document::options::Options;
use crate::document::parse::{Context, parse_text};
use crate::document::sphinx::SphinxProjects;
use crate::model::snippet::DocumentPath;

/// Reads and parses the files, in their order.
pub fn load(files: &[DocumentFile], options: &Options) -> Vec<Document> {
    let (mut sites, mut projects) = (Sites::new(&options.root), SphinxProjects::new(&options.root));
    let above =
        |file: &DocumentFile| (sites.dialect(options.markdown, &file.file), projects.settings(&file.file));
    let above: Vec<_> = files.iter().map(above).collect();
    let files: Vec<_> = files.iter().zip(above).collect();
    let mut documents = side_by_side(&files, |(file, (markdown, sphinx))| {
        let contents = files::contents(&file.file, &file.path);
        let packages = docstrings::packages(&file.file, &file.path);
        let sphinx = sphinx.as_deref();
        let context = Context { markdown: *markdown, packages, path: &file.path, options, sphinx };
        let mut document = parse_text(&contents.text, &context);
        document.problems.splice(0..0, contents.problem);
        document
    });

    // Documents with the same settings have the same to say.
    let mut said = BTreeSet::new();
    for document in &mut documents {
        document.notes.retain(|note| said.insert(note.clone()));
    }
    documents
}

/// Threads, unless the caller may not have any: those that rayon makes by itself would end the program then.
static THREADS: LazyLock<Option<ThreadPool>> = LazyLock::new(|| ThreadPoolBuilder::new().build().ok());

/// What comes of each, in their order.
pub(crate) fn side_by_side<Item: Sync, Product: Send>(
    items: &[Item],
    each: impl Fn(&Item) -> Product + Send + Sync,
) -> Vec<Product> {
    match &*THREADS {
        Some(threads) => threads.install(|| items.par_iter().map(&each).collect()),
        None => items.iter().map(each).collect(),
    }
}

/// Parses a text as if it were the file's.
pub(crate) fn parse_for(file: &DocumentFile, text: &str, options: &Options) -> Document {
    let markdown = Sites::new(&options.root).dialect(options.markdown, &file.file);
    let packages = docstrings::packages(&file.file, &file.path);
    let sphinx = SphinxProjects::new(&options.root).settings(&file.file);
    let context = Context { markdown, packages, path: &file.path, options, sphinx: sphinx.as_deref() };
    parse_text(text, &context)
}

/// Splits a text into its code blocks, in the language that its name and its contents tell.
pub fn parse(path: &DocumentPath, source: &str, options: &Options) -> Document {
    let context = Context { markdown: options.markdown, packages: 0, path, options, sphinx: None };
    parse_text(source, &context)
}
