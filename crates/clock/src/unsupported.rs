//! Where there is no sandbox every clock is real.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::passed::Passed;

pub fn real_nanoseconds() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

pub fn leave() {}

pub fn prepare() {}

pub fn next_deadline() -> Option<Duration> {
    None
}

/// A stretch of a session, of which there is none with a clock of its own.
pub enum Stretch {}

impl Stretch {
    pub fn begin(_real: bool) -> Option<Self> {
        None
    }

    pub fn passed(&self) -> Passed {
        match *self {}
    }
}
