//! What a document says about one snippet: read before it runs, judged afterwards.

use crate::config;
use crate::directive::Python;
use crate::expect::claims::CommentClaims;
use crate::expect::doctest::ConsoleSession;
use crate::expect::redact::Redactions;
use crate::expect::shown::Shown;
use crate::model::claim::Claim;
use crate::model::outcome::Outcome;
use crate::model::problem::Problem;
use crate::model::snippet::{Example, Form, Line, Look, Snippet, Watch};
use crate::syntax::Tree;

/// Everything that a document promises about one snippet, in any dialect.
#[derive(Debug)]
pub(crate) enum Expectations {
    /// Claims in comments of the code, and output shown below it.
    Script { claims: CommentClaims, shown: Shown },
    /// Output below prompts.
    Console(ConsoleSession),
    /// Prompts that run without being compared.
    Unread(ConsoleSession),
}

impl Expectations {
    /// For a snippet that runs in this Python.
    pub(crate) fn read(snippet: &Snippet, claims: config::Claims, python: Option<Python>) -> Self {
        match (snippet.form, claims) {
            (Form::Script, config::Claims::Off) => {
                Self::Script { claims: CommentClaims::default(), shown: Shown::default() }
            }
            (Form::Console, config::Claims::Off) => Self::Unread(ConsoleSession::read(snippet)),
            (Form::Script, config::Claims::Check | config::Claims::Report) => {
                let tree = Tree::parse(&snippet.code);
                Self::Script {
                    claims: CommentClaims::read(snippet, &tree, python),
                    shown: Shown::read(snippet, &tree),
                }
            }
            (Form::Console, config::Claims::Check | config::Claims::Report) => {
                Self::Console(ConsoleSession::read(snippet))
            }
        }
    }

    /// The looks that the judgment needs.
    pub(crate) fn watched(&self) -> Vec<Watch> {
        match self {
            Self::Script { claims, shown } => {
                let shown = shown.watched().into_iter().map(|at| Watch { at, look: Look::Value });
                let mut watched = claims.watched();
                watched.extend(shown);
                watched.sort_unstable();
                watched.dedup();
                watched
            }
            Self::Console(_) | Self::Unread(_) => Vec::new(),
        }
    }

    /// The last line of code with a claim about it.
    pub(crate) fn until(&self) -> Option<Line> {
        match self {
            Self::Script { claims, .. } => claims.until(),
            Self::Console(_) | Self::Unread(_) => None,
        }
    }

    /// The prompts of a console session, which run one by one.
    pub(crate) fn examples(&self) -> Option<Vec<Example>> {
        match self {
            Self::Script { .. } => None,
            Self::Console(session) | Self::Unread(session) => Some(session.examples()),
        }
    }

    /// Problems with prompts and their options.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Script { .. } => &[],
            Self::Console(session) | Self::Unread(session) => &session.problems,
        }
    }

    /// The claims about an outcome, in document order.
    pub(crate) fn judge(&self, outcome: &Outcome, redactions: &Redactions) -> Vec<Claim> {
        let mut claims = match self {
            Self::Script { claims, shown } => {
                [claims.judge(outcome), shown.judge(outcome, redactions)].concat()
            }
            Self::Console(session) => session.judge(outcome),
            Self::Unread(_) => Vec::new(),
        };
        claims.sort_by_key(|claim| claim.line);
        claims
    }
}
