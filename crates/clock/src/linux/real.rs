//! What libc and the kernel do where nothing is in between.

use std::ffi::{c_int, c_long};
use std::ptr;
use std::sync::atomic::AtomicU32;

use libc::{clockid_t, timespec};

use crate::original::Original;

type ClockGettime = unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int;
type SystemCall = unsafe extern "C" fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long;

// SAFETY: the type is that of clock_gettime(2).
static CLOCK_GETTIME: Original<ClockGettime> = unsafe { Original::new(c"clock_gettime") };
// SAFETY: C callers give as many arguments as the system call has, all in registers; syscall(2) passes six on.
static SYSCALL: Original<SystemCall> = unsafe { Original::new(c"syscall") };

/// Looks up libc's functions, for copies of this process.
pub(super) fn look_up() {
    CLOCK_GETTIME.function();
    SYSCALL.function();
}

/// Of the machine's monotonic clock.
pub fn nanoseconds() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

/// CPU time of this process.
pub fn cpu_nanoseconds() -> u64 {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

pub fn clock(clock: clockid_t) -> u64 {
    let mut time = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one time to where it is told.
    let answer = unsafe { CLOCK_GETTIME.function()(clock, &raw mut time) };
    debug_assert_eq!(answer, 0);
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

/// So far away that nobody waits for it. The kernel starts waits without a timeout again after a handler of a signal
/// that wants that (`SA_RESTART`), which those with one are no part of.
pub const FAR: u64 = 1_000_000_000_000_000_000;

/// `syscall(2)`.
///
/// # Safety
/// The arguments are what the system call of this number takes.
pub(super) unsafe fn system_call(number: c_long, arguments: [c_long; 6]) -> c_long {
    let [first, second, third, fourth, fifth, sixth] = arguments;
    // SAFETY: the arguments are what this function asks for.
    unsafe { SYSCALL.function()(number, first, second, third, fourth, fifth, sixth) }
}

/// `gettid(2)`.
pub(super) fn thread() -> u32 {
    // SAFETY: no arguments, no failure.
    unsafe { libc::gettid() }.cast_unsigned()
}

pub fn errno() -> c_int {
    // SAFETY: this thread's own.
    unsafe { *libc::__errno_location() }
}

pub fn set_errno(error: c_int) {
    // SAFETY: this thread's own.
    unsafe { *libc::__errno_location() = error }
}

/// `FUTEX_WAIT` of futex(2) on shared memory, for at most `timeout`: whether it was interrupted by a signal.
pub(super) fn wait(word: &AtomicU32, expected: u32, timeout: Option<u64>) -> bool {
    let timeout = timeout.map(timespec_of);
    let timeout: *const timespec = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    let (operation, expected) = (c_long::from(libc::FUTEX_WAIT), c_long::from(expected));
    // SAFETY: the word is ours, and the kernel only reads the time.
    let answer = unsafe {
        system_call(libc::SYS_futex, [word.as_ptr() as c_long, operation, expected, timeout as c_long, 0, 0])
    };
    answer < 0 && errno() == libc::EINTR
}

pub(super) fn wake(word: &AtomicU32) {
    // SAFETY: the kernel takes the word's address and does not touch it.
    unsafe { system_call(libc::SYS_futex, [word.as_ptr() as c_long, libc::FUTEX_WAKE.into(), 1, 0, 0, 0]) };
}

pub fn timespec_of(nanoseconds: u64) -> timespec {
    timespec {
        tv_sec: libc::time_t::try_from(nanoseconds / 1_000_000_000).unwrap_or(libc::time_t::MAX),
        tv_nsec: (nanoseconds % 1_000_000_000).cast_signed(),
    }
}

/// What C programs call an invalid time is `None`, as is one before zero.
pub fn nanoseconds_of(time: &timespec) -> Option<u64> {
    let fraction = u64::try_from(time.tv_nsec).ok().filter(|fraction| *fraction < 1_000_000_000)?;
    u64::try_from(time.tv_sec)
        .ok()
        .map(|seconds| seconds.saturating_mul(1_000_000_000).saturating_add(fraction))
}
