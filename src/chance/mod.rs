//! What a session finds decided that is chance elsewhere: what it draws, where its memory is, how folders are listed.
//!
//! The executable exports functions that win over those of libc for CPython and for its extension modules. They do what
//! libc does, in every process but those of a session.

#[cfg(sandboxed)]
mod drawn;
#[cfg(sandboxed)]
#[expect(clippy::disallowed_types, reason = "libc is called by any thread, and nobody can be sent a message")]
mod listed;

#[cfg(sandboxed)]
use std::fs;
use std::path::Path;

#[cfg(sandboxed)]
use nix::sys::personality::{self, Persona};

#[cfg(sandboxed)]
use crate::chance::drawn::Of;
use crate::model::policy::{Entropy, Layout};

/// For this process, the first one of a session, and for those it forks. What they execute finds the `note`.
#[cfg(sandboxed)]
pub(crate) fn decide(entropy: Entropy, note: Option<&Path>) {
    listed::sort();
    match entropy {
        Entropy::Seeded(seed) => {
            drawn::repeat(seed, Of::Session);
            // Without it they draw from the kernel.
            let _ = note.map(|note| fs::write(note, seed.to_string()));
        }
        Entropy::Real => {}
    }
}

#[cfg(not(sandboxed))]
pub(crate) fn decide(_entropy: Entropy, _note: Option<&Path>) {}

/// For a program that was started in a session.
#[cfg(sandboxed)]
pub(crate) fn join(note: &Path) {
    listed::sort();
    if let Some(seed) = fs::read_to_string(note).ok().and_then(|text| text.parse().ok()) {
        drawn::repeat(seed, Of::Descendant);
    }
}

/// For the programs that this thread starts. Where the system refuses, their memory is somewhere else each time.
#[cfg(sandboxed)]
pub(crate) fn lay_out(layout: Layout) {
    if let Ok(mut persona) = personality::get() {
        persona.set(Persona::ADDR_NO_RANDOMIZE, layout == Layout::Fixed);
        let _ = personality::set(persona);
    }
}

#[cfg(not(sandboxed))]
pub(crate) fn lay_out(_layout: Layout) {}
