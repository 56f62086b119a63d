//! Corrections written into the files of documents. Knows no processes, and nobody who could be asked.
//!
//! A [`Draft`] is made of a document's file and of its corrections; what it would change can be looked at before it is
//! written. Not a byte outside of the corrected lines changes, and a draft that would mean anything else than its
//! corrections say is refused.

mod check;
mod draft;
mod edit;
mod error;
mod frame;
mod hunk;
mod lines;
mod place;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub(crate) use draft::{Draft, Order};
