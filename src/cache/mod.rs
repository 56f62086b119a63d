//! What sessions did before, so that what has not changed is not run again.
//!
//! An entry is the outcome of a session in which every snippet passed. Its name is a digest of what was asked of the
//! session, and it says what else the session needed: then that must be as it was. An entry that cannot be read is none.
//! Outcomes are judged anew.

mod key;
mod store;
mod tree;

pub(crate) use self::key::{Key, Keys, Needs, Surroundings};
pub(crate) use self::store::{Kept, clear, prune, results};
