//! What is written of an outcome: an accepted snapshot, or one that waits for a review.

use crate::event::Difference;
use crate::expect::judge::{Acceptable, acceptable};
use crate::expect::snapshots::document::{DocumentSnapshots, Recorded, Recording};
use crate::expect::snapshots::files::{FolderListing, accepted_file, pending_file};
use crate::expect::snapshots::format::{Falsehood, Snapshot, SnapshotStage, file_text};
use crate::expect::snapshots::store::Record;
use crate::expect::transcript::transcript;
use crate::model::fingerprint::fingerprint;
use crate::model::outcome::Ending;
use crate::model::problem::Problem;
use crate::model::reason::Reason;
use crate::model::snippet::Snippet;
use crate::model::verdict::Verdict;

impl DocumentSnapshots<'_> {
    /// `current` is the snapshot that the outcome was compared with, if it has its right name.
    pub(super) fn record(
        &self,
        recording: Recording<'_>,
        current: Option<&Snapshot>,
    ) -> Result<Recorded, Problem> {
        let Some(listing) = &self.listing else { return Ok(Recorded::Nothing) };
        if recording.outcome.ending == Ending::NotRun {
            return Ok(Recorded::Nothing);
        }

        match self.store.record {
            Record::Never => Ok(Recorded::Nothing),
            Record::Pending => self.suggest(recording, current, listing),
            Record::Accept { errors, prune: _ } => {
                let Recording { snippet, outcome, announced, judgment, .. } = recording;
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
                self.accept(recording, current, listing)
            }
        }
    }

    /// Writes a file for a review, or removes one that has become superfluous.
    fn suggest(
        &self,
        recording: Recording<'_>,
        current: Option<&Snapshot>,
        listing: &FolderListing,
    ) -> Result<Recorded, Problem> {
        let snippet = recording.snippet;
        let name = self.target(snippet);
        let wanted = wanted(recording).map(|difference| difference.actual.clone());
        let wanted = if self.is_apart(snippet) {
            match (self.suggested(snippet, listing), wanted) {
                // Accepting what another Python suggests is enough.
                (Some(suggested), Some(actual)) if suggested == actual => {
                    self.drop_pending(&name, listing)?;
                    return Ok(Recorded::Pending);
                }
                // What another Python suggests would be false here, where nothing has changed.
                (Some(suggested), None) => {
                    let actual = self.store.redactions.apply(&transcript(recording.outcome))?.into_owned();
                    (suggested != actual && is_acceptable(recording)).then_some(actual)
                }
                (_, wanted) => wanted,
            }
        } else {
            wanted
        };

        let Some(actual) = wanted else {
            self.drop_pending(&name, listing)?;
            if let Some(versioned) = self.versioned(snippet) {
                self.drop_pending(&versioned, listing)?;
            }
            return Ok(Recorded::Nothing);
        };
        // Accepting the output in a review accepts no false claim with it.
        let known = |(key, _): &&Falsehood| current.is_some_and(|current| current.falsehoods.contains(key));
        let falsehoods: Vec<Falsehood> = recording.falsehoods.iter().filter(known).cloned().collect();
        let text = file_text(snippet, SnapshotStage::Pending, &falsehoods, &actual);
        self.store.files.write(&pending_file(&self.folder, &name), &text)?;
        Ok(Recorded::Pending)
    }

    fn accept(
        &self,
        recording: Recording<'_>,
        current: Option<&Snapshot>,
        listing: &FolderListing,
    ) -> Result<Recorded, Problem> {
        let Recording { snippet, outcome, judgment, falsehoods, .. } = recording;
        let files = &self.store.files;
        let name = self.target(snippet);
        let home = accepted_file(&self.folder, &name);

        let keys = || falsehoods.iter().map(|(key, _)| key.clone()).collect();
        if name != snippet.snapshot && self.is_common(recording, listing)? {
            // What is the same needs no snapshot of its own.
            self.drop_pending(&name, listing)?;
            let superfluous = listing.accepted.contains(&name).then_some(home);
            let superfluous: Vec<String> =
                superfluous.into_iter().chain(self.moved.get(&name).cloned()).collect();
            superfluous.iter().try_for_each(|file| files.remove(file))?;
            return Ok(if superfluous.is_empty() { Recorded::Nothing } else { Recorded::Accepted });
        }

        let up_to_date = current.is_some_and(|snapshot| {
            judgment.difference.is_none()
                && snapshot.sha256.as_deref() == Some(&fingerprint(&snippet.code))
                && snapshot.falsehoods == keys()
        });
        if !up_to_date {
            let body = self.store.redactions.apply(&transcript(outcome))?.into_owned();
            files.write(&home, &file_text(snippet, SnapshotStage::Accepted, falsehoods, &body))?;
        }
        self.drop_pending(&name, listing)?;

        match self.moved.get(&name) {
            Some(old) => files.remove(old).map(|()| Recorded::Moved).map_err(Problem::from),
            None if up_to_date => Ok(Recorded::Nothing),
            None => Ok(Recorded::Accepted),
        }
    }

    /// Whether the common snapshot says the same of this outcome.
    fn is_common(&self, recording: Recording<'_>, listing: &FolderListing) -> Result<bool, Problem> {
        let Recording { snippet, outcome, falsehoods, .. } = recording;
        if !listing.accepted.contains(&snippet.snapshot) {
            return Ok(false);
        }
        let file = accepted_file(&self.folder, &snippet.snapshot);
        let Some(common) = self.read(&file, &mut Vec::new()) else { return Ok(false) };

        let redactions = &self.store.redactions;
        let actual = redactions.apply(&transcript(outcome))?.into_owned();
        let is_same = actual == common.body || actual == redactions.apply(&common.body)?;
        Ok(is_same
            && common.sha256.as_deref() == Some(&fingerprint(&snippet.code))
            && common.falsehoods == falsehoods.iter().map(|(key, _)| key.clone()).collect())
    }

    /// Whether this Python may need a snapshot of its own because the common one belongs to another Python of the run.
    fn is_apart(&self, snippet: &Snippet) -> bool {
        let own = self.versioned(snippet);
        let has_own = self.found(snippet).is_some_and(|(found, _)| Some(found) == own);
        self.store.settled.contains(&snippet.id) && own.is_some() && !has_own
    }

    /// What a review may make of the common snapshot.
    fn suggested(&self, snippet: &Snippet, listing: &FolderListing) -> Option<String> {
        let name = &snippet.snapshot;
        listing.pending.contains(name).then_some(())?;
        self.read(&pending_file(&self.folder, name), &mut Vec::new()).map(|snapshot| snapshot.body)
    }

    fn drop_pending(&self, name: &str, listing: &FolderListing) -> Result<(), Problem> {
        if listing.pending.contains(name) {
            self.store.files.remove(&pending_file(&self.folder, name))?;
        }
        Ok(())
    }
}

/// A difference that a reviewer may accept. A review must not make a promise of an unannounced exception.
fn wanted(recording: Recording<'_>) -> Option<&Difference> {
    if is_acceptable(recording) { recording.judgment.difference.as_ref() } else { None }
}

fn is_acceptable(Recording { snippet, outcome, announced, .. }: Recording<'_>) -> bool {
    acceptable(snippet, outcome, announced) == Acceptable::Always
}
