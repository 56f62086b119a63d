//! Reads and writes what is expected, and compares it with what happened. Knows no processes.
//!
//! A run opens its [`Expectations`] once, takes a [`Shelf`] per document, reviews each outcome there, asks the shelf
//! for its orphans when the document is done, and finishes.

mod disk;
mod escape;
mod expectations;
mod judge;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod properties;
mod redact;
#[cfg(test)]
mod samples;
mod sentence;
mod shelf;
#[cfg(test)]
mod shelf_tests;
mod snapshot;
mod transcript;

pub(crate) use disk::DiskError;
pub(crate) use expectations::{Expectations, Options, Pending, Record, Scope, pending, reject};
pub(crate) use shelf::{Orphans, Recorded, Shelf};
