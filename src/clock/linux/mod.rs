//! The clock of a session on Linux.
//!
//! It is a page of shared memory ([`page`]). Functions that are called instead of libc's read it ([`cpu_time`] says what
//! each look costs) and wait for its deadlines ([`wait`]); they are in the room `interpose`. The keeper, in the session's
//! init, moves the clock when nobody runs ([`keeper`]). What has to ask the machine itself does so by [`real`].

pub(crate) mod cpu_time;
pub(crate) mod gil;
pub(crate) mod handled;
mod keeper;
pub(crate) mod page;
pub(crate) mod real;
mod session;
pub(crate) mod wait;
mod waking;

pub(crate) use self::keeper::Look;
pub(crate) use self::real::nanoseconds as real_nanoseconds;
pub(crate) use self::session::{Clock, Stretch, join, leave, next_deadline, page};
