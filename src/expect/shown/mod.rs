//! Output that is shown below its code: `#>` lines, strings, comment blocks, blocks of their own.

use crate::claim::Claim;
use crate::outcome::Outcome;
use crate::snippet::Snippet;
use crate::syntax::Tree;

/// What is shown for one snippet.
#[derive(Debug, Default)]
pub(crate) struct Shown {}

impl Shown {
    pub(crate) fn read(_snippet: &Snippet, _tree: &Tree<'_>) -> Self {
        Self::default()
    }

    pub(crate) fn judge(&self, _outcome: &Outcome) -> Vec<Claim> {
        Vec::new()
    }
}
