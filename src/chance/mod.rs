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
use nix::sys::personality::{self, Persona};

use crate::policy::{Entropy, Layout};

/// For this process and those it forks, not for what they execute.
pub(crate) fn decide(entropy: Entropy) {
    #[cfg(sandboxed)]
    listed::sort();
    match entropy {
        #[cfg(sandboxed)]
        Entropy::Seeded(seed) => drawn::repeat(seed),
        #[cfg(not(sandboxed))]
        Entropy::Seeded(_) => {}
        Entropy::Real => {}
    }
}

/// For the programs that this thread starts. Where the system refuses, their memory is somewhere else each time.
pub(crate) fn lay_out(layout: Layout) {
    #[cfg(sandboxed)]
    if let Ok(mut persona) = personality::get() {
        persona.set(Persona::ADDR_NO_RANDOMIZE, layout == Layout::Fixed);
        let _ = personality::set(persona);
    }
    #[cfg(not(sandboxed))]
    let _ = layout;
}
