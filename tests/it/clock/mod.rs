//! Virtual time, and the real one.

mod clocks;
mod outward;
mod races;
mod waits;
