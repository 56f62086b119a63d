//! Corrections written into the files of documents. Knows no processes, and asks no questions.
//!
//! A [`Draft`] is made of a document's file and of its corrections; what it would change can be looked at before it is
//! written. Not a byte outside of the corrected lines changes, and a draft that would mean anything else than its
//! corrections say is refused.

mod block;
mod check;
mod draft;
mod edit;
mod error;
mod hunk;
mod lines;
#[cfg(test)]
mod proptests;
mod revision;
mod target;
#[cfg(test)]
mod tests;

pub(crate) use draft::{Draft, DraftOrder};
pub(crate) use hunk::{CONTEXT, Hunk};
pub(crate) use revision::Revision;
