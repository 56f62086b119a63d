//! The libraries themselves (`build.rs`).

/// The worker, as an extension module of Python.
pub(crate) const WORKER: &[u8] = include_bytes!(env!("SNIPCHECK_WORKER"));
/// Functions of libc, as sessions have them. Empty where there is no virtual time.
pub(crate) const INTERPOSE: &[u8] = include_bytes!(env!("SNIPCHECK_INTERPOSE"));
