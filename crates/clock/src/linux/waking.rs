//! The signal that ends a wait.

use std::ffi::{c_int, c_long};
use std::ptr;

use crate::linux::real;

/// What the keeper wakes waits with: glibc keeps it for itself, so programs can neither see, block nor replace it
/// (nptl(7): the first two real-time signals).
pub(super) const WAKING: c_int = 32;

/// Bytes of a mask of signals.
const MASK_SIZE: c_long = 8;

/// The kernel's own form of sigaction(2), which glibc's does not let through for this signal.
#[repr(C)]
struct KernelAction {
    handler: extern "C" fn(c_int),
    flags: libc::c_ulong,
    #[cfg(target_arch = "x86_64")]
    restorer: unsafe extern "C" fn(),
    mask: u64,
}

extern "C" fn woken(_signal: c_int) {}

#[cfg(target_arch = "x86_64")]
mod restorer {
    // The way back from a handler is the program's to know on this architecture (sigreturn(2)).
    std::arch::global_asm!(
        ".hidden snipcheck_return_from_signal",
        ".globl snipcheck_return_from_signal",
        "snipcheck_return_from_signal:",
        "mov $15, %rax",
        "syscall",
        options(att_syntax)
    );
    unsafe extern "C" {
        pub(super) fn snipcheck_return_from_signal();
    }
}

/// Lets [`WAKING`] interrupt what this process waits for, and nothing else happen.
pub(super) fn handle() {
    #[cfg(target_arch = "x86_64")]
    let action = KernelAction {
        handler: woken,
        // `SA_RESTORER`.
        flags: 0x0400_0000,
        restorer: restorer::snipcheck_return_from_signal,
        mask: 0,
    };
    #[cfg(not(target_arch = "x86_64"))]
    let action = KernelAction { handler: woken, flags: 0, mask: 0 };
    let old = ptr::null_mut::<KernelAction>();
    // SAFETY: the layout is the kernel's (`struct kernel_sigaction`), with a mask of eight bytes.
    let answer = unsafe {
        real::system_call(
            libc::SYS_rt_sigaction,
            [c_long::from(WAKING), (&raw const action) as c_long, old as c_long, MASK_SIZE, 0, 0],
        )
    };
    debug_assert_eq!(answer, 0);
}
