//! What one run leaves for the next: which snippets failed, and how long each took.
//!
//! A memory that cannot be read or written is no memory, never an error.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::model::snippet::SnippetId;
use crate::model::verdict::Verdict;
use crate::plan::Session;
use crate::safe_fs::{Dir, Kind, SafeFsError, contents, plain};

const FILE: &str = "runs.json";
/// Bytes of it: some hundred thousand snippets.
const LONGEST: u64 = 16 << 20;
/// Projects that are remembered, and for how long after their last run.
const PROJECTS: usize = 200;
const LASTS: Duration = Duration::from_hours(24 * 90);

#[derive(Debug, Default)]
pub(crate) struct Memory {
    folder: Option<PathBuf>,
    /// `None` before anything has been recorded.
    past: Option<Past>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Past {
    failed: BTreeSet<SnippetId>,
    wall_ms: BTreeMap<SnippetId, u64>,
}

impl Memory {
    /// Reads what an earlier run has left in this folder.
    pub(crate) fn open(folder: Option<PathBuf>) -> Self {
        let file = folder.as_ref().and_then(|folder| plain(&folder.join(FILE)).ok());
        let text = file.and_then(|file| contents(&file, LONGEST).ok());
        Self { folder, past: text.and_then(|text| serde_json::from_slice(&text).ok()) }
    }

    /// Those that failed the last time they ran; `None` if no run is remembered.
    pub(crate) fn failed(&self) -> Option<&BTreeSet<SnippetId>> {
        self.past.as_ref().map(|past| &past.failed)
    }

    /// What its snippets took the last time, zero for those never seen.
    pub(crate) fn wall(&self, session: &Session) -> Duration {
        let Some(past) = &self.past else { return Duration::ZERO };
        let known = session.snippets.iter().filter_map(|planned| past.wall_ms.get(&planned.snippet.id));
        Duration::from_millis(known.fold(0, |sum, wall| sum.saturating_add(*wall)))
    }

    /// A snippet was judged after so much wall time.
    pub(crate) fn record(&mut self, id: &SnippetId, verdict: Verdict, wall: Duration) {
        let past = self.past.get_or_insert_default();
        match verdict {
            Verdict::Failed => past.failed.insert(id.clone()),
            Verdict::Passed | Verdict::Unreviewed | Verdict::Skipped => past.failed.remove(id),
        };
        if !wall.is_zero() {
            past.wall_ms.insert(id.clone(), u64::try_from(wall.as_millis()).unwrap_or(u64::MAX));
        }
    }

    /// Forgets the snippets that these documents no longer have, and writes the rest.
    pub(crate) fn save(mut self, documents: &[Document]) {
        if let (Some(folder), Some(past)) = (&self.folder, &mut self.past) {
            past.forget_gone(documents);
            // Without memory the next run is slower to order its sessions and knows no failures; nothing else.
            let _ = past.write(folder);
            if let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) {
                let _ = forget_projects(parent, name.to_str().unwrap_or_default());
            }
        }
    }
}

impl Past {
    fn forget_gone(&mut self, documents: &[Document]) {
        let present: BTreeSet<&SnippetId> =
            documents.iter().flat_map(|document| &document.blocks).map(|fence| &fence.id).collect();
        let read: BTreeSet<&str> = documents.iter().map(|document| document.path.as_str()).collect();
        let gone = |id: &SnippetId| {
            let document = id.0.split_once("::").map_or(id.0.as_str(), |(path, _)| path);
            read.contains(document) && !present.contains(id)
        };
        self.failed.retain(|id| !gone(id));
        self.wall_ms.retain(|id, _| !gone(id));
    }

    fn write(&self, folder: &Path) -> Result<(), SafeFsError> {
        fs::create_dir_all(folder)?;
        let folder = Dir::open(folder)?;
        folder.remove_abandoned()?;
        let text = serde_json::to_vec(self).map_err(std::io::Error::from)?;
        // One that could not be read again is not written: the next one starts anew.
        if text.len() as u64 > LONGEST { folder.remove(FILE) } else { folder.write(FILE, &text) }
    }
}

/// Removes what is remembered of projects that have not run for long, and of all but the last ones.
fn forget_projects(cache: &Path, own: &str) -> Result<(), SafeFsError> {
    let cache = Dir::open(cache)?;
    let is_project = |name: &str| name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut known = Vec::new();
    for entry in cache.entries()? {
        if entry.kind == Kind::Folder && entry.name != own && is_project(&entry.name) {
            let file = cache.file(&format!("{}/{FILE}", entry.name)).ok();
            let changed = file.and_then(|file| file.metadata().ok()?.modified().ok());
            known.push((Reverse(changed), entry.name));
        }
    }
    known.sort();

    let oldest = SystemTime::now().checked_sub(LASTS);
    for (place, (Reverse(changed), name)) in known.iter().enumerate() {
        if place + 1 >= PROJECTS || *changed < oldest {
            let project = cache.folder(name)?;
            project.remove_abandoned()?;
            project.remove(FILE)?;
            // One with something else in it is not ours alone.
            let _ = cache.remove_empty_folder(name);
        }
    }
    Ok(())
}
