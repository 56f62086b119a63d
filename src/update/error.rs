//! Why a document is left as it is.

use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line};
use crate::safe_fs::SafeFsError;

#[derive(Debug, thiserror::Error)]
pub(super) enum UpdateError {
    #[error("changed since its snippets ran")]
    Changed,
    #[error("leads outside of the project")]
    Outside,
    #[error("its name is not UTF-8")]
    Name,
    #[error("cannot read the document: {0}")]
    Read(SafeFsError),
    #[error("cannot write the document: {0}")]
    Write(SafeFsError),
    #[error("two corrections of this line contradict each other")]
    Overlap { line: Line },
    #[error("the correction of this line does not stay within one code block")]
    NoBlock { line: Line },
    #[error("a line that is not written as it reads cannot be corrected")]
    Written { line: Line },
    #[error("the correction of this line has a line break within a line")]
    LineBreak { line: Line },
    #[error("what came out has a character that no reader sees: U+{:04X}", u32::from(*found))]
    Unseen { line: Line, found: char },
    #[error("what came out would end or change the block that shows it")]
    Structure { line: Line },
    /// What would be written could not be read as a document.
    #[error("what came out cannot stand in a document: {}", .0.message)]
    Unreadable(Problem),
}

impl UpdateError {
    pub(super) fn problem(&self, path: &DocumentPath) -> Problem {
        Problem {
            path: path.0.clone(),
            line: self.line(),
            message: self.to_string(),
            hint: Some(self.hint().to_owned()),
        }
    }

    fn line(&self) -> Option<Line> {
        match self {
            Self::Overlap { line }
            | Self::NoBlock { line }
            | Self::Written { line }
            | Self::LineBreak { line }
            | Self::Unseen { line, .. }
            | Self::Structure { line } => Some(*line),
            Self::Changed
            | Self::Outside
            | Self::Name
            | Self::Read(_)
            | Self::Write(_)
            | Self::Unreadable(_) => None,
        }
    }

    /// The line of the one correction that is to blame.
    pub(super) fn correction(&self) -> Option<Line> {
        match self {
            Self::NoBlock { line }
            | Self::Written { line }
            | Self::LineBreak { line }
            | Self::Unseen { line, .. }
            | Self::Structure { line } => Some(*line),
            Self::Overlap { .. }
            | Self::Changed
            | Self::Outside
            | Self::Name
            | Self::Read(_)
            | Self::Write(_)
            | Self::Unreadable(_) => None,
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::Changed => "nothing was written; `snipcheck update` again reads it anew",
            Self::Outside => "name the file that it leads to",
            Self::Name | Self::Read(_) | Self::Write(_) => "nothing was changed",
            Self::Written { .. } => {
                "this was left as it is; it shares a tab with its list or quote, or more than its text stands there"
            }
            Self::Structure { .. } => "this was left as it is; a longer fence, or a raw docstring, may help",
            Self::Unseen { .. } => "this was left as it is; `print(ascii(text))` shows such characters",
            Self::NoBlock { .. } | Self::LineBreak { .. } => "this was left as it is; correct it by hand",
            Self::Overlap { .. } | Self::Unreadable(_) => {
                "the document was left as it is; correct it by hand"
            }
        }
    }
}
