//! Virtual time: sleeps cost nothing, and what a snippet measures is what it waited for.
//!
//! A session's clock is a page of shared memory ([`page`]). The functions of libc that read a clock or wait for one are
//! replaced by ours ([`interposed`]), which know nothing but that page; [`wait`] is what they have in common. The keeper,
//! in the session's init, moves the clock when nobody runs ([`keeper`]).

#[cfg(not(sandboxed))]
mod elsewhere;
#[cfg(sandboxed)]
mod gil;
#[cfg(sandboxed)]
mod interposed;
#[cfg(sandboxed)]
mod keeper;
#[cfg(sandboxed)]
mod page;
#[cfg(sandboxed)]
mod real;
#[cfg(sandboxed)]
mod session;
#[cfg(sandboxed)]
mod wait;

use std::time::Duration;

#[cfg(not(sandboxed))]
pub(crate) use self::elsewhere::{Stretch, leave, prepare, real_nanoseconds};
#[cfg(sandboxed)]
pub(crate) use self::keeper::{Keeper, Look};
#[cfg(sandboxed)]
pub(crate) use self::real::nanoseconds as real_nanoseconds;
#[cfg(sandboxed)]
use self::session::page;
#[cfg(sandboxed)]
pub(crate) use self::session::{Clock, Stretch, join, leave, prepare};

/// What a step has had of the clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed {
    /// Virtual time.
    pub(crate) time: Duration,
    #[cfg_attr(not(sandboxed), expect(dead_code, reason = "no init is there to tell of them"))]
    pub(crate) jumps: u64,
    /// It asked for the time, or waited for one.
    pub(crate) used: bool,
}
