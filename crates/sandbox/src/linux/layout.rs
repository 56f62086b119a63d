//! Where programs have their memory, which addresses and default `repr`s in outputs show (personality(2)).

use nix::sys::personality::{self, Persona};

use snipcheck_model::policy::Layout;

/// For the programs that this thread starts. Where the system refuses, their memory is somewhere else each time.
pub fn lay_out(layout: Layout) {
    if let Ok(mut persona) = personality::get() {
        persona.set(Persona::ADDR_NO_RANDOMIZE, layout == Layout::Fixed);
        let _ = personality::set(persona);
    }
}
