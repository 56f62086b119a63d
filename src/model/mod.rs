//! The nouns that travel from room to room: data only, what is done with them is the matter of others.

pub(crate) mod claim;
pub mod directives;
pub(crate) mod fingerprint;
pub mod markdown;
pub mod option_flags;
pub(crate) mod outcome;
pub(crate) mod policy;
pub mod problem;
pub mod snippet;
pub(crate) mod type_checkers;
pub(crate) mod verdict;
