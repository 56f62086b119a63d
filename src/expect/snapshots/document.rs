//! The snapshots of one document: found for its snippets, compared, recorded; and orphans, which no snippet claims.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Claims;
use crate::expect::expectations::Expectations;
use crate::expect::judge::{AnnouncedException, Case, Judgment, Stored, judge, notes};
use crate::expect::redact::{RedactError, Redactions};
use crate::expect::snapshots::files::{self, FolderListing, accepted_file, pending_file};
use crate::expect::snapshots::format::{Falsehood, FormatError, Snapshot, falsehood};
use crate::expect::snapshots::store::{Orphans, SnapshotStore};
use crate::expect::snapshots::versions::{common, common_file};
use crate::model::claim::{Claim, ClaimVerdict};
use crate::model::fingerprint::fingerprint;
use crate::model::outcome::Outcome;
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
    /// Files of unclaimed snapshots, by the name that they would have for the snippet with the same code.
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
    fn find_moved(
        &self,
        snippet: &Snippet,
        name: &str,
        homeless: &mut Vec<(Option<String>, String)>,
    ) -> Option<String> {
        if homeless.is_empty() && self.lost().is_empty() {
            return None;
        }

        let code = fingerprint(&snippet.code);
        if let Some(place) = homeless.iter().position(|(digest, _)| digest.as_ref() == Some(&code)) {
            return Some(homeless.remove(place).1);
        }
        self.lost().get(&(name.to_owned(), code)).cloned()
    }
}

impl DocumentSnapshots<'_> {
    fn sort_out(&mut self, listing: FolderListing, snippets: &[&Snippet]) {
        let claimed: BTreeSet<&str> = snippets.iter().map(|snippet| snippet.snapshot.as_str()).collect();
        let unclaimed = |name: &&String| !claimed.contains(common(name));
        let accepted =
            listing.accepted.iter().filter(unclaimed).map(|name| accepted_file(&self.folder, name));
        let pending = listing.pending.iter().filter(unclaimed).map(|name| pending_file(&self.folder, name));

        self.orphans = accepted.chain(pending).collect();

        // Those of this Python are moved apart from the common ones: both have the same code.
        let with_digest = |name: &String| {
            let file = accepted_file(&self.folder, name);
            (self.store.digest_of(&file), file)
        };
        let homeless = |is_wanted: &dyn Fn(&String) -> bool| -> Vec<_> {
            listing
                .accepted
                .iter()
                .filter(unclaimed)
                .filter(|name| is_wanted(name))
                .map(with_digest)
                .collect()
        };
        let mut unversioned = homeless(&|name| common(name) == name);
        let mut of_python = homeless(&|name| self.store.versioned(common(name)).as_ref() == Some(name));

        let mut moved = BTreeMap::new();
        for snippet in snippets {
            let own = self.store.versioned(&snippet.snapshot).map(|name| (name, &mut of_python));
            for (name, homeless) in [(snippet.snapshot.clone(), &mut unversioned)].into_iter().chain(own) {
                if !listing.accepted.contains(&name)
                    && let Some(file) = self.store.find_moved(snippet, &name, homeless)
                {
                    moved.insert(name, file);
                }
            }
        }
        self.moved = moved;

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
            && let Some((_, file)) = self.found(snippet)
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
        let found = self.found(snippet);
        let name = found.as_ref().map_or_else(|| self.target(snippet), |(name, _)| name.clone());
        let home = accepted_file(&self.folder, &name);
        let moved = self.moved.get(&name);
        let read = found.map(|(_, file)| self.read(&file, &mut problems));
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
        let read = self.found(snippet).map(|(_, file)| self.read(&file, &mut Vec::new()));
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
            .partition(|file| self.moved.values().any(|old| common_file(old) == common_file(file)));

        let mut orphans = self.store.prune(unwanted);
        // A renamed snippet that was not accepted still needs its old files, those of other Pythons included: there is no
        // other record of its output.
        orphans.left.extend::<Vec<String>>(wanted);
        orphans
    }

    /// The name of a snippet's snapshot and its file, which may still have an earlier name: that of this Python, else the common
    /// one.
    pub(super) fn found(&self, snippet: &Snippet) -> Option<(String, String)> {
        let listing = self.listing.as_ref();
        let names = self.versioned(snippet).into_iter().chain([snippet.snapshot.clone()]);
        names.into_iter().find_map(|name| {
            if listing.is_some_and(|listing| listing.accepted.contains(&name)) {
                let file = accepted_file(&self.folder, &name);
                return Some((name, file));
            }
            let file = self.moved.get(&name)?.clone();
            Some((name, file))
        })
    }

    /// The name of the snapshot that is this Python's alone.
    pub(super) fn versioned(&self, snippet: &Snippet) -> Option<String> {
        self.store.versioned(&snippet.snapshot)
    }

    /// The name of the snapshot to write: that of this Python where there is one, or where the common one belongs to another
    /// Python of the run.
    pub(super) fn target(&self, snippet: &Snippet) -> String {
        let settled = self.store.settled.contains(&snippet.id);
        let versioned = self
            .versioned(snippet)
            .filter(|versioned| settled || self.found(snippet).is_some_and(|(found, _)| found == *versioned));
        versioned.unwrap_or_else(|| snippet.snapshot.clone())
    }

    pub(super) fn read(&self, file: &str, problems: &mut Vec<Problem>) -> Option<Snapshot> {
        let open = self.store.files.read(file).map_err(Problem::from);
        open.and_then(|open| Snapshot::read(&open).map_err(|error| problem(file, &error)))
            .map_err(|problem| problems.push(problem))
            .ok()
    }
}

/// What is to be recorded of one snippet.
#[derive(Clone, Copy)]
pub(super) struct Recording<'a> {
    pub(super) snippet: &'a Snippet,
    pub(super) outcome: &'a Outcome,
    pub(super) announced: AnnouncedException,
    pub(super) judgment: &'a Judgment,
    pub(super) falsehoods: &'a [Falsehood],
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

fn problem(file: &str, error: &FormatError) -> Problem {
    let message = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let hint = "restore it from version control, or write it anew with `snipcheck accept`".to_owned();
    Problem { path: file.to_owned(), line: error.line(), message, hint: Some(hint) }
}
