//! The nouns that travel from room to room: data only, what is done with them is the matter of others.

pub(crate) mod directives;
pub(crate) mod markdown;
pub(crate) mod option_flags;
pub(crate) mod type_checkers;
