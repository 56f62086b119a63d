//! The clock of a session on Linux.
//!
//! It is a page of shared memory ([`page`]). Functions that are called instead of libc's read it ([`cpu_time`] says what
//! each look costs) and wait for its deadlines ([`wait`]); they are in the room `interpose`. The keeper, in the session's
//! init, moves the clock when nobody runs ([`keeper`]). What has to ask the machine itself does so by [`real`].

pub mod cpu_time;
pub mod gil;
pub mod handled;
mod keeper;
pub mod page;
pub mod real;
mod session;
pub mod wait;
mod waking;

pub use self::keeper::Look;
pub use self::real::nanoseconds as real_nanoseconds;
pub use self::session::{Clock, Stretch, copied, join, leave, live_by, next_deadline, page, prepare};
