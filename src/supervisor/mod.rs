//! Starts, feeds, limits, kills and reaps the processes that run sessions: the only home of tokio.
//!
//! Knows no expectations: it reports facts to whoever holds the other end of the channel.

mod accounting;
mod backlog;
mod capture;
#[cfg(test)]
mod decoded_outcome;
mod ending;
mod error;
mod execute;
mod facts;
mod images;
mod inherited;
mod interruption;
mod job;
mod lane;
mod panics;
mod progress;
mod queue;
mod rehearsal;
mod run;
mod scratch;
mod self_test;
mod session;
mod session_end;
mod session_runner;
mod stacks;
mod survivor;
mod sweeper;

#[cfg(test)]
pub(crate) use self::backlog::Load;
#[cfg(test)]
pub(crate) use self::decoded_outcome::decoded_outcome;
pub(crate) use self::error::SupervisorError;
pub(crate) use self::execute::execute;
pub(crate) use self::inherited::restore_child_signals;
pub(crate) use self::interruption::{interrupts, listen_from_now_on};
pub(crate) use self::job::{Enough, Job, Options, Work};
pub(crate) use self::progress::Progress;
pub(crate) use self::run::USERS;
pub(crate) use self::self_test::{Examination, examine, forget, tier_that_holds};
pub(crate) use self::sweeper::{SWEEPER, sweep};
