//! How a process becomes a session's: the first one is told by the worker, programs find out when they start.

use std::ffi::{CStr, OsStr, c_char};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use snipcheck_clock::interposition::Interposition;
use snipcheck_clock::places::{CHANCE, CLOCK};
use snipcheck_clock::{self as clock, live_by};

use crate::random::{self, Of};
use crate::{directory_order, handler, unmounted};

static INTERPOSITION: Interposition =
    Interposition { prepare, live_by: live_by_clock, renew: clock::copied, begin, stand_in };

/// The table of `snipcheck_clock::interposition`.
#[unsafe(no_mangle)]
extern "C" fn snipcheck_interposition() -> &'static Interposition {
    &INTERPOSITION
}

extern "C" fn prepare() {
    clock::prepare();
    handler::note_handlers();
}

extern "C" fn live_by_clock(page: *mut clock::page::Page) {
    live_by(page);
}

/// What programs execute later finds the note, which is empty where they draw from the kernel.
extern "C" fn begin(is_seeded: bool, seed: u64) {
    handler::count_handlers();
    directory_order::sort();
    if is_seeded {
        random::repeat(seed, Of::Session);
    }
    let note = if is_seeded { seed.to_string() } else { String::new() };
    // Without it they draw from the kernel. A session without mounts has no place for it.
    let _ = fs::write(CHANCE, note);
}

extern "C" fn stand_in(folder: *const c_char) {
    // SAFETY: the worker passes a path that ends with a zero byte.
    let folder = unsafe { CStr::from_ptr(folder) };
    unmounted::enter(Path::new(OsStr::from_bytes(folder.to_bytes())));
}

/// Runs when a program has loaded this library, before its own code (`.init_array`, the generic ABI of System V).
#[used]
#[unsafe(link_section = ".init_array")]
static JOIN: extern "C" fn() = join;

extern "C" fn join() {
    let Ok(note) = fs::read_to_string(CHANCE) else {
        unmounted::join();
        return;
    };
    // A session on the real clock has no clock to join.
    let _ = clock::join(Path::new(CLOCK));
    handler::count_handlers();
    directory_order::sort();
    if let Ok(seed) = note.parse() {
        random::repeat(seed, Of::Descendant);
    }
}
