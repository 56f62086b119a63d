//! The clock of a session on Linux.
//!
//! It is a page of shared memory ([`page`]). The functions of libc that read a clock or wait for one are replaced by ours
//! ([`interposed`]), which know nothing but that page; [`wait`] is what they have in common. The keeper, in the
//! session's init, moves the clock when nobody runs ([`keeper`]).

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
pub(crate) use self::session::page;
pub(crate) use self::session::{Clock, Stretch, join, leave};
