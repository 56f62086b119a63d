//! News of folders from the kernel, each folder by itself: one that git ignores costs nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::watch::news::News;

/// The folders of which there is news.
pub(crate) struct Folders {
    /// `None` where the kernel tells nothing, or not of all folders.
    watcher: Option<RecommendedWatcher>,
    followed: BTreeSet<PathBuf>,
    /// Why it tells nothing, until somebody has asked.
    complaint: Option<String>,
}

impl Folders {
    pub(super) fn new(news: Sender<News>) -> Self {
        let tell = move |told: notify::Result<Event>| {
            let piece = match told {
                Ok(event) if event.need_rescan() => News::Lost,
                Ok(event) if is_reading(event.kind) => return,
                Ok(event) => News::Touched(event.paths),
                Err(_) => News::Lost,
            };
            // Whoever listens may have gone.
            let _ = news.send(piece);
        };
        match notify::recommended_watcher(tell) {
            Ok(watcher) => Self { watcher: Some(watcher), followed: BTreeSet::new(), complaint: None },
            Err(error) => {
                Self { watcher: None, followed: BTreeSet::new(), complaint: Some(error.to_string()) }
            }
        }
    }

    /// Follows these folders and no others. Returns those that were not followed before: what happened in them until now
    /// has not been told.
    pub(crate) fn follow(&mut self, wanted: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let Some(watcher) = &mut self.watcher else { return BTreeSet::new() };
        for gone in self.followed.difference(wanted) {
            // It may be gone from the disk as well.
            let _ = watcher.unwatch(gone);
        }

        let mut new = BTreeSet::new();
        self.followed.retain(|folder| wanted.contains(folder));
        for folder in wanted.difference(&self.followed) {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    new.insert(folder.clone());
                }
                // Another change will tell of it, should it come back.
                Err(_) if !folder.is_dir() => {}
                Err(error) => {
                    self.complaint = Some(complaint(&error));
                    self.watcher = None;
                    return BTreeSet::new();
                }
            }
        }
        self.followed.extend(new.iter().cloned());
        new
    }

    /// A folder that something happened to may be another one by the same name.
    pub(crate) fn doubt(&mut self, folder: &Path) {
        if self.followed.remove(folder)
            && let Some(watcher) = &mut self.watcher
        {
            let _ = watcher.unwatch(folder);
        }
    }

    /// Whether files have to be looked at time and again, as nobody tells of them.
    pub(crate) fn are_silent(&self) -> bool {
        self.watcher.is_none()
    }

    /// Why nobody tells of files, once.
    pub(crate) fn complaint(&mut self) -> Option<String> {
        self.complaint.take()
    }
}

/// Files that are only read do not change; looking at folders would be news of them.
fn is_reading(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    }
}

fn complaint(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "this user may watch no more folders (`sysctl fs.inotify.max_user_watches`)".to_owned()
        }
        _ => error.to_string(),
    }
}
