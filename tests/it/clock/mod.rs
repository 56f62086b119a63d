//! Virtual time, and the real one.

mod choice;
mod full_pipes;
#[cfg(sandboxed)]
mod interposed;
mod races;
mod waits;
