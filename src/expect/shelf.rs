//! The snapshots of one document: found for its snippets, compared, recorded, and those that nobody claims.

use std::collections::BTreeMap;

use crate::config::Claims;
use crate::event::Difference;
use crate::expect::disk::{Listing, accepted_file, pending_file};
use crate::expect::expectations::{Expectations, Record};
use crate::expect::judge::{Acceptable, Announced, Case, Judgment, Stored, acceptable, judge};
use crate::expect::promises::Promises;
use crate::expect::redact::Redactions;
use crate::expect::snapshot::{Broken, Falsehood, Snapshot, Stage, digest, falsehood, file_text};
use crate::expect::transcript::transcript;
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::outcome::{Ending, Outcome};
use crate::model::problem::Problem;
use crate::model::snippet::Snippet;
use crate::model::verdict::Verdict;

/// One outcome compared and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Review {
    pub(crate) judgment: Judgment,
    /// It fails, and would not if the document read as the corrections of its claims say.
    pub(crate) correctable: bool,
    pub(crate) recorded: Recorded,
    /// Those that are known to be false say so.
    pub(crate) claims: Vec<Claim>,
    pub(crate) problems: Vec<Problem>,
}

/// What was done to the snapshot's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// Nothing is left to do.
    Nothing,
    /// `.snap.new` waits for a review.
    Pending,
    Accepted,
    /// Accepted under its new name; the file with the old one is gone.
    Moved,
    /// An exception that only `accept --errors` records.
    NeedsErrors,
    /// It did not end in a way that can be promised.
    Refused,
}

/// Snapshot files that no snippet claims, relative to the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orphans {
    pub(crate) left: Vec<String>,
    /// By `accept --prune`.
    pub(crate) removed: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

#[derive(Debug)]
pub(crate) struct Shelf<'a> {
    pub(super) expectations: &'a Expectations,
    pub(super) folder: String,
    /// `None` where the folder cannot be used; nothing is written then.
    pub(super) listing: Option<Listing>,
    /// Files of unclaimed snapshots, by the name of the snippet with the same code.
    pub(super) moved: BTreeMap<String, String>,
    pub(super) orphans: Vec<String>,
    /// Why the folder cannot be used.
    pub(crate) problems: Vec<Problem>,
}

