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

impl Part<'_> {
    /// The part of a text whose first line has so many lines above it in its document.
    pub(crate) fn below(mut self, above: u32) -> Self {
        let down = |line: &mut Line| line.0 = line.0.saturating_add(above);
        match &mut self {
            Self::Heading { .. } | Self::Docstring(_) => {}
            Self::Block(Block { location, .. }) => {
                [&mut location.start, &mut location.code, &mut location.end].into_iter().for_each(down);
            }
            Self::Comment(comment) => down(&mut comment.line),
        }
        self
    }

    pub(crate) fn into_owned(self) -> Part<'static> {
        match self {
            Self::Heading { level, text } => Part::Heading { level, text },
            Self::Docstring(name) => Part::Docstring(name),
            Self::Block(block) => {
                let info = Cow::Owned(block.info.into_owned());
                let Block { kind, content, location, closing, origin, .. } = block;
                Part::Block(Block { kind, info, content, location, closing, origin })
            }
            Self::Comment(comment) => Part::Comment(comment),
        }
    }
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
    pub(crate) language: Option<Cow<'static, str>>,
    /// The language in which the document's tool shows blocks without one.
    pub(crate) highlight: Option<String>,
    pub(crate) namespace: Namespace,
    /// What option lines before the code, or a directive around it, say about it: key and value.
    pub(crate) options: Vec<(String, String)>,
    /// Where the options stand, for messages.
    pub(crate) place: OptionPlace,
    pub(crate) standing: Standing,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum OptionPlace {
    #[default]
    Directive,
    Module,
}

/// Whether a block stands where its format sees code.
#[derive(Clone, Debug, Default)]
pub(crate) enum Standing {
    #[default]
    Regular,
    /// Why readers do not see it as code, or why it does not run.
    Misplaced(String),
    /// An indented block in which a fence would be text, if it has one: why.
    FenceIsText(&'static str),
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
