//! What threads tell the one that waits.

use std::path::PathBuf;
use std::time::Instant;

/// A piece of news.
#[derive(Debug)]
pub(super) enum News {
    /// Something may have happened to these files and folders.
    Touched(Vec<PathBuf>),
    /// Something happened somewhere: the kernel has lost count.
    Lost,
    Key(Stroke),
    /// Nobody will type any more.
    InputEnded,
}

/// A key, and when it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stroke {
    pub(crate) key: Key,
    pub(crate) at: Instant,
}

/// What somebody wants who has typed a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    AcceptPending,
    Update,
    RunAll,
    RunFailures,
    Quit,
}

impl Key {
    /// What a byte from the keyboard means.
    pub(super) fn of(byte: u8) -> Option<Self> {
        match byte {
            b'a' => Some(Self::AcceptPending),
            b'u' => Some(Self::Update),
            b'r' | b'\n' | b'\r' => Some(Self::RunAll),
            b'f' => Some(Self::RunFailures),
            // Ctrl-D is the end of input elsewhere.
            b'q' | 4 => Some(Self::Quit),
            _ => None,
        }
    }
}
