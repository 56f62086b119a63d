//! Output that is shown below its code: `#>` lines, strings, comment blocks, blocks of their own.

mod code;
mod comparison;
mod correction;
mod json;
mod judge;
mod layout;
mod listing;
mod observed;
#[cfg(test)]
mod proptests;
mod raised;
mod sets;
mod shown_text;
#[cfg(test)]
mod tests;
mod traceback;
mod varying;
mod warnings;

pub(in crate::expect) use self::code::is_heading;
pub(in crate::expect) use self::sets::with_sorted_sets;
pub(in crate::expect) use self::warnings::shown_warning;
use crate::expect::redact::Redactions;
use crate::expect::shown::observed::{Observed, SnippetContext};
use crate::expect::shown::shown_text::{OutputOwner, ShownStatementKind, ShownText};
use crate::model::claim::Claim;
use crate::model::outcome::Outcome;
use crate::model::snippet::{Place, Snippet};
use crate::syntax::Tree;

/// What is shown for one snippet.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    shown_texts: Vec<ShownText>,
    context: SnippetContext,
}

impl Shown {
    pub(crate) fn read(snippet: &Snippet, tree: &Tree<'_>) -> Self {
        let mut shown_texts = code::shown_texts(tree, snippet.location.code);
        shown_texts.extend(snippet.shown.iter().map(|shown| ShownText::beside(shown, snippet)));
        let context = SnippetContext {
            code: Some(snippet.location.code),
            raises: snippet.directives.raises.is_some() || snippet.directives.may_raise,
            varying: varying::marked_lines(tree, snippet.location.code),
        };
        Self { shown_texts, context }
    }

    /// Statements whose values are shown below them.
    pub(crate) fn watched(&self) -> Vec<Place> {
        let statements = self.shown_texts.iter().filter_map(|shown_text| match shown_text.owner {
            OutputOwner::Snippet | OutputOwner::Perhaps => None,
            OutputOwner::Statement(statement) | OutputOwner::Section { statement, .. } => Some(statement),
        });
        let expressions = statements.filter(|statement| statement.kind == ShownStatementKind::Expression);
        expressions.map(|statement| statement.place).collect()
    }

    pub(crate) fn judge(&self, outcome: &Outcome, redactions: &Redactions) -> Vec<Claim> {
        if self.shown_texts.is_empty() {
            return Vec::new();
        }
        let observed = Observed::new(outcome, redactions, &self.context);
        self.shown_texts.iter().map(|shown_text| shown_text.judge(&observed)).collect()
    }
}
