//! Sessions that an earlier run has run: what they did is judged instead of running them again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cache::{Kept, Key, Keys, Needs, Surroundings};
use crate::config::{CacheUse, Settings};
use crate::document::{Document, side_by_side};
use crate::model::outcome::{Ending, Outcome};
use crate::model::policy::{Clock, Tier};
use crate::model::verdict::Verdict;
use crate::run::error::RunError;
use crate::run::jobs::Part;
use crate::run::verify::held::SnippetIndex;
use crate::supervisor::{Job, Options};

/// The cache of a run. Only sessions in which every snippet passed, or waits for nothing but a review, are kept.
pub(super) struct Reuse {
    kept: Kept,
    keys: Keys,
    usage: CacheUse,
}

/// Jobs that have to run, and what became of the others the last time.
pub(super) struct Recalled {
    pub(super) jobs: Vec<Job>,
    pub(super) known: Vec<(Part, Vec<Outcome>)>,
    pub(super) recorder: Option<Recorder>,
}

impl Reuse {
    /// `None` where nothing is to be reused: sessions that reach further than their sandbox, or are to be compared.
    pub(super) fn new(
        settings: &Settings,
        options: &Options,
        tier: Tier,
        passes: usize,
    ) -> Result<Option<Self>, RunError> {
        let usage = settings.cache_use;
        let (CacheUse::Everything | CacheUse::Reading, Some(cache), 1) = (usage, settings.cache(), passes)
        else {
            return Ok(None);
        };
        let setup = &options.setup;
        // What an installation consists of is known by its executable, and its packages by their names.
        let interpreter = settings.interpreter()?;
        let installations = [interpreter.prefix.as_path(), interpreter.base_prefix()];
        let is_installed = |folder: &Path| {
            installations.iter().any(|prefix| folder.starts_with(prefix) || prefix.starts_with(folder))
        };
        let is_file = |folder: &&PathBuf| setup.projects.contains(folder) || !is_installed(folder);
        let files = setup.readable.iter().chain(&setup.pythonpath).filter(is_file).cloned().collect();
        let mut apart: Vec<PathBuf> = setup.hidden.clone();
        apart.extend(installations.map(Path::to_path_buf));
        apart.sort_unstable();
        let surroundings = Surroundings { files, packages: vec![interpreter.site_packages()], apart };
        let keys = Keys::new(setup, tier, surroundings);
        Ok(keys.map(|keys| Self { kept: Kept::open(cache), keys, usage }))
    }

    pub(super) fn recall(self, jobs: Vec<Job>, parts: &[Part], documents: &[Document]) -> Recalled {
        let texts: BTreeMap<&str, &str> =
            documents.iter().map(|document| (document.path.as_str(), &*document.source)).collect();
        let looked_up = side_by_side(&jobs, |job| {
            self.look_up(job, texts.get(job.document.as_str()).copied().unwrap_or_default())
        });

        let mut recalled = Recalled { jobs: Vec::new(), known: Vec::new(), recorder: None };
        let mut sessions = BTreeMap::new();
        for (job, found) in jobs.into_iter().zip(looked_up) {
            let part = parts[job.number];
            match found {
                Found::Outcomes(outcomes) => recalled.known.push((part, outcomes)),
                Found::Nothing(entry) => {
                    sessions.extend(entry.map(|entry| (part.session, entry)));
                    recalled.jobs.push(job);
                }
            }
        }
        if self.usage == CacheUse::Everything {
            recalled.recorder = Some(Recorder { kept: self.kept, sessions, wrote: false });
        }
        recalled
    }

    fn look_up(&self, job: &Job, document: &str) -> Found {
        let Some(key) = self.keys.of(job, document) else { return Found::Nothing(None) };
        match self.kept.recall(&key) {
            Some((needs, outcomes))
                if outcomes.len() == job.works.len() && self.keys.are_met(&needs, job) =>
            {
                Found::Outcomes(outcomes)
            }
            Some(_) | None => {
                let needs = self.keys.needs(job);
                Found::Nothing(needs.map(|needs| Entry::new(key, needs, job.works.len())))
            }
        }
    }
}

/// What is known of a session before it runs.
enum Found {
    Outcomes(Vec<Outcome>),
    /// What it may be kept as.
    Nothing(Option<Entry>),
}

/// A session that runs and may be kept.
struct Entry {
    key: Key,
    needs: Needs,
    snippets: usize,
    /// What those have done that have run, in JSON, in their order.
    outcomes: Vec<Vec<u8>>,
    /// How many were judged to be right.
    right: usize,
}

impl Entry {
    fn new(key: Key, needs: Needs, snippets: usize) -> Self {
        Self { key, needs, snippets, outcomes: Vec::new(), right: 0 }
    }
}

/// Keeps what sessions of this run do.
pub(super) struct Recorder {
    kept: Kept,
    /// Those that are not known to be unfit.
    sessions: BTreeMap<usize, Entry>,
    wrote: bool,
}

impl Recorder {
    /// The outcome of a first pass, which tells of snippets in their order.
    pub(super) fn take(&mut self, at: SnippetIndex, outcome: &Outcome) {
        let Some(entry) = self.sessions.get_mut(&at.session) else { return };
        match serde_json::to_vec(outcome) {
            Ok(json) if is_plain(outcome) => entry.outcomes.push(json),
            Ok(_) | Err(_) => {
                self.sessions.remove(&at.session);
            }
        }
    }

    pub(super) fn judged(&mut self, at: SnippetIndex, verdict: Verdict, varies: bool) {
        let Some(entry) = self.sessions.get_mut(&at.session) else { return };
        match verdict {
            Verdict::Passed | Verdict::Unreviewed if !varies => entry.right += 1,
            Verdict::Passed | Verdict::Unreviewed | Verdict::Failed | Verdict::Skipped => {
                self.sessions.remove(&at.session);
            }
        }
    }

    /// Once all that was judged of a session is known.
    pub(super) fn close(&mut self, session: usize) {
        let Some(entry) = self.sessions.remove(&session) else { return };
        if entry.right == entry.snippets && entry.outcomes.len() == entry.snippets {
            // What cannot be kept runs again.
            self.wrote |= self.kept.keep(&entry.key, &entry.needs, &entry.outcomes).is_ok();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.wrote {
            self.kept.prune_daily();
        }
    }
}

/// Whether the snippet came to its end on the virtual clock and left nothing behind.
fn is_plain(outcome: &Outcome) -> bool {
    let came_to_end = match outcome.ending {
        Ending::Completed | Ending::Raised => true,
        Ending::Exited | Ending::TimedOut | Ending::Killed | Ending::Deadlocked | Ending::NotRun => false,
    };
    came_to_end
        && outcome.cause.is_none()
        && outcome.notes.is_empty()
        && outcome.stacks.is_empty()
        && outcome.timing.clock == Clock::Virtual
}
