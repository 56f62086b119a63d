//! What a document says about its own code, and whether it is true.

use serde::Serialize;

use crate::snippet::Line;

/// One promise of a document, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Where the document says it.
    pub(crate) line: Line,
    /// In the document's words, without comment signs and prompts.
    pub(crate) text: String,
    pub(crate) kind: ClaimKind,
    pub(crate) verdict: ClaimVerdict,
    /// What happened, in the form in which the document says it; absent where nothing did.
    pub(crate) actual: Option<String>,
    /// Known to be false: whoever accepted the snapshot has seen it.
    pub(crate) accepted: bool,
    /// How the document would have to read for the claim to hold; absent where it holds or cannot be written.
    pub(crate) correction: Option<Correction>,
}

impl Claim {
    /// As it would be after its correction.
    pub(crate) fn corrected(&self) -> Self {
        let verdict = if self.correction.is_some() { ClaimVerdict::Holds } else { self.verdict };
        Self { verdict, ..self.clone() }
    }
}

/// The form in which a document says what it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClaimKind {
    /// A comment about what its statement prints.
    Output,
    /// A comment about the value of its expression.
    Value,
    /// A comment about the value that its statement assigns.
    Binding,
    /// A comment that names the exception of its statement.
    Exception,
    /// What a `>>>` prompt shows.
    Doctest,
    /// Output shown below the code: `#>` lines, a string, a comment block, a block of its own.
    Shown,
    /// A traceback shown below the code: the exception that ends the snippet.
    Traceback,
    /// Prose. Never wrong.
    Remark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClaimVerdict {
    Holds,
    Broken,
    /// It moved from one run to the next.
    Unstable,
    /// Its line never ran.
    NotReached,
    Remark,
}

/// New lines for a code block: `first..first + count` of the document become `lines`.
///
/// Lines are those of the block's content, without the indentation and the quote signs of its container, which stay. A
/// count of 0 inserts in front of `first`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Correction {
    pub(crate) first: Line,
    pub(crate) count: u32,
    pub(crate) lines: Vec<String>,
}
