//! What a session's processes use together, and whether that is too much: memory, tasks, CPU time, disk space.

mod deleted_files;
mod disk;
mod kernel_memory;
mod tree;
mod usage;
mod watchdog;

pub(super) use self::watchdog::{Excess, Watchdog};
