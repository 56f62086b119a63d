//! The data that rooms hand to each other. What is done with it is decided elsewhere.

pub mod announced_error;
pub mod claim;
pub mod directives;
pub mod fingerprint;
pub mod installation;
pub mod markdown;
pub mod option_flags;
pub mod outcome;
pub mod output_words;
pub mod policy;
pub mod problem;
pub mod python;
pub mod reason;
pub mod snippet;
pub mod type_checkers;
pub mod unlabelled;
pub mod verdict;
