//! Comments that say what their statement prints, gives, assigns or raises.

mod aftermath;
mod alike;
mod attempt;
mod comment;
mod comparison;
mod correction;
mod doing;
mod evidence;
mod judge;
mod lead;
mod manner;
mod operations;
mod quantity;
mod references;
mod said;
mod state;
mod statement;
mod term;
mod volatile;

#[cfg(test)]
mod tests;

use crate::expect::claims::comment::{Comment, comments};
use crate::expect::claims::evidence::Evidence;
use crate::expect::claims::judge::{Finding, Origin, judge};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, Correction};
use crate::model::outcome::Outcome;
use crate::model::snippet::{Line, Snippet, Watch};
use crate::syntax::Tree;

/// The comments of one snippet.
#[derive(Debug)]
pub(crate) struct Claims {
    origin: Origin,
    comments: Vec<Comment>,
}

impl Claims {
    pub(crate) fn read(snippet: &Snippet, tree: &Tree<'_>) -> Self {
        Self { origin: Origin(snippet.location.code), comments: comments(tree) }
    }

    pub(crate) fn watched(&self) -> Vec<Watch> {
        let looks = |comment: &Comment| {
            let at = self.origin.place(comment);
            comment.looks.iter().map(|look| Watch { at, look: self.origin.look(look) }).collect::<Vec<_>>()
        };
        self.comments.iter().flat_map(looks).collect()
    }

    /// The last line that something is said of.
    pub(crate) fn until(&self) -> Option<Line> {
        self.comments.iter().map(|comment| self.origin.line(comment.statement.first)).max()
    }

    pub(crate) fn judge(&self, outcome: &Outcome) -> Vec<Claim> {
        let evidence = Evidence::of(outcome);
        self.comments.iter().map(|comment| self.claim(comment, &evidence)).collect()
    }

    fn claim(&self, comment: &Comment, evidence: &Evidence<'_>) -> Claim {
        let (kind, verdict, actual) = match judge(comment, self.origin, evidence) {
            Finding::Holds(kind, actual) => (kind, ClaimVerdict::Holds, Some(actual)),
            Finding::Broken(kind, actual) => (kind, ClaimVerdict::Broken, actual),
            Finding::Unstable(kind, actual) => (kind, ClaimVerdict::Unstable, Some(actual)),
            Finding::NotReached(kind) => (kind, ClaimVerdict::NotReached, None),
            Finding::Remark => (ClaimKind::Remark, ClaimVerdict::Remark, None),
        };
        let correction = match (verdict, &actual) {
            (ClaimVerdict::Broken, Some(actual)) => correction::correct(comment, actual, |corrected| {
                matches!(judge(corrected, self.origin, evidence), Finding::Holds(..))
            }),
            _ => None,
        };
        Claim {
            line: self.origin.line(comment.line),
            text: comment.text(),
            kind,
            verdict,
            actual,
            accepted: false,
            correction: correction.map(|lines| self.lines(comment, lines)),
        }
    }

    fn lines(&self, comment: &Comment, lines: Vec<String>) -> Correction {
        let count = u32::try_from(comment.lines.len()).unwrap_or(u32::MAX);
        Correction { first: self.origin.line(comment.line), count, lines }
    }
}

impl Default for Claims {
    fn default() -> Self {
        Self { origin: Origin(Line(1)), comments: Vec::new() }
    }
}
