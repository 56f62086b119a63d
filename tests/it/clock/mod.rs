//! Virtual time, and the real one.

mod choice;
mod full_pipes;
#[cfg(sandboxed)]
mod interposed;
#[cfg(sandboxed)]
mod programs;
mod races;
mod waits;
