//! What a session may use: data that `sandbox` turns into kernel restrictions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What really separates a session from the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Namespaces: own processes, network, mounts.
    A,
    /// Restrictions that need no privileges, and no namespaces.
    B,
    /// Nothing but a scratch directory and limits.
    Off,
}

/// A restriction that holds in every session of a lane. The variants stand in the order in which they are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layer {
    /// Users, mounts, IPC and the host name; processes and mounts once more for each session.
    Namespaces,
    /// A network of its own, with a loopback interface.
    Loopback,
    /// A root that holds what may be read, and nothing else.
    Root,
    /// A user who owns nothing, instead of root.
    User,
    NoNewPrivileges,
    /// No capabilities, and no way to gain any.
    NoCapabilities,
    Landlock,
    SystemCalls,
}

impl Layer {
    /// What it restricts, in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Loopback => "network",
            Self::Root => "files",
            Self::User => "user",
            Self::NoNewPrivileges => "privileges",
            Self::NoCapabilities => "capabilities",
            Self::Landlock => "Landlock",
            Self::SystemCalls => "system calls",
        }
    }

    /// What a session has of it.
    pub fn promise(self, tier: Tier) -> &'static str {
        match (self, tier) {
            (Self::Namespaces, _) => "users, processes, mounts, IPC and host name are its own",
            (Self::Loopback, _) => "a loopback interface of its own, no way out",
            (Self::Root, _) => "a read-only root with what is listed below",
            (Self::User, _) => "one of its own, which owns nothing",
            (Self::NoNewPrivileges, _) => "no program gives more of them",
            (Self::NoCapabilities, _) => "none, and no way to any",
            (Self::Landlock, Tier::A | Tier::Off) => "no mounts, no device nodes, no signals to others",
            (Self::Landlock, Tier::B) => {
                "reads what is listed below, writes its own folder, no signals to others"
            }
            (Self::SystemCalls, Tier::A | Tier::Off) => {
                "an allow list; new namespaces, tracing and uncounted memory refused"
            }
            (Self::SystemCalls, Tier::B) => {
                "an allow list; no sockets but pairs, no modes, owners or times of files"
            }
        }
    }
}

/// Which sandbox the caller asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum SandboxMode {
    /// The strongest sandbox this system grants, or an error.
    #[default]
    Auto,
    /// Namespaces, or an error.
    RequireA,
    /// No sandbox: snippets can do whatever you can.
    Off,
}

/// Whose network a session sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// A loopback interface of its own, and nothing else.
    #[default]
    Loopback,
    /// The machine's: snippets can reach whatever you can.
    Host,
}

/// What is random in an ordinary process, and decided in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chance {
    pub launch: Launch,
    pub entropy: Entropy,
    /// When the session's clock starts, in seconds since 1970.
    pub start: u64,
}

impl Chance {
    /// The same values in every run, so that snippets print the same in every run.
    pub const USUAL: Self = Self {
        launch: Launch { hash_seed: 0, layout: Layout::Fixed },
        entropy: Entropy::Seeded(0),
        start: Self::NEW_YEAR,
    };

    /// 2025-01-01 00:00:00 UTC, a Wednesday.
    const NEW_YEAR: u64 = 1_735_689_600;
}

/// The part of [`Chance`] that is decided when a lane starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Launch {
    /// Seeds Python's hashes of `str` and `bytes`, which decide the order of sets.
    pub hash_seed: u32,
    pub layout: Layout,
}

/// Where in its address space a process has its memory: `id()` and default reprs show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// The same addresses in every process that does the same, if the system allows that.
    Fixed,
    /// Other addresses each time.
    Random,
}

/// What `os.urandom` draws from, and with it every generator without a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entropy {
    /// A sequence that follows from a seed. Only for sessions from which nothing can leave, since a snippet may make a key of
    /// it.
    Seeded(u64),
    /// The kernel's random numbers.
    Real,
}

/// The time that a snippet sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// Of its sandbox alone: it jumps while everybody waits.
    #[default]
    Virtual,
    /// The machine's.
    Real,
}

/// The most that a snippet, or its session, may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall time of a snippet without a `timeout=` of its own.
    pub wall: Duration,
    /// CPU time of a snippet, of all its processes together.
    pub cpu: Duration,
    /// Bytes a snippet may write to one stream before it is killed.
    pub output: u64,
    /// Bytes kept of each stream, half from its head and half from its tail.
    pub kept: u64,
    /// Bytes of memory that a session's processes may use together.
    pub memory: u64,
    /// Processes and threads of a session.
    pub tasks: u64,
    /// Bytes of a session's private directories, and of any file in them.
    pub disk: u64,
    /// Files and directories in a session's private directories.
    pub inodes: u64,
    /// Open descriptors of a process. The kernel lets all sessions of one user have about as many more in messages that are
    /// sent and not yet received.
    pub descriptors: u64,
}

/// Bytes reserved for the stack of a new thread. All of them count as data of the process, used or not.
pub const THREAD_STACK: u64 = 1 << 20;

impl Limits {
    /// Bytes of data that one process may reserve: its memory, and the stacks of as many threads as there may be.
    pub fn data(&self) -> u64 {
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
            // Most systems allow a program 1024, and no process may send descriptors while more than that are on their
            // way for its user. The kernel checks before it counts the up to 253 of one message, so sessions stop well
            // below what other programs of the user need.
            descriptors: 500,
        }
    }
}
