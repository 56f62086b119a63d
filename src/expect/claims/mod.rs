//! Comments that say what their statement prints, gives, assigns or raises.

mod calendar;
mod checker;
mod closeness;
mod comment;
mod commented_code;
mod comparison;
mod correction;
mod determined;
mod equivalence;
mod finding;
mod judge;
mod lead_words;
mod operations;
mod prose;
mod quantity;
mod reading;
mod references;
mod sign;
mod state;
mod term;
#[cfg(test)]
mod tests;
mod type_names;
mod unstable;
mod watched;

use crate::directive::Python;
use crate::expect::claims::comment::{StatementComment, comments};
use crate::expect::claims::finding::{CodeStart, Finding};
use crate::expect::claims::judge::judge;
use crate::expect::evidence::Evidence;
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict, Correction, Doubt, DoubtReason};
use crate::model::outcome::Outcome;
use crate::model::snippet::{Line, Snippet, Watch};
use crate::syntax::Tree;

/// The claims in comments of one snippet.
#[derive(Debug)]
pub(crate) struct CommentClaims {
    start: CodeStart,
    comments: Vec<StatementComment>,
}

impl CommentClaims {
    pub(crate) fn read(snippet: &Snippet, tree: &Tree<'_>, python: Option<Python>) -> Self {
        Self { start: CodeStart(snippet.location.code), comments: comments(tree, python) }
    }

    pub(crate) fn watched(&self) -> Vec<Watch> {
        let looks = |comment: &StatementComment| {
            let at = self.start.place(comment);
            comment.looks.iter().map(|look| Watch { at, look: self.start.look(look) }).collect::<Vec<_>>()
        };
        self.comments.iter().flat_map(looks).collect()
    }

    /// The last line of code with a claim about it.
    pub(crate) fn until(&self) -> Option<Line> {
        self.comments.iter().map(|comment| self.start.line(comment.statement.first)).max()
    }

    pub(crate) fn judge(&self, outcome: &Outcome) -> Vec<Claim> {
        let evidence = Evidence::of(outcome);
        self.comments.iter().map(|comment| self.claim(comment, &evidence)).collect()
    }

    fn claim(&self, comment: &StatementComment, evidence: &Evidence<'_>) -> Claim {
        let (kind, verdict, actual, reason) = match judge(comment, self.start, evidence) {
            Finding::Holds(kind, actual) => (kind, ClaimVerdict::Holds, Some(actual), None),
            Finding::Broken(kind, actual) => (kind, ClaimVerdict::Broken, actual, Some(DoubtReason::False)),
            Finding::Doubtful(kind, actual, reason) => {
                (kind, ClaimVerdict::Unstable, Some(actual), Some(reason))
            }
            Finding::Unstable(kind, actual) => (kind, ClaimVerdict::Unstable, Some(actual), None),
            Finding::NotReached(kind) => (kind, ClaimVerdict::NotReached, None, None),
            Finding::Remark => (ClaimKind::Remark, ClaimVerdict::Remark, None, None),
        };

        let correction = reason.zip(actual.as_ref()).and_then(|(_, actual)| {
            correction::correct(comment, actual, |corrected| {
                matches!(judge(corrected, self.start, evidence), Finding::Holds(..))
            })
        });

        Claim {
            line: self.start.line(comment.line),
            text: comment.text(),
            kind,
            verdict,
            actual,
            accepted: false,
            correction: correction.map(|lines| self.lines(comment, lines)),
            doubt: reason.map(|reason| Doubt { reason, stated: comment.stated() }),
        }
    }

    fn lines(&self, comment: &StatementComment, lines: Vec<String>) -> Correction {
        let count = u32::try_from(comment.lines.len()).unwrap_or(u32::MAX);
        Correction { first: self.start.line(comment.line), count, lines }
    }
}

impl Default for CommentClaims {
    fn default() -> Self {
        Self { start: CodeStart(Line(1)), comments: Vec::new() }
    }
}
