//! What the caller asked for.

use crate::config::ChosenPlace;

/// Which snippets the caller asked for. Every part narrows the choice; an empty one leaves it as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Of a document that is named here, only these snippets.
    pub(crate) places: Vec<ChosenPlace>,
    /// One of these texts must be a part of the id, in upper or lower case.
    pub(crate) patterns: Vec<String>,
    pub(crate) history: History,
}

impl Selection {
    /// Whether the selection leaves out snippets of the documents that were read.
    pub(crate) fn narrows(&self) -> bool {
        !self.places.is_empty() || !self.patterns.is_empty() || self.history == History::LastFailed
    }
}

/// What earlier runs mean for the choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum History {
    #[default]
    Ignored,
    /// Only snippets that failed the last time they ran; everything, with a note, where none is known to have failed.
    LastFailed,
}
