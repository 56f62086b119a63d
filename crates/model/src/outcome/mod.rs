//! What happened to a snippet. Nothing here knows what was expected.

mod attribution;
mod cause;
mod exception;
mod facts;
mod standing;
mod stream;
mod terminal;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::attribution::Attribution;
pub use self::cause::{Cause, CauseKind};
pub use self::exception::{Exception, Frame, Operand};
pub use self::facts::{Attempt, ExampleEnd, Facts, Survived, Value};
pub use self::standing::{Manner, ThreadStack, standing};
pub use self::stream::{Piece, Stream, Turn};
pub use self::terminal::Terminal;
use crate::policy::Clock;

/// How a snippet ended, and what came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub ending: Ending,
    /// Why the snippet did not complete, where a limit, a signal or the environment is to blame.
    pub cause: Option<Cause>,
    pub exception: Option<Exception>,
    /// The `repr` of the last expression; `None` without such an expression, and where its value is `None`.
    pub value: Option<String>,
    pub stdout: Stream,
    pub stderr: Stream,
    pub facts: Facts,
    pub usage: Usage,
    pub timing: Timing,
    /// Where the snippet's threads were when it was ended or left early. Empty where they were not asked.
    pub stacks: Vec<ThreadStack>,
    /// Sentences about what the runner noticed: threads left running, a second run that did something else.
    pub notes: Vec<String>,
}

impl Outcome {
    /// About as many bytes as it takes.
    pub fn weight(&self) -> usize {
        let Self { stdout, stderr, facts, value, .. } = self;
        let streams = [stdout, stderr].map(|stream| {
            let order = size_of_val::<[Turn]>(&stream.turns) + size_of_val::<[Piece]>(&stream.pieces);
            stream.head.len() + stream.tail.len() + order
        });
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let values = facts.values.iter().map(|value| of(&value.repr) + of(&value.text));

        streams.iter().sum::<usize>() + of(value) + values.sum::<usize>()
    }

    /// The outcome of a snippet that never started; the notes say why.
    pub fn not_run(notes: Vec<String>) -> Self {
        Self {
            ending: Ending::NotRun,
            cause: None,
            exception: None,
            value: None,
            stdout: Stream::default(),
            stderr: Stream::default(),
            facts: Facts::default(),
            usage: Usage::default(),
            timing: Timing::default(),
            stacks: Vec::new(),
            notes,
        }
    }
}

/// How a snippet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The last statement finished.
    Completed,
    /// An exception ended the snippet.
    Raised,
    /// The snippet ended its process: by `SystemExit`, or without one (`os._exit`, exec).
    Exited,
    /// A time budget was spent; the cause says which.
    TimedOut,
    /// A signal or a limit ended the snippet.
    Killed,
    /// No process of the sandbox could ever run again.
    Deadlocked,
    /// The snippet never started.
    NotRun,
}

/// Which clock a snippet had, and what it saw of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// The clock that the snippet had in the end.
    pub clock: Clock,
    /// How much virtual time passed; zero on the real clock.
    pub passed: Duration,
    /// Whether the snippet read a clock or waited with a deadline.
    pub timed: bool,
}

impl Default for Timing {
    fn default() -> Self {
        Self { clock: Clock::Real, passed: Duration::ZERO, timed: false }
    }
}

/// How much time of the machine a snippet used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub wall: Duration,
    pub cpu: Duration,
}
