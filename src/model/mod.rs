//! The nouns that travel from room to room: data only, what is done with them is the matter of others.

pub(crate) mod claim;
pub(crate) mod outcome;
pub(crate) mod policy;
pub mod problem;
pub mod snippet;
pub(crate) mod verdict;
