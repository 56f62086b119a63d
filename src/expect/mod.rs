//! Reads and writes what is expected, and compares it with what happened. Knows no processes.
//!
//! [`Promises`] are what a document itself says of a snippet. Of snapshots a run opens its [`Expectations`] once, takes a [`Shelf`] per document, reviews each outcome there, asks the shelf
//! for its orphans when the document is done, and finishes.

mod claims;
mod disk;
mod doctest;
mod escape;
mod expectations;
mod judge;
#[cfg(test)]
mod judge_tests;
mod promises;
#[cfg(test)]
mod properties;
mod redact;
#[cfg(test)]
mod samples;
mod sentence;
mod shelf;
#[cfg(test)]
mod shelf_tests;
mod shown;
mod snapshot;
mod transcript;

pub(crate) use disk::{DiskError, FOLDER};
pub(crate) use expectations::{Expectations, Options, Pending, Record, Scope, pending, reject};
pub(crate) use judge::Judgment;
pub(crate) use promises::Promises;
pub(crate) use shelf::{Orphans, Recorded, Shelf};
