//! What differs between two runs of a snippet: where, why, and what its document can say about it.
//!
//! Knows outcomes and their text, not how they came about.

mod aspect;
mod cause;
mod difference;
mod possibility;
mod remedy;
mod variations;

pub(crate) use self::aspect::Aspect;
pub(crate) use self::cause::VariationCause;
pub(crate) use self::difference::{OutcomeDifference, differences};
pub(crate) use self::possibility::{ENOUGH, Possibility, possibility};
pub(crate) use self::remedy::SuggestedRedaction;
pub(crate) use self::variations::{RunDifferences, SnapshotView, Variation, between_pythons, variations};
