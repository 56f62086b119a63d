//! `>>>` prompts and what they show, by the rules of the standard library's `doctest`.

use crate::claim::Claim;
use crate::outcome::Outcome;
use crate::snippet::{Example, Snippet};

/// The examples of one block.
#[derive(Debug, Default)]
pub(crate) struct Session {}

impl Session {
    pub(crate) fn read(_snippet: &Snippet) -> Self {
        Self::default()
    }

    pub(crate) fn examples(&self) -> Vec<Example> {
        Vec::new()
    }

    pub(crate) fn judge(&self, _outcome: &Outcome) -> Vec<Claim> {
        Vec::new()
    }
}
