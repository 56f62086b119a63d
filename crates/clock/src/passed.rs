//! What a step is told of its clock.

use std::time::Duration;

/// What a step has had of the clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// Virtual time.
    pub time: Duration,
    pub jumps: u64,
    /// It asked for the time, or waited for one.
    pub used: bool,
}
