//! The snapshots of one document: found for its snippets, compared, recorded; and orphans, which no snippet claims.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Claims;
use crate::event::Difference;
use crate::expect::expectations::Expectations;
use crate::expect::judge::{
    Acceptable, AnnouncedException, Case, Judgment, Stored, acceptable, judge, notes,
};
use crate::expect::redact::{RedactError, Redactions};
use crate::expect::snapshots::files::{self, FolderListing, accepted_file, pending_file};
use crate::expect::snapshots::format::{
    Falsehood, FormatError, Snapshot, SnapshotStage, falsehood, file_text,
};
use crate::expect::snapshots::store::{Orphans, Record, SnapshotStore};
use crate::expect::transcript::transcript;
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::fingerprint::fingerprint;
use crate::model::outcome::{Ending, Outcome};
use crate::model::problem::Problem;
use crate::model::reason::Reason;
use crate::model::snippet::{DocumentPath, Snippet};
use crate::model::verdict::Verdict;

/// An outcome, compared with its snapshot and recorded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Review {
    pub(crate) judgment: Judgment,
    /// The snippet fails, and would not if the document read as the corrections of its claims say.
    pub(crate) correctable: bool,
    pub(crate) recorded: Recorded,
    /// False claims that the snapshot knows are marked as accepted.
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
    /// The snippet did not end in a way that can be promised.
    Refused,
    /// The document itself says something else, and claims are checked.
    Contradicted,
}

#[derive(Debug)]
pub(crate) struct DocumentSnapshots<'a> {
    pub(super) store: &'a SnapshotStore,
    pub(super) folder: String,
    /// `None` where the folder cannot be used; nothing is written then.
    pub(super) listing: Option<FolderListing>,
    /// Files of unclaimed snapshots, by the name of the snippet with the same code.
    pub(super) moved: BTreeMap<String, String>,
    pub(super) orphans: Vec<String>,
    /// Why the folder cannot be used.
    pub(crate) problems: Vec<Problem>,
}

impl SnapshotStore {
    /// The snapshots of one document. `snippets` are all of its snippets, selected or not: a snapshot of none of them
    /// is an orphan.
    pub(crate) fn document(&self, document: &DocumentPath, snippets: &[&Snippet]) -> DocumentSnapshots<'_> {
        let mut found = DocumentSnapshots {
            store: self,
            folder: files::folder(document),
            listing: self.problem.is_none().then(FolderListing::default),
            moved: BTreeMap::new(),
            orphans: Vec::new(),
            problems: Vec::new(),
        };

        if !self.exists {
            return found;
        }

        match self.files.list(&found.folder) {
            Ok(listing) => found.sort_out(listing, snippets),
            Err(error) => {
                found.listing = None;
                found.problems.push(error.into());
            }
        }
        found
    }

    /// The file of a snippet that has been renamed. Within a document the code decides; in a document that is gone the
    /// name must be the same as well, because many documents share short snippets.
    fn find_moved(&self, snippet: &Snippet, homeless: &mut Vec<(Option<String>, String)>) -> Option<String> {
        if homeless.is_empty() && self.lost().is_empty() {
            return None;
        }

        let code = fingerprint(&snippet.code);
        if let Some(place) = homeless.iter().position(|(digest, _)| digest.as_ref() == Some(&code)) {
            return Some(homeless.remove(place).1);
        }
        self.lost().get(&(snippet.snapshot.clone(), code)).cloned()
    }
}

