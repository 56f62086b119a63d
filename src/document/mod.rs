//! From files to code blocks: every code block of a document is accounted for.
//!
//! Parsing cannot fail: what is wrong with a document is a located problem beside its blocks.

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
#[cfg(test)]
mod tests;
mod text;

use rayon::prelude::*;

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
    files
        .par_iter()
        .zip(dialects)
        .map(|(file, markdown)| {
            let contents = files::contents(&file.file, &file.path);
            let packages = docstrings::packages(&file.file, &file.path);
            let mut document =
                parse_text(&contents.text, &Context { markdown, packages, path: &file.path, options });
            document.problems.splice(0..0, contents.problem);
            document
        })
        .collect()
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
