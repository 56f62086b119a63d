//! What a reader of any format finds in a document: headings, code blocks, comments.

use std::borrow::Cow;

use pulldown_cmark::HeadingLevel;

use crate::document::code_block::CodeBlockKind;
use crate::model::snippet::{Line, Location, Namespace};

/// What identity and place of a snippet depend on.
pub(crate) enum Part<'a> {
    Heading {
        level: HeadingLevel,
        text: String,
    },
    /// What the docstring describes whose blocks are next.
    Docstring(String),
    Block(Block<'a>),
    Comment(Comment),
}

pub(crate) struct Block<'a> {
    pub(crate) kind: CodeBlockKind,
    /// As written, trimmed; empty for an indented block.
    pub(crate) info: Cow<'a, str>,
    pub(crate) content: String,
    pub(crate) location: Location,
    pub(crate) closing: Closing,
    pub(crate) origin: Origin,
}

/// What is known of a block that neither its info string nor its content says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) language: Option<&'static str>,
    pub(crate) namespace: Namespace,
    /// What option lines before the code, or a directive around it, say about it: key and value.
    pub(crate) options: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// By a fence, or an indented block by itself.
    Closed,
    /// Nothing closes the fence: the block ends with its container.
    Unclosed,
}

/// The text of a comment without the signs that make it one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) text: String,
    /// Where the comment begins.
    pub(crate) line: Line,
}
