//! Sessions that run more than once.

mod other_seeds;
mod real_clock;
mod repeat;
