//! Virtual time: sleeps cost nothing, and what a snippet measures is what it waited for.
//!
//! `linux` has the clock of a session. `unsupported` stands in for it on other systems, where `cfg(sandboxed)` does not
//! hold.

#[cfg(sandboxed)]
pub mod interposition;
#[cfg(sandboxed)]
mod linux;
#[cfg(sandboxed)]
mod original;
mod passed;
pub mod places;
#[cfg(not(sandboxed))]
mod unsupported;

#[cfg(sandboxed)]
pub use self::linux::{
    Clock, Look, Stretch, copied, cpu_time, gil, handled, join, leave, live_by, next_deadline, page, prepare,
    real, real_nanoseconds, wait,
};
#[cfg(sandboxed)]
pub use self::original::Original;
pub use self::passed::Passed;
#[cfg(not(sandboxed))]
pub use self::unsupported::{Stretch, leave, next_deadline, prepare, real_nanoseconds};
