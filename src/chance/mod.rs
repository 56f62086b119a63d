//! What a session finds decided that is chance elsewhere: what it draws, where its memory is.
//!
//! The executable exports `getrandom` and `getentropy`, which win over those of libc for CPython and for its extension
//! modules. They ask the kernel, in every process but those of a session that has been told what to draw.

#[cfg(sandboxed)]
mod drawn;

#[cfg(sandboxed)]
use nix::sys::personality::{self, Persona};

use crate::policy::{Entropy, Layout};

/// For this process and those it forks. What they execute draws from the kernel.
pub(crate) fn decide(entropy: Entropy) {
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
