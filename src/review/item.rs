//! Something that waits for a decision, and what can be decided.

use std::sync::Arc;

use crate::expect::PendingContents;
use crate::model::claim::Correction;
use crate::model::snippet::{DocumentPath, Line, SnippetId};

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// `None` for a block that is no snippet.
    pub(crate) id: Option<SnippetId>,
    pub(crate) path: DocumentPath,
    /// The line that it is about, in the document as it was read.
    pub(crate) line: Line,
    /// The document as it was read.
    pub(crate) source: Arc<str>,
    pub(crate) subject: Subject,
    pub(crate) decision: Option<Decision>,
}

#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// An output waits to become the snapshot.
    Snapshot(Box<PendingContents>),
    /// The document says something that is false.
    Claim {
        said: String,
        actual: String,
        /// `None` where the true words cannot be written for the author.
        correction: Option<Correction>,
    },
    /// A block that looks like code and does not run.
    Fence { reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Accepted,
    Corrected,
    Rejected,
    Skipped,
}

impl Decision {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Corrected => "corrected",
            Self::Rejected => "rejected",
            Self::Skipped => "skipped",
        }
    }
}

impl Item {
    /// Whether nobody has decided about it, or only put it off.
    pub(super) fn waits(&self) -> bool {
        matches!(self.decision, None | Some(Decision::Skipped))
    }

    /// Why a decision makes no sense here; `None` where it does.
    pub(super) fn refusal(&self, decision: Decision) -> Option<&'static str> {
        match (&self.subject, decision) {
            (_, Decision::Skipped)
            | (Subject::Snapshot(_), Decision::Accepted | Decision::Rejected)
            | (Subject::Claim { correction: Some(_), .. }, Decision::Corrected)
            | (Subject::Claim { .. }, Decision::Rejected) => None,
            (Subject::Snapshot(_), Decision::Corrected) => {
                Some("the document says nothing false here: `a` accepts the output, `e` edits the document")
            }
            (Subject::Claim { correction: Some(_), .. }, Decision::Accepted) => {
                Some("no snapshot waits here: `c` writes what came out into the document")
            }
            (Subject::Claim { correction: None, .. }, Decision::Accepted | Decision::Corrected) => {
                Some("no text can be written that would be true: `e` edits the document")
            }
            (Subject::Fence { .. }, Decision::Accepted | Decision::Corrected | Decision::Rejected) => {
                Some("a block that does not run has no output: `e` edits the document")
            }
        }
    }

    /// What the question is about, in a few words.
    pub(super) fn kind(&self) -> &'static str {
        match &self.subject {
            Subject::Snapshot(contents) if contents.accepted.is_none() => "new output",
            Subject::Snapshot(_) => "changed output",
            Subject::Claim { .. } => "the document says otherwise",
            Subject::Fence { .. } => "suspicious block",
        }
    }
}
