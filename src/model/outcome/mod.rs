//! What really happened to a snippet. Nothing here knows what was expected.

mod attribution;
mod cause;
mod exception;
mod facts;
mod standing;
mod stream;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::attribution::Attribution;
pub(crate) use self::cause::{Cause, CauseKind};
pub(crate) use self::exception::{Exception, Frame};
pub(crate) use self::facts::{Attempt, ExampleEnd, Facts, Survived, Value};
pub(crate) use self::standing::{Manner, ThreadStack, standing};
pub(crate) use self::stream::{Piece, Stream};
use crate::model::policy::Clock;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) ending: Ending,
    /// Why it did not complete, where a limit, a signal or the environment is to blame.
    pub(crate) cause: Option<Cause>,
    pub(crate) exception: Option<Exception>,
    /// `repr` of a last expression; `None` for no expression and for the value `None`.
    pub(crate) value: Option<String>,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    pub(crate) facts: Facts,
    pub(crate) usage: Usage,
    pub(crate) timing: Timing,
    /// Where its threads stood when it was ended. Empty where nobody asked them.
    pub(crate) stacks: Vec<ThreadStack>,
    /// Sentences about what the runner saw (threads left behind, a replay that went another way).
    pub(crate) notes: Vec<String>,
}

impl Outcome {
    /// About as many bytes as it takes.
    pub(crate) fn weight(&self) -> usize {
        let Self { stdout, stderr, facts, value, .. } = self;
        let streams = [stdout, stderr]
            .map(|stream| stream.head.len() + stream.tail.len() + size_of_val::<[Piece]>(&stream.pieces));
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let values = facts.values.iter().map(|value| of(&value.repr) + of(&value.text));

        streams.iter().sum::<usize>() + of(value) + values.sum::<usize>()
    }

    /// Of a snippet that never started; the notes say why.
    pub(crate) fn not_run(notes: Vec<String>) -> Self {
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
pub(crate) enum Ending {
    /// The last statement finished.
    Completed,
    /// An exception ended it.
    Raised,
    /// It left early: `SystemExit`, or without a trace (`os._exit`, exec).
    Exited,
    /// A time budget was spent; the cause says which.
    TimedOut,
    /// By a signal or a limit.
    Killed,
    /// Nothing in the sandbox could ever run again.
    Deadlocked,
    /// It never started.
    NotRun,
}

/// What time was for a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timing {
    /// The one that it really had.
    pub(crate) clock: Clock,
    /// Virtual time; zero on the real clock.
    pub(crate) passed: Duration,
    /// Whether it read a clock or waited with a deadline.
    pub(crate) timed: bool,
}

impl Default for Timing {
    fn default() -> Self {
        Self { clock: Clock::Real, passed: Duration::ZERO, timed: false }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}
