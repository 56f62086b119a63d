//! Accepted and pending outputs of snippets: the store of a project, the snapshots of one document, files, format.

mod document;
mod files;
mod format;
#[cfg(test)]
mod proptests;
mod recording;
mod store;
#[cfg(test)]
mod tests;
mod versions;

pub(crate) use document::{DocumentSnapshots, Recorded};
pub(crate) use files::{FOLDER, SnapshotFilesError};
pub(crate) use store::{
    Orphans, PendingSnapshot, Record, Scope, SnapshotStore, StoreOptions, pending, reject,
};
