//! What a session and its init tell the supervisor.

use serde::{Deserialize, Serialize};

use crate::model::outcome::{Attempt, CauseKind, ExampleEnd, Exception, Survived, Value};
use crate::model::policy::Clock;
use crate::model::snippet::Line;
use crate::wire::process_end::ProcessEnd;
use crate::wire::span::Span;

/// What comes out of a session on its status descriptor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// A fact about the step that runs, reported while it runs.
    Seen(Box<Fact>),
    /// The next step ended.
    Finished(Box<FinishedStep>),
    /// All steps are done, and these threads still live. They are joined, exit handlers run.
    Closing { threads: Vec<String> },
    /// From init, which has given the session up or was ordered to. Later replies of the session do not count. Where init
    /// has asked the session for its stacks, it sends this reply a second time, with them.
    Stuck(Box<Stuck>),
    /// From init: the session's process has ended.
    Gone { status: ProcessEnd },
    /// From init: the session's directories could not be made.
    Refused { step: String, error: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FinishedStep {
    pub(crate) end: StepEnd,
    pub(crate) value: Option<String>,
    pub(crate) wall: Span,
    pub(crate) cpu: Span,
    /// The clock that the step had, whatever it asked for.
    pub(crate) clock: Clock,
    /// Virtual time; zero on the real clock.
    pub(crate) passed: Span,
    /// Whether the step read a clock or waited with a deadline.
    pub(crate) timed: bool,
    pub(crate) notes: Vec<String>,
}

/// A session that init has given up, or was ordered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stuck {
    pub(crate) kind: StuckKind,
    pub(crate) clock: Clock,
    /// Virtual time since the step began.
    pub(crate) passed: Span,
    /// How often the clock has jumped since the step began.
    pub(crate) jumps: u64,
    /// For each process a line `Process N` and what `faulthandler` writes of its threads. May be empty or cut.
    pub(crate) stacks: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StuckKind {
    /// Nothing in the sandbox could ever run again.
    Deadlocked,
    /// The budget of virtual time is spent.
    Spent,
    /// Init got SIGTERM, as the supervisor sends it.
    Ended,
}

/// Facts that a step may report beyond one for each byte of its code.
pub(crate) const MAX_FACTS: usize = 10_000;

/// One entry of `outcome::Facts`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Fact {
    Value(Value),
    Attempt(Attempt),
    Survived(Survived),
    Example(ExampleEnd),
}

/// How a step ended, as its own process saw it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum StepEnd {
    Completed,
    Raised {
        exception: Exception,
        blame: Option<Blame>,
    },
    /// `SystemExit`: its code, the line of the document that raised it, and how many top-level statements were left.
    Exited {
        code: i32,
        line: Option<Line>,
        left: usize,
    },
}

impl StepEnd {
    /// The line of the outermost statement of the document that ended the step early.
    pub(crate) fn line(&self) -> Option<Line> {
        match self {
            Self::Completed => None,
            Self::Raised { exception, .. } => {
                let frame = exception.frames.iter().find(|frame| frame.document);
                frame.map(|frame| Line(frame.line))
            }
            Self::Exited { line, .. } => *line,
        }
    }
}

/// What a raised exception is really about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Blame {
    MissingPackage {
        name: String,
    },
    /// The code asked for input.
    Interactive,
    /// The code wanted more of the network than its sandbox has.
    Network {
        why: String,
    },
    /// A limit that Python turns into an exception. `used` is in bytes or a count.
    Limit {
        kind: CauseKind,
        used: u64,
    },
}
