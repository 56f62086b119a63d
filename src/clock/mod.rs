//! Virtual time: sleeps cost nothing, and what a snippet measures is what it waited for.
//!
//! `linux` has the clock of a session. `unsupported` stands in for it on other systems, where `cfg(sandboxed)` does not
//! hold.

#[cfg(sandboxed)]
mod linux;
mod passed;
#[cfg(not(sandboxed))]
mod unsupported;

#[cfg(sandboxed)]
pub(crate) use self::linux::{
    Clock, Look, Stretch, cpu_time, gil, handled, join, leave, next_deadline, page, real, real_nanoseconds,
    wait,
};
pub(crate) use self::passed::Passed;
#[cfg(not(sandboxed))]
pub(crate) use self::unsupported::{Stretch, leave, next_deadline, real_nanoseconds};
