//! What a document says about its own code, and whether it is true.

use serde::Serialize;

use crate::snippet::Line;

/// One promise of a document, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Where the document says it.
    pub line: Line,
    /// In the document's words, without comment signs and prompts.
    pub text: String,
    pub kind: ClaimKind,
    pub verdict: ClaimVerdict,
    /// What happened, in the form in which the document says it; absent where nothing happened.
    pub actual: Option<String>,
    /// Whether the accepted snapshot records that the claim is false, so that it fails nothing.
    pub accepted: bool,
    /// How the document would have to read for the claim to hold; absent where the claim holds, or where no such text can be
    /// written.
    pub correction: Option<Correction>,
    /// Why the result may be another one the next time, going by what the document says; other runs decide.
    pub doubt: Option<Doubt>,
}

/// A reason to look at other runs before a claim is called unstable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub reason: DoubtReason,
    /// The part of the claim's text that states a result.
    pub stated: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoubtReason {
    /// Nothing but that the claim is false.
    False,
    /// The code names chance, identity or a clock: the result has to differ from run to run.
    Code,
    /// The document says that the result may differ, which it may do on another machine only.
    Words,
}

impl Claim {
    /// How a traceback begins.
    pub const TRACEBACK: &str = "Traceback (most recent call last):\n";

    /// The line in which the claim says something, and what it says there.
    pub fn said(&self) -> (Line, &str) {
        let (above, said) = telling(&self.text);
        (Line(self.line.0.saturating_add(u32::try_from(above).unwrap_or(u32::MAX))), said)
    }

    /// What happened, without a stack.
    pub fn truth(&self) -> Option<&str> {
        self.actual.as_deref().map(|actual| telling(actual).1)
    }

    /// Whether it is false, and nobody has accepted that.
    pub fn is_false(&self) -> bool {
        self.verdict == ClaimVerdict::Broken && !self.accepted
    }

    /// The claim as it would be judged after its correction.
    #[must_use]
    pub fn corrected(&self) -> Self {
        let verdict = if self.correction.is_some() { ClaimVerdict::Holds } else { self.verdict };
        Self { verdict, ..self.clone() }
    }
}

/// Of a traceback only the exception says something: its line, and how many are above it. Notes may be below it.
fn telling(text: &str) -> (usize, &str) {
    let text = text.strip_suffix('\n').unwrap_or(text);
    if !text.starts_with(Claim::TRACEBACK) {
        return (0, text);
    }
    let mut below = text.lines().enumerate().skip(1);
    below.find(|(_, line)| !line.starts_with([' ', '\t']) && !line.is_empty()).unwrap_or((0, text))
}

/// The form in which a document says what it expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimKind {
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
    /// Prose, which is never wrong.
    Remark,
}

/// Whether a claim is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimVerdict {
    Holds,
    Broken,
    /// What the claim is about differs from one run to the next.
    Unstable,
    /// The line of the claim never ran.
    NotReached,
    Remark,
}

/// New lines for a code block: `first..first + count` of the document become `lines`.
///
/// Lines are those of the block's content, without the indentation and the quote signs of its container, which stay. A
/// count of 0 inserts before `first`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub first: Line,
    pub count: u32,
    pub lines: Vec<String>,
}