impl Shelf<'_> {
    /// What the document says of an outcome, by the rules of the project. Those that are known to be false say so.
    pub(crate) fn claims(&self, snippet: &Snippet, promises: &Promises, outcome: &Outcome) -> Vec<Claim> {
        let mut claims = promises.judge(outcome, &self.expectations.redactions);
        if false_claims(&mut claims).next().is_some()
            && let Some(file) = self.found(snippet)
            // The review says what is wrong with it.
            && let Some(snapshot) = self.read(&file, &mut Vec::new())
        {
            let broken = falsehoods(&claims, &self.expectations.redactions);
            recognize(&mut claims, &broken, Some(&snapshot));
        }
        claims
    }

    /// Whether two outputs are one snapshot.
    pub(crate) fn redacts(&self, one: &str, other: &str) -> bool {
        let redactions = &self.expectations.redactions;
        redactions.apply(one) == redactions.apply(other)
    }

    /// For a snippet of the document that the shelf was opened for.
    pub(crate) fn review(&self, snippet: &Snippet, outcome: &Outcome, mut claims: Vec<Claim>) -> Review {
        let mut problems = Vec::new();
        let home = accepted_file(&self.folder, &snippet.snapshot);
        let moved = self.moved.get(&snippet.snapshot);
        let read = self.found(snippet).map(|file| self.read(&file, &mut problems));
        let stored = match &read {
            None => Stored::Nothing,
            Some(None) => Stored::Unreadable,
            Some(Some(snapshot)) => Stored::Body(&snapshot.body),
        };
        let Expectations { snapshots, redactions, claims: mode, .. } = self.expectations;
        let broken = falsehoods(&claims, redactions);
        recognize(&mut claims, &broken, read.iter().flatten().next());
        let failing: &[Claim] = match mode {
            Claims::Check => &claims,
            Claims::Report | Claims::Off => &[],
        };
        let announced = Announced::by(&claims);
        let case = Case { snippet, outcome, claims: failing, announced, stored, file: &home };
        let mut judgment = judge(case, *snapshots, redactions);
        let correctable = judgment.verdict == Verdict::Failed && {
            let corrected: Vec<Claim> = failing.iter().map(Claim::corrected).collect();
            let announced = Announced::by(&corrected);
            judge(Case { claims: &corrected, announced, ..case }, *snapshots, redactions).verdict
                != Verdict::Failed
        };
        if let Some(old) = moved {
            judgment.reasons.push(format!("its snapshot is still at `{old}`; `snipcheck accept` moves it"));
        }
        let current = read.flatten().filter(|_| moved.is_none());
        let case = Recording { snippet, outcome, announced, judgment: &judgment, falsehoods: &broken };
        let recorded = self.record(case, current.as_ref()).unwrap_or_else(|problem| {
            // What is in the way of writing has been in the way of reading.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
            Recorded::Nothing
        });
        match recorded {
            Recorded::Accepted | Recorded::Moved => {
                problems.clear();
                false_claims(&mut claims).for_each(|claim| claim.accepted = true);
                judgment =
                    Judgment { verdict: Verdict::Passed, reasons: outcome.notes.clone(), difference: None };
            }
            Recorded::Nothing | Recorded::Pending | Recorded::NeedsErrors | Recorded::Refused => {}
        }
        Review { judgment, correctable, recorded, claims, problems }
    }

    /// The verdict that a review would come to. Leaves no traces.
    pub(crate) fn verdict(&self, snippet: &Snippet, outcome: &Outcome, claims: &[Claim]) -> Verdict {
        let file = accepted_file(&self.folder, &snippet.snapshot);
        let read = self.found(snippet).map(|file| self.read(&file, &mut Vec::new()));
        let stored = match &read {
            None => Stored::Nothing,
            Some(None) => Stored::Unreadable,
            Some(Some(snapshot)) => Stored::Body(&snapshot.body),
        };
        let Expectations { snapshots, redactions, claims: mode, .. } = self.expectations;
        let announced = Announced::by(claims);
        let claims: &[Claim] = match mode {
            Claims::Check => claims,
            Claims::Report | Claims::Off => &[],
        };
        judge(Case { snippet, outcome, claims, announced, stored, file: &file }, *snapshots, redactions)
            .verdict
    }

    /// After all reviews: what no snippet of the document claims.
    pub(crate) fn orphans(&self) -> Orphans {
        let here = |file: &&String| self.expectations.disk.exists(file);
        let (wanted, unwanted) = self
            .orphans
            .iter()
            .filter(here)
            .cloned()
            .partition(|file| self.moved.values().any(|old| old == file));
        let mut orphans = self.expectations.prune(unwanted);
        // Its snippet was not accepted: the only record of what it once did.
        orphans.left.extend::<Vec<String>>(wanted);
        orphans
    }

    /// The file of its snapshot, which may still be where it was under another name.
    fn found(&self, snippet: &Snippet) -> Option<String> {
        let listing = self.listing.as_ref();
        if listing.is_some_and(|listing| listing.accepted.contains(&snippet.snapshot)) {
            return Some(accepted_file(&self.folder, &snippet.snapshot));
        }
        self.moved.get(&snippet.snapshot).cloned()
    }

    fn read(&self, file: &str, problems: &mut Vec<Problem>) -> Option<Snapshot> {
        let open = self.expectations.disk.read(file).map_err(Problem::from);
        open.and_then(|open| Snapshot::read(&open).map_err(|error| problem(file, &error)))
            .map_err(|problem| problems.push(problem))
            .ok()
    }

    fn record(&self, recording: Recording<'_>, current: Option<&Snapshot>) -> Result<Recorded, Problem> {
        let Recording { snippet, outcome, announced, judgment, falsehoods } = recording;
        let Some(listing) = &self.listing else { return Ok(Recorded::Nothing) };
        if outcome.ending == Ending::NotRun {
            return Ok(Recorded::Nothing);
        }
        let disk = &self.expectations.disk;
        let waiting = pending_file(&self.folder, &snippet.snapshot);
        let drop_pending =
            || if listing.pending.contains(&snippet.snapshot) { disk.remove(&waiting) } else { Ok(()) };
        let errors = match self.expectations.record {
            Record::Never => return Ok(Recorded::Nothing),
            Record::Pending => {
                let Some(Difference { actual, .. }) = wanted(recording) else {
                    drop_pending()?;
                    return Ok(Recorded::Nothing);
                };
                // A review of the output accepts nothing else.
                let known =
                    |(key, _): &&Falsehood| current.is_some_and(|current| current.falsehoods.contains(key));
                let falsehoods: Vec<Falsehood> = falsehoods.iter().filter(known).cloned().collect();
                disk.write(&waiting, &file_text(snippet, Stage::Pending, &falsehoods, actual))?;
                return Ok(Recorded::Pending);
            }
            Record::Accept { errors, prune: _ } => errors,
        };
        match acceptable(snippet, outcome, announced) {
            Acceptable::Never => return Ok(Recorded::Refused),
            Acceptable::WithErrors if !errors && judgment.verdict != Verdict::Passed => {
                return Ok(Recorded::NeedsErrors);
            }
            Acceptable::WithErrors | Acceptable::Always => {}
        }
        let up_to_date = current.is_some_and(|snapshot| {
            judgment.difference.is_none()
                && snapshot.sha256.as_deref() == Some(&digest(&snippet.code))
                && snapshot.falsehoods == falsehoods.iter().map(|(key, _)| key.clone()).collect()
        });
        if !up_to_date {
            let body = self.expectations.redactions.apply(&transcript(outcome)).into_owned();
            let home = accepted_file(&self.folder, &snippet.snapshot);
            disk.write(&home, &file_text(snippet, Stage::Accepted, falsehoods, &body))?;
        }
        drop_pending()?;
        match self.moved.get(&snippet.snapshot) {
            Some(old) => disk.remove(old).map(|()| Recorded::Moved).map_err(Problem::from),
            None if up_to_date => Ok(Recorded::Nothing),
            None => Ok(Recorded::Accepted),
        }
    }
}

