//! What a session and its init tell the supervisor.

use serde::{Deserialize, Serialize};

use crate::process_end::ProcessEnd;
use crate::span::Span;
use snipcheck_model::outcome::{Attempt, CauseKind, ExampleEnd, Exception, Survived, Value};
use snipcheck_model::policy::Clock;
use snipcheck_model::snippet::Line;

/// What comes out of a session on its status descriptor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// First of all, from a session that begins with an image.
    Warm,
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
pub struct FinishedStep {
    pub end: StepEnd,
    pub value: Option<String>,
    pub wall: Span,
    pub cpu: Span,
    /// The clock that the step had, whatever it asked for.
    pub clock: Clock,
    /// Virtual time; zero on the real clock.
    pub passed: Span,
    /// Whether the step read a clock or waited with a deadline.
    pub timed: bool,
    pub notes: Vec<String>,
}

/// A session that init has given up, or was ordered to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    pub kind: StuckKind,
    pub clock: Clock,
    /// Virtual time since the step began.
    pub passed: Span,
    /// How often the clock has jumped since the step began.
    pub jumps: u64,
    /// For each process a line `Process N` and what `faulthandler` writes of its threads. May be empty or cut.
    pub stacks: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StuckKind {
    /// Nothing in the sandbox could ever run again.
    Deadlocked,
    /// The budget of virtual time is spent.
    Spent,
    /// Init got SIGTERM, as the supervisor sends it.
    Ended,
}

/// Facts that a step may report beyond one for each byte of its code.
pub const MAX_FACTS: usize = 10_000;

/// One entry of `outcome::Facts`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Fact {
    Value(Value),
    Attempt(Attempt),
    Survived(Survived),
    Example(ExampleEnd),
}

/// How a step ended, as its own process saw it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum StepEnd {
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
    pub fn line(&self) -> Option<Line> {
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
pub enum Blame {
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
