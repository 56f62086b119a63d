//! Virtual time, and the real one.

mod choice;
mod full_pipes;
mod races;
mod waits;
