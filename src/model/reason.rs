//! What led to a verdict. How it is put into words is decided elsewhere.

use crate::model::outcome::{Cause, Ending};

/// One thing that led to a verdict.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reason {
    /// The block does not run: in the words of its document, or of the rule that leaves it out.
    LeftOut(String),
    /// The snippet never started, and nothing says why.
    NotRun,
    /// A module is not installed, and the document says that the snippet needs it.
    Requirement { module: String },
    /// The document announces an exception by `raises`, and the snippet ended in another way.
    OtherThanAnnounced { announced: String, instead: Instead },
    /// An exception that nothing announces ended the snippet. `None` where nothing is known of it.
    Raised { headline: Option<String> },
    /// A limit, a signal or the environment ended the snippet.
    EndedBy(Cause),
    /// The snippet ended in a way that is wrong, and nothing says why.
    Ended(Ending),
    /// The false claims beside the verdict that nobody has accepted.
    FalseClaims,
    /// There is no snapshot, and the settings want one.
    NeverAccepted,
    /// The output differs from the snapshot.
    Difference,
    /// The snapshot in this file cannot be read.
    UnreadableSnapshot { file: String },
    /// A redaction cannot be applied to the output of a snippet without a snapshot.
    Redaction { error: String },
    /// A redaction cannot be applied, so that output and snapshot cannot be compared.
    Incomparable { error: String },
    /// The snippet was renamed, and its snapshot still has this name.
    EarlierName { file: String },
    /// The exception could be accepted, but was not asked for.
    AcceptableError,
    /// The snippet ended in a way that nobody can accept.
    Unacceptable,
    /// Runs under the same conditions differ, as the variations beside the verdict say.
    UnequalRuns,
    /// What the runner noticed.
    Note(String),
}

/// How a snippet ended instead of raising what its document announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    Completed,
    Exited,
    /// The last line of the traceback.
    Raised {
        headline: String,
    },
}
