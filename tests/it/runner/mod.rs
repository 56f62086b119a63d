//! The runner's own processes and folders, interrupted, killed or short of something.

mod cache;
mod kept_code;
mod lanes;
mod scarcity;
mod scratch;
mod signals;
mod survivors;
mod warm;
