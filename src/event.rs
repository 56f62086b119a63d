//! The one stream of news that every report is a fold of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::model::claim::{Claim, ClaimVerdict, Correction};
use crate::model::outcome::{Ending, Outcome};
use crate::model::policy::Tier;
use crate::model::problem::Problem;
use crate::model::python::RunningPython;
use crate::model::reason::{Minor, Reason};
use crate::model::snippet::{DocumentPath, Line, Location, SnippetId};
use crate::model::verdict::Verdict;
use crate::variation::Variation;

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// First, once.
    Planned(Planned),
    /// A snippet has started. Nothing but progress depends on it.
    Running {
        path: DocumentPath,
        line: Line,
    },
    Problem(Problem),
    /// Before anything else of a document: where the code of its Python blocks starts that will be judged, in order.
    DocumentBegins {
        path: DocumentPath,
        lines: Vec<Line>,
    },
    /// One per Python block; within a document in document order.
    Judged(Box<Judged>),
    /// What came out of a snippet is its snapshot now.
    Accepted {
        id: SnippetId,
        acceptance: Acceptance,
    },
    /// A snapshot file that no snippet claims, relative to the project root.
    Orphaned {
        snapshot: String,
    },
    /// A Python block that stays unread: `suspicious` or `not-runnable`; it is also `Judged` as skipped.
    Unread {
        unread: Unread,
        path: DocumentPath,
        line: Line,
        /// A sentence a person can read.
        reason: String,
    },
    /// All that there is to say of a document has been said.
    DocumentOver {
        path: DocumentPath,
    },
    /// Ctrl-C, once: snippets that run may finish, nothing new starts.
    Interrupted,
    /// A sentence for the caller that is no complaint.
    Note(String),
    /// Last, once.
    Finished(Finished),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) documents: usize,
    /// Snippets that will run.
    pub(crate) snippets: usize,
    pub(crate) sandbox: Tier,
    /// At least one.
    pub(crate) pythons: Vec<RunningPython>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acceptance {
    Written,
    /// Also: it was at home under another name.
    Moved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    Suspicious,
    NotRunnable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) wall: Duration,
    /// Ctrl-C ended the run early.
    pub(crate) interrupted: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) id: SnippetId,
    pub(crate) path: DocumentPath,
    pub(crate) location: Location,
    /// The whole document, for excerpts.
    pub(crate) source: Arc<str>,
    pub(crate) verdict: Verdict,
    pub(crate) outcome: Outcome,
    /// Everything that led to the verdict, the gravest first.
    pub(crate) reasons: Vec<Reason>,
    /// The code of a snippet that failed before it, and without whose names it fails.
    pub(crate) builds_on: Option<Line>,
    /// What the document says of it, in document order; remarks too.
    pub(crate) claims: Vec<Claim>,
    /// It fails, and would not if the document read as the corrections of its claims say.
    pub(crate) correctable: bool,
    /// Places that were different in further runs of the snippet.
    pub(crate) variations: Vec<Variation>,
    /// Present where a snapshot and the outcome differ, or where there is none and one is wanted.
    pub(crate) difference: Option<Difference>,
    /// What an earlier run has seen, as nothing has changed.
    pub(crate) cached: bool,
    /// Its session began with packages loaded.
    pub(crate) warm: bool,
    pub(crate) sandbox: Tier,
    /// The Pythons of the run in which all of this is so.
    pub(crate) pythons: Vec<Minor>,
    /// What became of the snippet in the other Pythons of the run, the gravest first.
    pub(crate) elsewhere: Vec<Judged>,
}

impl Judged {
    /// This one, and what became of the snippet in other Pythons of the run.
    pub(crate) fn everywhere(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.elsewhere)
    }

    /// Whether the run has more Pythons than one.
    pub(crate) fn is_of_several(&self) -> bool {
        self.everywhere().map(|judged| judged.pythons.len()).sum::<usize>() > 1
    }

    /// What the document says, each claim once, by the worst that became of it in any Python of the run.
    pub(crate) fn worst_claims(&self) -> Vec<&Claim> {
        let mut worst: Vec<&Claim> = self.claims.iter().collect();
        let mut known: BTreeMap<(Line, &str), usize> =
            worst.iter().enumerate().map(|(at, claim)| ((claim.line, claim.text.as_str()), at)).collect();

        for claim in self.elsewhere.iter().flat_map(|other| &other.claims) {
            match known.get(&(claim.line, claim.text.as_str())) {
                Some(at) if gravity(claim) > gravity(worst[*at]) => worst[*at] = claim,
                Some(_) => {}
                None => {
                    known.insert((claim.line, &claim.text), worst.len());
                    worst.push(claim);
                }
            }
        }
        worst
    }

    /// Corrections of false claims, without those that would be false in another Python of the run.
    pub(crate) fn corrections(&self) -> Vec<&Correction> {
        let mut corrections: Vec<&Correction> = Vec::new();
        for judged in self.everywhere() {
            let others = || self.everywhere().filter(|other| !std::ptr::eq(*other, judged));
            for claim in judged.claims.iter().filter(|claim| claim.is_false()) {
                if let Some(correction) = &claim.correction
                    && others().all(|other| other.agrees(claim))
                    && !corrections.contains(&correction)
                {
                    corrections.push(correction);
                }
            }
        }
        corrections
    }

    /// Whether nothing is known of a Python that the correction of this claim would be false in.
    fn agrees(&self, claim: &Claim) -> bool {
        let same = self.claims.iter().find(|other| (other.line, &other.text) == (claim.line, &claim.text));
        match same {
            Some(other) => other.is_false() && other.correction == claim.correction,
            // What was left out on purpose says nothing, and a claim may be about other Pythons. A snippet that broke off has not
            // come to its claims.
            None => match self.verdict {
                Verdict::Skipped | Verdict::Passed => true,
                Verdict::Failed | Verdict::Unreviewed => self.outcome.ending == Ending::Completed,
            },
        }
    }

    /// It needs a package that the interpreter does not have: reported apart from failures of the code.
    pub(crate) fn missing_package(&self) -> Option<&str> {
        let cause = self.outcome.cause.as_ref()?;
        (cause.kind == crate::model::outcome::CauseKind::MissingPackage && self.verdict == Verdict::Failed)
            .then_some(cause.detail.as_deref())
            .flatten()
    }

    pub(crate) fn ran(&self) -> bool {
        self.outcome.ending != Ending::NotRun
    }
}

/// How much attention a claim wants.
fn gravity(claim: &Claim) -> u8 {
    match claim.verdict {
        ClaimVerdict::Broken if !claim.accepted => 5,
        ClaimVerdict::Broken => 4,
        ClaimVerdict::Unstable => 3,
        ClaimVerdict::NotReached => 2,
        ClaimVerdict::Holds => 1,
        ClaimVerdict::Remark => 0,
    }
}

/// The accepted transcript beside the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The snapshot, relative to the project root.
    pub(crate) snapshot: String,
    /// `None` where nothing has been accepted yet.
    pub(crate) accepted: Option<String>,
    pub(crate) actual: String,
}
