//! What led to a verdict. How it is put into words is decided elsewhere.

use std::fmt;

use crate::outcome::{Cause, Ending};
use crate::snippet::Line;

/// One thing that led to a verdict.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
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
    /// The outcome is not accepted, because the document says something else.
    Contradicted,
    /// The code is valid in a newer Python than the one that ran it.
    NewerSyntax { needs: Minor, is: Minor },
    /// A line is a command of another program than Python.
    Command { line: Line, text: String, shell: Shell },
    /// Runs under the same conditions differ, as the variations beside the verdict say.
    UnequalRuns,
    /// What the runner noticed.
    Note(String),
}

/// A minor version of Python 3: `12` of 3.12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minor(pub u8);

impl fmt::Display for Minor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "3.{}", self.0)
    }
}

/// What reads a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// `!ls`, `%time f()`, `f?`.
    IPython,
    /// `$ ls`, `pip install x`.
    System,
}

impl Shell {
    /// The language of a code block with such commands.
    pub fn label(self) -> &'static str {
        match self {
            Self::IPython => "ipython",
            Self::System => "console",
        }
    }
}

/// How a snippet ended instead of raising what its document announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    Completed,
    Exited,
    /// The last line of the traceback.
    Raised {
        headline: String,
    },
}
