//! Reads and writes what is expected, and compares it with what happened. Knows no processes.
//!
//! A run opens its [`SnapshotStore`] once and takes from it the [`DocumentSnapshots`] of each document. What a document
//! itself says of a snippet is its [`Expectations`]: read before the snippet runs, judged afterwards. Each outcome is
//! reviewed by the snapshots of its document, which are asked for orphans when the document is done. In the end the
//! store finishes.

mod claims;
mod consequences;
mod doctest;
mod effects;
mod evidence;
mod exception;
mod expectations;
mod judge;
#[cfg(test)]
mod judge_tests;
mod other_language;
mod redact;
mod rescue;
mod screen;
mod shown;
mod snapshots;
mod statement;
#[cfg(test)]
mod test_data;
mod transcript;

pub(crate) use consequences::Failures;
pub(crate) use expectations::Expectations;
pub(crate) use judge::Judgment;
pub(crate) use snapshots::{
    DocumentSnapshots, FOLDER, Orphans, PendingContents, PendingSnapshot, Record, Recorded, Scope,
    SnapshotFilesError, SnapshotStore, StoreOptions, pending, reject,
};
