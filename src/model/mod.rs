//! The data that rooms hand to each other. What is done with it is decided elsewhere.

pub(crate) mod announced_error;
pub(crate) mod claim;
pub mod directives;
pub(crate) mod fingerprint;
pub(crate) mod installation;
pub mod markdown;
pub mod option_flags;
pub(crate) mod outcome;
pub(crate) mod output_words;
pub(crate) mod policy;
pub mod problem;
pub(crate) mod reason;
pub mod snippet;
pub(crate) mod type_checkers;
pub mod unlabelled;
pub(crate) mod verdict;
