//! What a session may use: data that `sandbox` turns into kernel restrictions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What really separates a session from the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tier {
    /// Namespaces: own processes, network, mounts.
    A,
    /// No namespaces, unprivileged restrictions only.
    B,
    /// Nothing but a scratch directory and limits.
    Off,
}

/// A restriction that holds in every session of a lane. In the order in which they are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Layer {
    /// Users, mounts, IPC and the host name; processes and mounts once more for each session.
    Namespaces,
    /// A network of its own, with a loopback interface.
    Loopback,
    /// A root that holds what may be read, and nothing else.
    Root,
    /// A user who owns nothing, where the caller is root.
    User,
    NoNewPrivileges,
    /// No capabilities, however they could be come by.
    NoCapabilities,
    Landlock,
    SystemCalls,
}

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SandboxMode {
    /// The strongest sandbox this system grants, or an error.
    #[default]
    Auto,
    /// Namespaces, or an error.
    RequireA,
    /// No sandbox: snippets can do whatever you can.
    Off,
}

/// Whose network a session sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Network {
    /// A loopback interface of its own, and nothing else.
    #[default]
    Loopback,
    /// The machine's: snippets can reach whatever you can.
    Host,
}

/// What would be chance elsewhere, and is decided for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Chance {
    pub(crate) launch: Launch,
    pub(crate) entropy: Entropy,
    /// When the session's clock starts, in seconds since 1970.
    pub(crate) start: u64,
}

impl Chance {
    /// The same in every run, so that what snippets print is.
    pub(crate) const USUAL: Self = Self {
        launch: Launch { hash_seed: 0, layout: Layout::Fixed },
        entropy: Entropy::Seeded(0),
        start: Self::NEW_YEAR,
    };

    /// 2025-01-01 00:00:00 UTC, a Wednesday.
    const NEW_YEAR: u64 = 1_735_689_600;
}

/// The part of [`Chance`] that is decided when a lane starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Launch {
    /// Of Python's `str` and `bytes`: it decides in which order sets have them.
    pub(crate) hash_seed: u32,
    pub(crate) layout: Layout,
}

/// Where a process has its memory: `id()` and default reprs show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Layout {
    /// Where every process of the same history has it, if the system allows that.
    Fixed,
    /// Somewhere else each time.
    Random,
}

/// What `os.urandom`, and with it every generator that nobody has seeded, draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Entropy {
    /// Foretold. Only for sessions that nothing can leave: somebody could take it for a key.
    Seeded(u64),
    /// The kernel's.
    Real,
}

/// The time that a snippet sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Clock {
    /// Of its sandbox alone: it jumps while everybody waits.
    #[default]
    Virtual,
    /// The machine's.
    Real,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Wall time of a snippet without a `timeout=` of its own.
    pub(crate) wall: Duration,
    /// CPU time of a snippet, of all its processes together.
    pub(crate) cpu: Duration,
    /// Bytes a snippet may write to one stream before it is killed.
    pub(crate) output: u64,
    /// Bytes kept of each stream, half from its head and half from its tail.
    pub(crate) kept: u64,
    /// Bytes of memory that a session's processes may use together.
    pub(crate) memory: u64,
    /// Processes and threads of a session.
    pub(crate) tasks: u64,
    /// Bytes of a session's private directories, and of any file in them.
    pub(crate) disk: u64,
    /// Files and directories in a session's private directories.
    pub(crate) inodes: u64,
    /// Open descriptors of a process.
    pub(crate) descriptors: u64,
}

/// Stack of a new thread. A full one costs memory, a reserved one counts as if it did.
pub(crate) const THREAD_STACK: u64 = 1 << 20;

impl Limits {
    /// Bytes of data that one process may reserve: its memory, and the stacks of as many threads as there may be.
    pub(crate) fn data(&self) -> u64 {
        self.memory.saturating_add(self.tasks.saturating_mul(THREAD_STACK))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(10),
            cpu: Duration::from_mins(1),
            output: 64 << 20,
            kept: 1 << 20,
            memory: 512 << 20,
            tasks: 256,
            disk: 64 << 20,
            inodes: 16_384,
            descriptors: 1024,
        }
    }
}