impl DocumentSnapshots<'_> {
    fn sort_out(&mut self, listing: FolderListing, snippets: &[&Snippet]) {
        let claimed: BTreeSet<&str> = snippets.iter().map(|snippet| snippet.snapshot.as_str()).collect();
        let unclaimed = |name: &&String| !claimed.contains(name.as_str());
        let accepted =
            listing.accepted.iter().filter(unclaimed).map(|name| accepted_file(&self.folder, name));
        let pending = listing.pending.iter().filter(unclaimed).map(|name| pending_file(&self.folder, name));

        let mut homeless: Vec<_> = accepted.clone().map(|file| (self.store.digest_of(&file), file)).collect();
        self.orphans = accepted.chain(pending).collect();

        for snippet in snippets {
            if !listing.accepted.contains(&snippet.snapshot)
                && let Some(file) = self.store.find_moved(snippet, &mut homeless)
            {
                self.moved.insert(snippet.snapshot.clone(), file);
            }
        }

        self.listing = Some(listing);
    }

    /// What the document says of an outcome, by the rules of the project. False claims that the snapshot
    /// knows are marked as accepted.
    pub(crate) fn claims(
        &self,
        snippet: &Snippet,
        expectations: &Expectations,
        outcome: &Outcome,
    ) -> Vec<Claim> {
        let mut claims = expectations.judge(outcome, &self.store.redactions);

        if false_claims(&mut claims).next().is_some()
            && let Some(file) = self.found(snippet)
            // The review reports a snapshot that cannot be read.
            && let Some(snapshot) = self.read(&file, &mut Vec::new())
        {
            // The review reports a redaction that cannot be applied.
            let broken = falsehoods(&claims, &self.store.redactions).unwrap_or_default();
            recognize(&mut claims, &broken, Some(&snapshot));
        }
        claims
    }

    /// Whether two outputs are one snapshot.
    pub(crate) fn redacts(&self, one: &str, other: &str) -> bool {
        let redactions = &self.store.redactions;
        match (redactions.apply(one), redactions.apply(other)) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), _) | (_, Err(_)) => one == other,
        }
    }

    /// Judges an outcome and records it. `snippet` is one of the document that these snapshots belong to.
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

        let SnapshotStore { snapshots, redactions, claims: mode, python, .. } = self.store;
        let told = falsehoods(&claims, redactions);
        let broken = told.as_deref().unwrap_or_default();
        recognize(&mut claims, broken, read.iter().flatten().next());

        let failing: &[Claim] = match mode {
            Claims::Check => &claims,
            Claims::Report | Claims::Off => &[],
        };
        let announced = AnnouncedException::by(&claims);

        let case =
            Case { snippet, outcome, claims: failing, announced, stored, file: &home, python: *python };
        let mut judgment = judge(case, *snapshots, redactions);

        let correctable = judgment.verdict == Verdict::Failed && {
            let corrected: Vec<Claim> = failing.iter().map(Claim::corrected).collect();
            let announced = AnnouncedException::by(&corrected);
            judge(Case { claims: &corrected, announced, ..case }, *snapshots, redactions).verdict
                != Verdict::Failed
        };

        if let Some(old) = moved {
            judgment.reasons.push(Reason::EarlierName { file: old.clone() });
        }

        let current = read.flatten().filter(|_| moved.is_none());
        let case = Recording { snippet, outcome, announced, judgment: &judgment, falsehoods: broken };
        let recorded = match &told {
            Ok(_) => self.record(case, current.as_ref()),
            Err(error) => Err(error.clone().into()),
        };
        let recorded = recorded.unwrap_or_else(|problem| {
            // What prevents writing may have been reported when it prevented reading.
            if !problems.contains(&problem) {
                problems.push(problem);
            }
            Recorded::Nothing
        });

        match recorded {
            Recorded::Accepted | Recorded::Moved => {
                problems.clear();
                false_claims(&mut claims).for_each(|claim| claim.accepted = true);
                judgment = Judgment {
                    verdict: Verdict::Passed,
                    reasons: notes(outcome).collect(),
                    difference: None,
                };
            }
            Recorded::Nothing
            | Recorded::Pending
            | Recorded::NeedsErrors
            | Recorded::Refused
            | Recorded::Contradicted => {}
        }

        Review { judgment, correctable, recorded, claims, problems }
    }

    /// The verdict that a review would come to. Writes nothing.
    pub(crate) fn verdict(&self, snippet: &Snippet, outcome: &Outcome, claims: &[Claim]) -> Verdict {
        let file = accepted_file(&self.folder, &snippet.snapshot);
        let read = self.found(snippet).map(|file| self.read(&file, &mut Vec::new()));
        let stored = match &read {
            None => Stored::Nothing,
            Some(None) => Stored::Unreadable,
            Some(Some(snapshot)) => Stored::Body(&snapshot.body),
        };

        let SnapshotStore { snapshots, redactions, claims: mode, python, .. } = self.store;
        let announced = AnnouncedException::by(claims);
        let claims: &[Claim] = match mode {
            Claims::Check => claims,
            Claims::Report | Claims::Off => &[],
        };

        let case = Case { snippet, outcome, claims, announced, stored, file: &file, python: *python };
        judge(case, *snapshots, redactions).verdict
    }

    /// Files that no snippet of the document claims. To be called after all reviews.
    pub(crate) fn orphans(&self) -> Orphans {
        let here = |file: &&String| self.store.files.exists(file);
        let (wanted, unwanted) = self
            .orphans
            .iter()
            .filter(here)
            .cloned()
            .partition(|file| self.moved.values().any(|old| old == file));

        let mut orphans = self.store.prune(unwanted);
        // A renamed snippet that was not accepted still needs its old file: there is no other record of its output.
        orphans.left.extend::<Vec<String>>(wanted);
        orphans
    }

    /// The file of a snippet's snapshot, which may still have an earlier name.
    fn found(&self, snippet: &Snippet) -> Option<String> {
        let listing = self.listing.as_ref();
        if listing.is_some_and(|listing| listing.accepted.contains(&snippet.snapshot)) {
            return Some(accepted_file(&self.folder, &snippet.snapshot));
        }
        self.moved.get(&snippet.snapshot).cloned()
    }

    fn read(&self, file: &str, problems: &mut Vec<Problem>) -> Option<Snapshot> {
        let open = self.store.files.read(file).map_err(Problem::from);
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

        let files = &self.store.files;
        let waiting = pending_file(&self.folder, &snippet.snapshot);
        let drop_pending =
            || if listing.pending.contains(&snippet.snapshot) { files.remove(&waiting) } else { Ok(()) };

        let errors = match self.store.record {
            Record::Never => return Ok(Recorded::Nothing),
            Record::Pending => {
                let Some(Difference { actual, .. }) = wanted(recording) else {
                    drop_pending()?;
                    return Ok(Recorded::Nothing);
                };
                // Accepting the output in a review accepts no false claim with it.
                let known =
                    |(key, _): &&Falsehood| current.is_some_and(|current| current.falsehoods.contains(key));
                let falsehoods: Vec<Falsehood> = falsehoods.iter().filter(known).cloned().collect();
                files.write(&waiting, &file_text(snippet, SnapshotStage::Pending, &falsehoods, actual))?;
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
        if judgment.reasons.contains(&Reason::FalseClaims) {
            return Ok(Recorded::Contradicted);
        }

        let up_to_date = current.is_some_and(|snapshot| {
            judgment.difference.is_none()
                && snapshot.sha256.as_deref() == Some(&fingerprint(&snippet.code))
                && snapshot.falsehoods == falsehoods.iter().map(|(key, _)| key.clone()).collect()
        });

        if !up_to_date {
            let body = self.store.redactions.apply(&transcript(outcome))?.into_owned();
            let home = accepted_file(&self.folder, &snippet.snapshot);
            files.write(&home, &file_text(snippet, SnapshotStage::Accepted, falsehoods, &body))?;
        }
        drop_pending()?;

        match self.moved.get(&snippet.snapshot) {
            Some(old) => files.remove(old).map(|()| Recorded::Moved).map_err(Problem::from),
            None if up_to_date => Ok(Recorded::Nothing),
            None => Ok(Recorded::Accepted),
        }
    }
}

/// What is to be recorded of one snippet.
#[derive(Clone, Copy)]
struct Recording<'a> {
    snippet: &'a Snippet,
    outcome: &'a Outcome,
    announced: AnnouncedException,
    judgment: &'a Judgment,
    falsehoods: &'a [Falsehood],
}

