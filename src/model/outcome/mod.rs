//! What really happened to a snippet. Nothing here knows what was expected.

mod attribution;
mod standing;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::attribution::Attribution;
pub(crate) use self::standing::{Manner, ThreadStack, standing};
use crate::model::policy::Clock;
use crate::model::snippet::{Line, Look, Place};

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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cause {
    pub(crate) kind: CauseKind,
    pub(crate) used: Option<f64>,
    pub(crate) limit: Option<f64>,
    /// `s`, `MiB`, `tasks`; absent where nothing is counted.
    pub(crate) unit: Option<String>,
    /// The package, the signal's name, the exit code.
    pub(crate) detail: Option<String>,
}

impl Cause {
    /// The detail of an exit that no `SystemExit` announced.
    pub(crate) const NO_UNWINDING: &str = "it left without unwinding, as `os._exit` does";

    /// Of a limit: `used 530 of 512 MiB of memory`.
    pub(crate) fn excess(&self) -> Option<String> {
        let (verb, resource, figures) = self.kind.resource()?;
        let unit = match self.unit.as_deref() {
            Some(unit @ ("MiB" | "s")) => format!(" {unit} of"),
            // The resource says what is counted.
            Some(_) | None => String::new(),
        };
        let limit = match (self.limit, self.kind, self.used) {
            (Some(limit), _, _) => limit,
            // How much there is of it depends on what else happened.
            (None, CauseKind::Virtual, Some(used)) => {
                return Some(format!("{verb} {} s of {resource} and came to no end", figure(used)));
            }
            (None, _, _) => return Some(format!("{verb} too much {resource}")),
        };
        let most = format!("{}{unit} {resource}", figure(limit));
        Some(match (figures, self.used) {
            (Figures::Told, Some(used)) if used >= limit => format!("{verb} {} of {most}", figure(used)),
            // What is too much at once is refused as a whole.
            (Figures::Told, _) => format!("asked for more than {most}"),
            (Figures::Untold, _) => format!("{verb} more than {most}"),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CauseKind {
    Wall,
    Cpu,
    Virtual,
    Memory,
    Processes,
    Output,
    Disk,
    Inodes,
    Descriptors,
    Signal,
    Exit,
    Interactive,
    MissingPackage,
    Network,
}

/// Whether a sentence says how much of a limit was used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Figures {
    Told,
    /// How long a snippet ran stands beside the sentence, and a flood is cut off.
    Untold,
}

impl CauseKind {
    /// What a snippet did with a resource that is limited.
    fn resource(self) -> Option<(&'static str, &'static str, Figures)> {
        match self {
            Self::Wall => Some(("took", "wall time", Figures::Untold)),
            Self::Virtual => Some(("took", "virtual time", Figures::Untold)),
            Self::Cpu => Some(("used", "CPU time", Figures::Told)),
            Self::Memory => Some(("used", "memory", Figures::Told)),
            Self::Processes => Some(("used", "processes and threads", Figures::Told)),
            Self::Output => Some(("wrote", "output", Figures::Untold)),
            Self::Disk => Some(("used", "disk space", Figures::Told)),
            Self::Inodes => Some(("used", "files", Figures::Told)),
            Self::Descriptors => Some(("used", "open files", Figures::Told)),
            Self::Signal | Self::Exit | Self::Interactive | Self::MissingPackage | Self::Network => None,
        }
    }
}

fn figure(number: f64) -> String {
    let digits = format!("{number:.2}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Exception {
    /// Qualified as a traceback shows it: `ValueError`, `json.decoder.JSONDecodeError`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Names of its base classes, spelled alike, itself first. `raises=` may name any of them.
    pub(crate) bases: Vec<String>,
    pub(crate) message: String,
    /// The innermost line of the document.
    pub(crate) line: Option<Line>,
    /// The frames from outermost to innermost, ours left out.
    pub(crate) frames: Vec<Frame>,
    /// The text Python would have printed, cut at 64 KiB.
    pub(crate) traceback: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) function: String,
    /// Whether `file` is the document itself.
    pub(crate) document: bool,
}

/// What was seen on the way, where a document says something about it. Bounded, and in the order in which it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Of watched statements, one each time they ran.
    pub(crate) values: Vec<Value>,
    /// Of code that stands in comments.
    pub(crate) attempts: Vec<Attempt>,
    /// Exceptions that did not end the snippet, because the comment of their statement announces them.
    pub(crate) survived: Vec<Survived>,
    /// Of a console session: the examples that ran.
    pub(crate) examples: Vec<ExampleEnd>,
}

/// What was seen when a statement ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Value {
    /// Where its statement begins.
    pub(crate) at: Place,
    pub(crate) look: Look,
    /// `None` where `repr` raised.
    pub(crate) repr: Option<String>,
    /// Its `str`, where that differs.
    pub(crate) text: Option<String>,
}

/// What became of code in a comment that was tried in a copy of the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// Of the comment.
    pub(crate) line: Line,
    pub(crate) exception: Option<Exception>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Survived {
    /// Where its top-level statement begins and ends.
    pub(crate) first: Line,
    pub(crate) last: Line,
    pub(crate) exception: Exception,
}

/// What it printed lies between two of `Stream::examples`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExampleEnd {
    pub(crate) exception: Option<Exception>,
    /// `traceback.format_exception_only`: what doctest compares (doctest.py, `DocTestRunner.__run`).
    pub(crate) headline: Option<String>,
}

/// What was written to a stream: all of it, or its head and its tail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) head: Vec<u8>,
    /// Empty unless something between head and tail was dropped.
    pub(crate) tail: Vec<u8>,
    /// Bytes really written.
    pub(crate) written: u64,
    /// Which line of the document wrote which part of `head`, ascending. Gaps were written by C code or child processes.
    pub(crate) pieces: Vec<Piece>,
    /// Lines of the document that were on the stack beyond the writing one, innermost first; what pieces refer to.
    pub(crate) callers: Vec<Vec<Line>>,
    /// Where in `head` the output of each example of a console session ends.
    pub(crate) examples: Vec<usize>,
}

impl Stream {
    /// Adds what was written later. A stream that was cut stays cut.
    pub(crate) fn append(&mut self, more: &Self) {
        if self.tail.is_empty() {
            let offset = self.head.len();
            let known = u32::try_from(self.callers.len()).unwrap_or(u32::MAX);
            let moved = |piece: &Piece| Piece {
                start: piece.start + offset,
                end: piece.end + offset,
                callers: piece.callers.map(|callers| callers + known),
                ..*piece
            };
            self.pieces.extend(more.pieces.iter().map(moved));
            self.callers.extend_from_slice(&more.callers);
            self.examples.extend(more.examples.iter().map(|end| end + offset));
            self.head.extend_from_slice(&more.head);
            self.tail.extend_from_slice(&more.tail);
        } else {
            self.tail.extend_from_slice(&more.head);
            self.tail.extend_from_slice(&more.tail);
        }
        self.written += more.written;
    }

    /// Lossy UTF-8, with a line that counts what was dropped.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.head).into_owned();
        if !self.tail.is_empty() {
            let dropped = self.written - (self.head.len() + self.tail.len()) as u64;
            text.extend(["\n[", &dropped.to_string(), " bytes not kept]\n"]);
            text.push_str(&String::from_utf8_lossy(&self.tail));
        }
        text
    }
}

/// Bytes `start..end` of a stream's head, written by Python code at `line`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) line: Line,
    /// Index into `Stream::callers`; none for output at the top level.
    pub(crate) callers: Option<u32>,
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
