//! A text that a document shows as output, whose output it is, and how it is to be compared.

use std::ops::RangeInclusive;

use crate::expect::shown::comparison::Exactness;
use crate::expect::shown::correction::ShownForm;
use crate::model::snippet::{Announced, Comparison, Detail, Line, Place, ShownOutput, Snippet};

/// One text that is shown as output.
#[derive(Debug)]
pub(super) struct ShownText {
    pub(super) line: Line,
    pub(super) text: String,
    /// The text as Python reads it, where that is something else.
    pub(super) unescaped: Option<String>,
    pub(super) exactness: Exactness,
    /// Whether the message of a shown exception matters.
    pub(super) detail: Detail,
    pub(super) owner: OutputOwner,
    pub(super) form: ShownForm,
    /// A comment above the text speaks of it, perhaps of code that is not there.
    pub(super) is_introduced: bool,
}

/// Whose output it is.
#[derive(Debug)]
pub(super) enum OutputOwner {
    Snippet,
    /// The snippet, if the text is output at all.
    Perhaps,
    Statement(ShownStatement),
    /// The statement above, all lines after the previous section, or the whole snippet.
    Section {
        statement: ShownStatement,
        lines: RangeInclusive<Line>,
        is_last: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ShownStatement {
    pub(super) first: Line,
    pub(super) last: Line,
    pub(super) place: Place,
    pub(super) kind: ShownStatementKind,
    /// Code around the statement may decide whether it runs.
    pub(super) is_nested: bool,
    /// The last line of the `try` that has to fail for the statement to run.
    pub(super) rescues: Option<Line>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ShownStatementKind {
    /// A call of `print`, which gives nothing.
    Print,
    Expression,
    Other,
}

impl ShownText {
    /// A text outside of the code, or at the end of the block that holds the code.
    pub(super) fn beside(shown: &ShownOutput, snippet: &Snippet) -> Self {
        let is_rest = shown.location.end == snippet.location.end;
        Self {
            line: shown.location.code,
            text: shown.text.clone(),
            unescaped: None,
            exactness: match shown.comparison {
                Comparison::Exact => Exactness::Exact,
                Comparison::IgnoringBlanks => Exactness::IgnoringBlanks,
                Comparison::Json => Exactness::Json,
            },
            detail: shown.detail,
            owner: match shown.announced {
                Announced::InWords => OutputOwner::Snippet,
                Announced::ByPlace => OutputOwner::Perhaps,
            },
            form: if is_rest { ShownForm::Rest } else { ShownForm::Block },
            is_introduced: false,
        }
    }
}