fn false_claims(claims: &mut [Claim]) -> impl Iterator<Item = &mut Claim> {
    claims.iter_mut().filter(|claim| claim.verdict == ClaimVerdict::Broken)
}

/// Marks the false claims that the snapshot knows. `broken` has one entry for each false claim, in the same order.
fn recognize(claims: &mut [Claim], broken: &[Falsehood], snapshot: Option<&Snapshot>) {
    for (claim, (key, _)) in false_claims(claims).zip(broken) {
        claim.accepted = snapshot.is_some_and(|snapshot| snapshot.falsehoods.contains(key));
    }
}

/// An entry for each false claim, in the order of the claims.
fn falsehoods(claims: &[Claim], redactions: &Redactions) -> Result<Vec<Falsehood>, RedactError> {
    let broken = claims.iter().filter(|claim| claim.verdict == ClaimVerdict::Broken);
    broken
        .map(|claim| {
            let actual = claim.actual.as_deref().unwrap_or("nothing");
            Ok(falsehood(&claim.text, &redactions.apply(actual)?))
        })
        .collect()
}

/// A difference that a reviewer may accept. A review must not make a promise of an unannounced exception.
fn wanted(recording: Recording<'_>) -> Option<&Difference> {
    let Recording { snippet, outcome, announced, judgment, .. } = recording;
    match acceptable(snippet, outcome, announced) {
        Acceptable::Always => judgment.difference.as_ref(),
        Acceptable::WithErrors | Acceptable::Never => None,
    }
}

fn problem(file: &str, error: &FormatError) -> Problem {
    let message = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let hint = "restore it from version control, or write it anew with `snipcheck accept`".to_owned();
    Problem { path: file.to_owned(), line: error.line(), message, hint: Some(hint) }
}
