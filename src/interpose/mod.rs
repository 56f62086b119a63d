//! Functions of libc under libc's own names, which libpython and every extension module call instead of libc's.
//!
//! What would differ from run to run is decided by them: clocks and waits for them, random numbers, the order of
//! folders. What a session without mounts lacks they stand in for: shared memory, and the interpreter's path. Outside
//! of a session each does what libc's does. The manual page of its name documents each.

mod clock_reads;
mod condition;
mod deadline;
mod declare;
mod descriptor;
#[expect(clippy::disallowed_types, reason = "libc is called by any thread, and nobody can be sent a message")]
mod directory_order;
mod errno;
mod futex;
mod handler;
mod process;
mod random;
mod semaphore;
mod shared_memory;
mod signal;
mod sleep;
mod socket;
mod timer;

use std::fs;
use std::path::Path;

use crate::interpose::random::Of;
use crate::model::policy::Entropy;

/// For this process, the first one of a session, which lives by the session's clock if there is one, and for those it
/// forks. What they execute finds the `note`.
pub(crate) fn begin(entropy: Entropy, note: Option<&Path>) {
    handler::count_handlers();
    directory_order::sort();
    match entropy {
        Entropy::Seeded(seed) => {
            random::repeat(seed, Of::Session);
            // Without it they draw from the kernel.
            let _ = note.map(|note| fs::write(note, seed.to_string()));
        }
        Entropy::Real => {}
    }
}

/// For a program that was started in a session, and has joined the session's clock.
pub(crate) fn join(note: &Path) {
    handler::count_handlers();
    directory_order::sort();
    if let Some(seed) = fs::read_to_string(note).ok().and_then(|text| text.parse().ok()) {
        random::repeat(seed, Of::Descendant);
    }
}
