//! What one run leaves for the next: which snippets failed, and how long each took.
//!
//! A memory that cannot be read or written is no memory, never an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::model::snippet::SnippetId;
use crate::model::verdict::Verdict;
use crate::plan::session::Session;

const FILE: &str = "runs.json";

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
        let text = folder.as_ref().and_then(|folder| fs::read(folder.join(FILE)).ok());
        Self { folder, past: text.and_then(|text| serde_json::from_slice(&text).ok()) }
    }

    /// Snippets that failed the last time they ran; `None` if no run is remembered.
    pub(crate) fn failed(&self) -> Option<&BTreeSet<SnippetId>> {
        self.past.as_ref().map(|past| &past.failed)
    }

    /// How long the snippets of a session took the last time they ran, zero for those that never ran.
    pub(crate) fn wall(&self, session: &Session) -> Duration {
        let Some(past) = &self.past else { return Duration::ZERO };
        let known = session.snippets.iter().filter_map(|planned| past.wall_ms.get(&planned.snippet.id));
        Duration::from_millis(known.fold(0, |sum, wall| sum.saturating_add(*wall)))
    }

    /// Remembers how a snippet was judged, and how long it took.
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
            // Without a memory the next run does not know which sessions take long, nor which snippets failed: no reason
            // to fail now.
            let _ = past.write(folder);
        }
    }
}

impl Past {
    fn forget_gone(&mut self, documents: &[Document]) {
        let present: BTreeSet<&SnippetId> =
            documents.iter().flat_map(|document| &document.blocks).map(|block| &block.id).collect();
        let read: BTreeSet<&str> = documents.iter().map(|document| document.path.as_str()).collect();

        let gone = |id: &SnippetId| {
            let document = id.0.split_once("::").map_or(id.0.as_str(), |(path, _)| path);
            read.contains(document) && !present.contains(id)
        };

        self.failed.retain(|id| !gone(id));
        self.wall_ms.retain(|id, _| !gone(id));
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.persist(folder.join(FILE))?;
        Ok(())
    }
}
