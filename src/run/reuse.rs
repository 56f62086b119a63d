//! Sessions that an earlier run has run: what they did is judged instead of running them again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::cache::{self, Kept, Key, Keys, Needs, Surroundings};
use crate::config::{CacheUse, Settings};
use crate::document::{Document, side_by_side};
use crate::model::outcome::{Ending, Outcome};
use crate::model::policy::{Clock, Tier};
use crate::model::verdict::Verdict;
use crate::run::error::RunError;
use crate::run::jobs::Part;
use crate::run::verify::held::SnippetIndex;
use crate::supervisor::{Job, Options};

/// Beside the entries: when they were last looked through for those that are too many.
const PRUNED: &str = "results-pruned";
const BETWEEN: Duration = Duration::from_hours(24);

/// The cache of a run. Only sessions in which every snippet passed, or waits for nothing but a review, are kept.
pub(super) struct Reuse {
    cache: PathBuf,
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
        Ok(keys.map(|keys| Self { cache: cache.to_owned(), kept: Kept::open(cache), keys, usage }))
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
            let Self { cache, kept, .. } = self;
            recalled.recorder =
                Some(Recorder { cache, kept, sessions, taken: BTreeMap::new(), wrote: false });
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
                Found::Nothing(needs.map(|needs| Entry { key, needs, snippets: job.works.len() }))
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

struct Entry {
    key: Key,
    needs: Needs,
    snippets: usize,
}

/// Keeps what sessions of this run do.
pub(super) struct Recorder {
    cache: PathBuf,
    kept: Kept,
    /// Those that run and may be kept.
    sessions: BTreeMap<usize, Entry>,
    /// What their snippets did, in JSON, and whether it was judged to be right.
    taken: BTreeMap<usize, BTreeMap<usize, (Vec<u8>, Judged)>>,
    wrote: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    NotYet,
    Right,
}

impl Recorder {
    /// The outcome of a first pass.
    pub(super) fn take(&mut self, at: SnippetIndex, outcome: &Outcome) {
        if !self.sessions.contains_key(&at.session) {
            return;
        }
        match serde_json::to_vec(outcome) {
            Ok(json) if is_plain(outcome) => {
                self.taken.entry(at.session).or_default().insert(at.snippet, (json, Judged::NotYet));
            }
            Ok(_) | Err(_) => self.forget(at.session),
        }
    }

    pub(super) fn judged(&mut self, at: SnippetIndex, verdict: Verdict, varies: bool) {
        let Some((_, judged)) =
            self.taken.get_mut(&at.session).and_then(|snippets| snippets.get_mut(&at.snippet))
        else {
            return;
        };
        match verdict {
            Verdict::Passed | Verdict::Unreviewed if !varies => *judged = Judged::Right,
            Verdict::Passed | Verdict::Unreviewed | Verdict::Failed | Verdict::Skipped => {
                self.forget(at.session);
            }
        }
    }

    /// Once all that was judged of a session is known.
    pub(super) fn close(&mut self, session: usize) {
        let (Some(entry), Some(taken)) = (self.sessions.remove(&session), self.taken.remove(&session)) else {
            return;
        };
        let right = |(json, judged)| (judged == Judged::Right).then_some(json);
        let outcomes: Vec<Vec<u8>> = taken.into_values().filter_map(right).collect();
        if outcomes.len() == entry.snippets {
            // What cannot be kept runs again.
            self.wrote |= self.kept.keep(&entry.key, &entry.needs, &outcomes).is_ok();
        }
    }

    fn forget(&mut self, session: usize) {
        self.sessions.remove(&session);
        self.taken.remove(&session);
    }
}

impl Drop for Recorder {
    /// Entries that are too many go once a day.
    fn drop(&mut self) {
        let marker = self.cache.join(PRUNED);
        if self.wrote && is_old(&marker) && cache::prune(&self.cache).is_ok() {
            let _ = fs::write(marker, "");
        }
    }
}

fn is_old(marker: &Path) -> bool {
    let modified = fs::metadata(marker).and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    modified.elapsed().is_ok_and(|age| age > BETWEEN)
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
