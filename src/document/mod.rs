//! From files to code blocks: every code block of a document is accounted for.
//!
//! Parsing cannot fail: what is wrong with a document is a located problem beside its blocks.

mod block;
mod code_block;
mod docstrings;
mod files;
mod fingerprint;
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
#[cfg(test)]
mod tests;
mod text;

use std::sync::LazyLock;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

pub use crate::document::code_block::{CodeBlock, CodeBlockKind, Disposition, Document};
pub use crate::document::files::{Discovery, DocumentFile, NamedBy, Places, discover};
pub(crate) use crate::document::files::{LONGEST, text as text_of};
use crate::document::markdown::Sites;
pub use crate::document::options::Options;
use crate::document::parse::{Context, parse_text};
use crate::model::markdown::Markdown;
use crate::model::snippet::DocumentPath;

/// Reads and parses the files, in their order.
pub fn load(files: &[DocumentFile], options: &Options) -> Vec<Document> {
    let mut sites = Sites::new(&options.root);
    let dialects: Vec<Markdown> =
        files.iter().map(|file| sites.dialect(options.markdown, &file.file)).collect();
    let files: Vec<_> = files.iter().zip(dialects).collect();
    side_by_side(&files, |(file, markdown)| {
        let contents = files::contents(&file.file, &file.path);
        let packages = docstrings::packages(&file.file, &file.path);
        let context = Context { markdown: *markdown, packages, path: &file.path, options };
        let mut document = parse_text(&contents.text, &context);
        document.problems.splice(0..0, contents.problem);
        document
    })
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
    parse_text(text, &Context { markdown, packages, path: &file.path, options })
}

/// Splits a text into its code blocks, in the language that its name and its contents tell.
pub fn parse(path: &DocumentPath, source: &str, options: &Options) -> Document {
    parse_text(source, &Context { markdown: options.markdown, packages: 0, path, options })
}
