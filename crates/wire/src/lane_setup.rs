//! The first frame a lane gets, and its answers.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use snipcheck_model::policy::{Layer, Limits, Network, Tier};

/// The first frame a lane gets: who it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LaneSetup {
    /// The interpreter, also as its `argv[0]`: decides `sys.executable`, `sys.prefix` and site-packages.
    pub python: PathBuf,
    /// The shared library that the interpreter is linked to. Without one its own executable is run.
    pub libpython: Option<PathBuf>,
    /// The executable of an environment that the project has brought along: its packages are importable, but it is
    /// not what is started.
    pub environment: Option<PathBuf>,
    pub start_code: StartCode,
    /// Modules of the standard library that the start code of sessions imports: the lane does so once for all of them.
    pub preloaded: Vec<String>,
    /// Folders that sessions put at the front of `sys.path`.
    pub pythonpath: Vec<PathBuf>,
    /// Variables that snippets see beside those of every lane.
    pub variables: Vec<(String, OsString)>,
    pub tier: Tier,
    pub network: Network,
    pub limits: Limits,
    /// Files and folders that sandboxes may read, at their own paths. Empty without a sandbox.
    pub readable: Vec<PathBuf>,
    /// What below `readable` stays hidden, if it exists. The paths ascend and have no links in them.
    pub hidden: Vec<PathBuf>,
    /// The folders of `readable` that have documents in them, which sessions find around their working directory. The
    /// paths have no links in them.
    pub projects: Vec<PathBuf>,
    /// Where the lane's sessions have their directories if they have no mounts of their own.
    pub scratch: Option<PathBuf>,
    /// The user that the lane becomes when the supervisor is root.
    pub user: u32,
    /// The library that gives programs of a session without mounts what stands in for them.
    pub library: Option<PathBuf>,
    /// The file with what a lane of this interpreter has compiled before ([`LaneReply::Ready`]), whether there is one or not.
    pub kept_code: Option<PathBuf>,
}

/// Whether a session runs what packages of its interpreter have installed to be run at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartCode {
    Run,
    Omitted,
}

/// The variable that names folders to import from. Only sessions get it: a lane would run what it finds there.
pub const SEARCH_PATH: &str = "PYTHONPATH";

/// What a lane says on its own socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum LaneReply {
    /// The interpreter is warm. `version` is its own word, not that of a file name; sessions may have start code to run.
    /// Nothing is in `compiled` if the file of [`LaneSetup::kept_code`] had all of the worker's own code.
    Ready { version: (u8, u8), layers: Vec<Layer>, has_start_code: bool, compiled: Vec<u8> },
    /// From the init of the last request's session. The pid that it gives counts only where the kernel cannot tell it.
    Started { pid: i32 },
    /// The lane or the session could not be set up; nothing of the document ran.
    Refused { step: String, error: String },
    /// The last session used the lane's network: the request goes to a fresh lane.
    Retired,
}