/// What was found, for the record.
#[derive(Clone, Copy)]
struct Recording<'a> {
    snippet: &'a Snippet,
    outcome: &'a Outcome,
    announced: Announced,
    judgment: &'a Judgment,
    falsehoods: &'a [Falsehood],
}

fn false_claims(claims: &mut [Claim]) -> impl Iterator<Item = &mut Claim> {
    claims.iter_mut().filter(|claim| claim.verdict == ClaimVerdict::Broken)
}

/// Those of `broken`, one for each false claim, that the snapshot knows.
fn recognize(claims: &mut [Claim], broken: &[Falsehood], snapshot: Option<&Snapshot>) {
    for (claim, (key, _)) in false_claims(claims).zip(broken) {
        claim.accepted = snapshot.is_some_and(|snapshot| snapshot.falsehoods.contains(key));
    }
}

/// One for each false claim, in their order.
fn falsehoods(claims: &[Claim], redactions: &Redactions) -> Vec<Falsehood> {
    let broken = claims.iter().filter(|claim| claim.verdict == ClaimVerdict::Broken);
    broken
        .map(|claim| {
            let actual = claim.actual.as_deref().unwrap_or("nothing");
            falsehood(&claim.text, &redactions.apply(actual))
        })
        .collect()
}

/// A difference that a reviewer may accept. An exception that nobody announced must not become a promise by a review.
fn wanted(recording: Recording<'_>) -> Option<&Difference> {
    let Recording { snippet, outcome, announced, judgment, .. } = recording;
    match acceptable(snippet, outcome, announced) {
        Acceptable::Always => judgment.difference.as_ref(),
        Acceptable::WithErrors | Acceptable::Never => None,
    }
}

fn problem(file: &str, error: &Broken) -> Problem {
    let message = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let hint = "restore it from version control, or write it anew with `snipcheck accept`".to_owned();
    Problem { path: file.to_owned(), line: error.line(), message, hint: Some(hint) }
}
