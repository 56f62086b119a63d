//! What supervisor, lanes and sessions say to each other, and how it is framed.
//!
//! A frame is a four-byte length (native order: both ends are one executable) and a JSON body. Frames that come out
//! of a session carry its token in front, so that stray bytes on the descriptor are told from words of ours; a body
//! is untrusted all the same.

mod body;
mod frame;
mod mark;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::body::Body;
pub(crate) use self::frame::{Decoder, FrameError, encode, read, receive, write};
pub(crate) use self::mark::{Mark, Stack};
use crate::model::outcome::{Attempt, CauseKind, ExampleEnd, Exception, Survived, Value};
use crate::model::policy::{Chance, Clock, Layer, Limits, Network, Tier};
use crate::model::snippet::{Example, Line, Namespace, Watch};

/// Random bytes that a session's frames and its marked output start with.
pub(crate) type Token = [u8; 16];

/// The first frame a lane gets: who it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LaneSetup {
    /// `argv[0]` of the interpreter: decides `sys.executable`, `sys.prefix` and site-packages.
    pub(crate) python: PathBuf,
    /// The executable of an environment that nobody vouches for. Each session enters it by itself, once it is
    /// confined, and the lane does not.
    pub(crate) environment: Option<PathBuf>,
    /// Folders that sessions put in front of `sys.path`.
    pub(crate) pythonpath: Vec<PathBuf>,
    /// Variables that snippets see beside those of every lane.
    pub(crate) variables: Vec<(String, OsString)>,
    pub(crate) tier: Tier,
    pub(crate) network: Network,
    pub(crate) limits: Limits,
    /// Files and folders that sandboxes may read, at their own paths. Empty without a sandbox.
    pub(crate) readable: Vec<PathBuf>,
    /// What below `readable` stays hidden.
    pub(crate) hidden: Vec<PathBuf>,
    /// Where the lane's sessions have their directories if they have no mounts of their own.
    pub(crate) scratch: Option<PathBuf>,
    /// The user that the lane becomes when the supervisor is root.
    pub(crate) user: u32,
    /// The file that runs as the interpreter where snippets start it, so that it takes part in their clock.
    pub(crate) program: Option<PathBuf>,
}

/// One session for a lane. Its three descriptors (stdout, stderr, status) travel with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) token: Token,
    /// The file whose lines output is tied to.
    pub(crate) document: String,
    /// The document's folder, whose files snippets find beside them.
    pub(crate) neighbours: Option<PathBuf>,
    /// A scratch directory on the host: only without a sandbox, which has its own.
    pub(crate) scratch: Option<PathBuf>,
    pub(crate) chance: Chance,
    /// Virtual if any of the steps wants it.
    pub(crate) clock: Clock,
    pub(crate) steps: Vec<Step>,
}

/// The part of a request that a lane itself reads.
#[derive(Debug, Deserialize)]
pub(crate) struct Heading {
    pub(crate) token: Token,
    pub(crate) neighbours: Option<PathBuf>,
    pub(crate) scratch: Option<PathBuf>,
    pub(crate) chance: Chance,
    pub(crate) clock: Clock,
}

/// Python text to run in the session's namespace: a snippet, or a fixture that a snippet asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Its `co_filename`.
    pub(crate) file: String,
    pub(crate) code: String,
    /// Where the code starts in its file.
    pub(crate) line: Line,
    pub(crate) files: Vec<FixtureFile>,
    pub(crate) mode: Mode,
    /// Of a module: its folder is an absolute path.
    pub(crate) namespace: Namespace,
    /// What is asked for.
    pub(crate) clock: Clock,
}

/// How a step's code runs, and what is looked at on the way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// As a file. If an exception ends it, a copy of the process goes on as far as the line.
    Script { watched: Vec<Watch>, until: Option<Line> },
    /// As prompts, one after the other, whatever one of them raises.
    Console { examples: Vec<Example> },
}

impl Default for Mode {
    fn default() -> Self {
        Self::Script { watched: Vec::new(), until: None }
    }
}

impl Mode {
    /// How many there are to run one by one.
    pub(crate) fn examples(&self) -> usize {
        match self {
            Self::Script { .. } => 0,
            Self::Console { examples } => examples.len(),
        }
    }
}

/// A file put into the session's directory before a snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FixtureFile {
    pub(crate) name: String,
    pub(crate) from: PathBuf,
}

/// What a lane says on its own socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum LaneReply {
    /// The interpreter is warm. It really is `version`.
    Ready { version: (u8, u8), layers: Vec<Layer> },
    /// From the init of the last request's session. Its own word for its pid counts only where the kernel has none.
    Started { pid: i32 },
    /// The lane or the session could not be set up; nothing of the document ran.
    Refused { step: String, error: String },
    /// The last session used the lane's network: the request goes to a fresh lane.
    Retired,
}

/// What comes out of a session on its status descriptor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// In the step that runs, told while it runs.
    Seen(Box<Fact>),
    /// The next step ended.
    Finished(Box<Finished>),
    /// All steps are done, and these threads still live. They are joined, exit handlers run.
    Closing { threads: Vec<String> },
    /// From init, before it ends the session, and the last but `Gone`.
    Stuck(Box<Stuck>),
    /// From init: the session's process ended with this wait status.
    Gone { status: i32 },
    /// From init: the session's directories could not be made.
    Refused { step: String, error: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finished {
    pub(crate) end: End,
    pub(crate) value: Option<String>,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    /// The one that it really had.
    pub(crate) clock: Clock,
    /// Virtual time; zero on the real clock.
    pub(crate) passed: Duration,
    /// Whether it read a clock or waited with a deadline.
    pub(crate) timed: bool,
    pub(crate) notes: Vec<String>,
}

/// A session that init has given up, or was told to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stuck {
    pub(crate) kind: StuckKind,
    pub(crate) clock: Clock,
    /// Virtual time since the step began.
    pub(crate) passed: Duration,
    /// How often the clock has jumped since.
    pub(crate) jumps: u64,
    /// For each process a line `Process N` and what `faulthandler` writes of its threads. May be empty or cut.
    pub(crate) stacks: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StuckKind {
    /// Nothing in the sandbox could ever run again.
    Deadlocked,
    /// The budget of virtual time.
    Spent,
    /// From outside.
    Ended,
}

/// Facts that a step may tell beyond one for each byte of its code.
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
pub(crate) enum End {
    Completed,
    Raised {
        exception: Exception,
        blame: Option<Blame>,
    },
    /// `SystemExit`: its code, and whether statements were left.
    Exited {
        code: i32,
        left: usize,
    },
}

/// What a raised exception is really about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Blame {
    MissingPackage {
        name: String,
    },
    /// It asked for input.
    Interactive,
    /// It wanted more of the network than its sandbox has.
    Network {
        why: String,
    },
    /// A limit that Python turns into an exception. Bytes or a count.
    Limit {
        kind: CauseKind,
        used: u64,
    },
}
