//! The library whose functions are called instead of libc's, as the worker calls it.
//!
//! It is loaded when a process starts, before anybody has looked for a function of libc (ld.so(8), `LD_PRELOAD` and
//! `/etc/ld.so.preload`); the worker is loaded later. Each has a copy of this crate, and they meet in this table.

use std::ffi::{CStr, c_char};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use crate::linux::page::Page;

/// The symbol of a function that gives the table: [`Table`].
pub const SYMBOL: &CStr = c"snipcheck_interposition";

/// The type of the function [`SYMBOL`].
pub type Table = extern "C" fn() -> &'static Interposition;

/// What the library does for the worker. Both are built together: there is no other version to get along with.
#[repr(C)]
pub struct Interposition {
    /// In the process that sessions are copies of: what each of them would ask for.
    pub prepare: extern "C" fn(),
    /// This process lives by the clock of this page from here on; by the machine's, where it is null.
    pub live_by: extern "C" fn(page: *mut Page),
    /// This process has the memory of another one that lived by the same clock.
    pub renew: extern "C" fn(),
    /// This process is the first one of a session, which draws what the seed says, or from the kernel.
    pub begin: extern "C" fn(is_seeded: bool, seed: u64),
    /// This session has no mounts: what stands in for them is in the folder of this path.
    pub stand_in: extern "C" fn(folder: *const c_char),
}

/// The library of this process; `None` where it was not loaded.
pub fn interposition() -> Option<&'static Interposition> {
    static FOUND: AtomicPtr<Interposition> = AtomicPtr::new(ptr::null_mut());

    if FOUND.load(Relaxed).is_null() {
        // SAFETY: the name ends with a zero byte.
        let symbol = unsafe { libc::dlsym(libc::RTLD_DEFAULT, SYMBOL.as_ptr()) };
        if !symbol.is_null() {
            // SAFETY: the library declares the function of this name with this type.
            let table = unsafe { std::mem::transmute::<*mut libc::c_void, Table>(symbol) };
            FOUND.store(ptr::from_ref(table()).cast_mut(), Relaxed);
        }
    }
    // SAFETY: null, or a table that is never taken away.
    unsafe { FOUND.load(Relaxed).as_ref() }
}
