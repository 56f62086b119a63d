//! What a document says about one snippet: read before it runs, judged afterwards.

use crate::config;
use crate::expect::claims::Claims;
use crate::expect::doctest::Session;
use crate::expect::redact::Redactions;
use crate::expect::shown::Shown;
use crate::model::claim::Claim;
use crate::model::outcome::Outcome;
use crate::model::problem::Problem;
use crate::model::snippet::{Example, Form, Line, Look, Snippet, Watch};
use crate::syntax::Tree;

/// Everything that is promised beside the code, in whichever dialect.
#[derive(Debug)]
pub(crate) enum Promises {
    /// In comments of the code, and in what is shown below it.
    Script { claims: Claims, shown: Shown },
    /// What the prompts show.
    Console(Session),
    /// Prompts that only run.
    Unread(Session),
}

impl Promises {
    pub(crate) fn read(snippet: &Snippet, claims: config::Claims) -> Self {
        match (snippet.form, claims) {
            (Form::Script, config::Claims::Off) => {
                Self::Script { claims: Claims::default(), shown: Shown::default() }
            }
            (Form::Console, config::Claims::Off) => Self::Unread(Session::read(snippet)),
            (Form::Script, config::Claims::Check | config::Claims::Report) => {
                let tree = Tree::parse(&snippet.code);
                Self::Script { claims: Claims::read(snippet, &tree), shown: Shown::read(snippet, &tree) }
            }
            (Form::Console, config::Claims::Check | config::Claims::Report) => {
                Self::Console(Session::read(snippet))
            }
        }
    }

    /// What the runner is to look at.
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

    /// The last line that something is said of.
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

    /// What cannot be understood of them.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Script { .. } => &[],
            Self::Console(session) | Self::Unread(session) => &session.problems,
        }
    }

    /// In document order.
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
