//! CPython's global interpreter lock: the one condition whose waits stay real.

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use libc::{Dl_info, pthread_cond_t};

/// Where `_PyRuntime` begins and ends, which holds the lock of the main interpreter.
static RUNTIME: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

/// The part of an ELF symbol that is wanted here (elf(5), `Elf64_Sym`).
#[repr(C)]
struct ElfSymbol {
    name: u32,
    info: u8,
    other: u8,
    section: u16,
    value: u64,
    size: u64,
}

/// `RTLD_DL_SYMENT` of dladdr1(3).
const WITH_SYMBOL: c_int = 1;

unsafe extern "C" {
    fn dladdr1(address: *const c_void, info: *mut Dl_info, extra: *mut *mut c_void, flags: c_int) -> c_int;
}

/// Looks for it, unless this process or the one that it is a copy of has: the whole table of symbols of libpython is read, or
/// of an interpreter that has none. A program without Python has no such lock.
pub(super) fn find() {
    if RUNTIME[1].load(Relaxed) != 0 {
        return;
    }
    // SAFETY: the name ends with a zero byte.
    let runtime = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"_PyRuntime".as_ptr()) };
    let mut info = MaybeUninit::<Dl_info>::uninit();
    let mut symbol: *mut c_void = ptr::null_mut();
    // SAFETY: both results are ours to be written.
    let found = unsafe { dladdr1(runtime, info.as_mut_ptr(), &raw mut symbol, WITH_SYMBOL) };
    if found == 0 || symbol.is_null() {
        return;
    }
    // SAFETY: on success it points to an entry of the symbol table of the object that defines it, which stays loaded.
    let size = unsafe { (*symbol.cast::<ElfSymbol>()).size };
    RUNTIME[0].store(runtime.addr(), Relaxed);
    RUNTIME[1].store(runtime.addr().saturating_add(usize::try_from(size).unwrap_or(0)), Relaxed);
}

pub fn is(condition: *const pthread_cond_t) -> bool {
    (RUNTIME[0].load(Relaxed)..RUNTIME[1].load(Relaxed)).contains(&condition.addr())
}
