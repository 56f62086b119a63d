//! What libc and the kernel do where nothing is in between.

use std::ffi::{CStr, c_int, c_long, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};

use libc::{
    clockid_t, epoll_event, fd_set, nfds_t, pollfd, pthread_cond_t, pthread_mutex_t, sem_t, siginfo_t,
    sigset_t, timespec,
};

/// A function of the next object behind this executable (`RTLD_NEXT`, dlsym(3)), looked up once.
struct Symbol {
    name: &'static CStr,
    address: AtomicPtr<c_void>,
}

impl Symbol {
    const fn new(name: &'static CStr) -> Self {
        Self { name, address: AtomicPtr::new(ptr::null_mut()) }
    }

    fn address(&self) -> *mut c_void {
        let known = self.address.load(Relaxed);
        if !known.is_null() {
            return known;
        }
        let found = self.look_up();
        assert!(!found.is_null(), "libc has no {:?}", self.name);
        found
    }

    fn look_up(&self) -> *mut c_void {
        // SAFETY: the name ends with a zero byte.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr()) };
        self.address.store(found, Relaxed);
        found
    }
}

macro_rules! functions {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => {
        /// Looks all of them up. Copies of this process then need not.
        pub(super) fn look_up() {
            $(symbols::$name.look_up();)*
        }

        #[expect(non_upper_case_globals, reason = "each has the name of its function")]
        mod symbols {
            use super::Symbol;

            $(pub(super) static $name: Symbol = Symbol::new(
                match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => unreachable!(),
                },
            );)*
        }

        $(
        pub(super) unsafe fn $name($($argument: $kind),*) -> $answer {
            type Function = unsafe extern "C" fn($($kind),*) -> $answer;
            // SAFETY: libc declares the function of this name like this; the caller answers for the arguments.
            unsafe { std::mem::transmute::<*mut c_void, Function>(symbols::$name.address())($($argument),*) }
        }
        )*
    };
}

functions! {
    clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int;
    clock_nanosleep(clock: clockid_t, flags: c_int, time: *const timespec, left: *mut timespec) -> c_int;
    gettimeofday(time: *mut libc::timeval, zone: *mut c_void) -> c_int;
    poll(descriptors: *mut pollfd, count: nfds_t, timeout: c_int) -> c_int;
    ppoll(descriptors: *mut pollfd, count: nfds_t, timeout: *const timespec, mask: *const sigset_t) -> c_int;
    select(count: c_int, read: *mut fd_set, write: *mut fd_set, except: *mut fd_set, timeout: *mut libc::timeval) -> c_int;
    pselect(count: c_int, read: *mut fd_set, write: *mut fd_set, except: *mut fd_set, timeout: *const timespec, mask: *const sigset_t) -> c_int;
    epoll_wait(epoll: c_int, events: *mut epoll_event, count: c_int, timeout: c_int) -> c_int;
    epoll_pwait(epoll: c_int, events: *mut epoll_event, count: c_int, timeout: c_int, mask: *const sigset_t) -> c_int;
    epoll_pwait2(epoll: c_int, events: *mut epoll_event, count: c_int, timeout: *const timespec, mask: *const sigset_t) -> c_int;
    sem_trywait(semaphore: *mut sem_t) -> c_int;
    sem_timedwait(semaphore: *mut sem_t, deadline: *const timespec) -> c_int;
    sem_clockwait(semaphore: *mut sem_t, clock: clockid_t, deadline: *const timespec) -> c_int;
    pthread_cond_timedwait(condition: *mut pthread_cond_t, mutex: *mut pthread_mutex_t, deadline: *const timespec) -> c_int;
    pthread_cond_clockwait(condition: *mut pthread_cond_t, mutex: *mut pthread_mutex_t, clock: clockid_t, deadline: *const timespec) -> c_int;
    pthread_mutex_timedlock(mutex: *mut pthread_mutex_t, deadline: *const timespec) -> c_int;
    pthread_mutex_clocklock(mutex: *mut pthread_mutex_t, clock: clockid_t, deadline: *const timespec) -> c_int;
    pthread_timedjoin_np(thread: libc::pthread_t, value: *mut *mut c_void, deadline: *const timespec) -> c_int;
    pthread_clockjoin_np(thread: libc::pthread_t, value: *mut *mut c_void, clock: clockid_t, deadline: *const timespec) -> c_int;
    semtimedop(set: c_int, operations: *mut libc::sembuf, count: usize, timeout: *const timespec) -> c_int;
    mq_timedsend(queue: c_int, message: *const libc::c_char, length: usize, priority: libc::c_uint, deadline: *const timespec) -> c_int;
    mq_timedreceive(queue: c_int, message: *mut libc::c_char, length: usize, priority: *mut libc::c_uint, deadline: *const timespec) -> isize;
    sigtimedwait(set: *const sigset_t, info: *mut siginfo_t, timeout: *const timespec) -> c_int;
    alarm(seconds: libc::c_uint) -> libc::c_uint;
    getitimer(which: c_int, value: *mut libc::itimerval) -> c_int;
    setitimer(which: c_int, value: *const libc::itimerval, old: *mut libc::itimerval) -> c_int;
    timer_settime(timer: *mut c_void, flags: c_int, value: *const libc::itimerspec, old: *mut libc::itimerspec) -> c_int;
    timerfd_settime(timer: c_int, flags: c_int, value: *const libc::itimerspec, old: *mut libc::itimerspec) -> c_int;
    setsockopt(socket: c_int, level: c_int, name: c_int, value: *const c_void, size: libc::socklen_t) -> c_int;
    sigaction(signal: c_int, new: *const libc::sigaction, old: *mut libc::sigaction) -> c_int;
    socket(family: c_int, kind: c_int, protocol: c_int) -> c_int;
    execve(path: *const libc::c_char, arguments: *const *const libc::c_char, environment: *const *const libc::c_char) -> c_int;
    execv(path: *const libc::c_char, arguments: *const *const libc::c_char) -> c_int;
    execvp(file: *const libc::c_char, arguments: *const *const libc::c_char) -> c_int;
    execvpe(file: *const libc::c_char, arguments: *const *const libc::c_char, environment: *const *const libc::c_char) -> c_int;
    fexecve(file: c_int, arguments: *const *const libc::c_char, environment: *const *const libc::c_char) -> c_int;
    posix_spawn(child: *mut libc::pid_t, path: *const libc::c_char, actions: *const c_void, attributes: *const c_void, arguments: *const *const libc::c_char, environment: *const *const libc::c_char) -> c_int;
    posix_spawnp(child: *mut libc::pid_t, file: *const libc::c_char, actions: *const c_void, attributes: *const c_void, arguments: *const *const libc::c_char, environment: *const *const libc::c_char) -> c_int;
    system(command: *const libc::c_char) -> c_int;
    popen(command: *const libc::c_char, kind: *const libc::c_char) -> *mut libc::FILE;
    syscall(number: c_long, first: c_long, second: c_long, third: c_long, fourth: c_long, fifth: c_long, sixth: c_long) -> c_long;
}

/// Of the machine's monotonic clock.
pub(crate) fn nanoseconds() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

/// CPU time of this process.
pub(super) fn cpu_nanoseconds() -> u64 {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

pub(super) fn clock(clock: clockid_t) -> u64 {
    let mut time = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes one time to where it is told.
    let answer = unsafe { clock_gettime(clock, &raw mut time) };
    debug_assert_eq!(answer, 0);
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

/// So far away that nobody waits for it. The kernel starts waits without a timeout again after a handler of a signal
/// that wants that (`SA_RESTART`), which those with one are no part of.
pub(super) const FAR: u64 = 1_000_000_000_000_000_000;

/// `gettid(2)`.
pub(super) fn thread() -> u32 {
    // SAFETY: no arguments, no failure.
    unsafe { libc::gettid() }.cast_unsigned()
}

pub(super) fn errno() -> c_int {
    // SAFETY: this thread's own.
    unsafe { *libc::__errno_location() }
}

pub(super) fn set_errno(error: c_int) {
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = error }
}

/// `FUTEX_WAIT` of futex(2) on shared memory, for at most `timeout`: whether it was interrupted by a signal.
pub(super) fn wait(word: &AtomicU32, expected: u32, timeout: Option<u64>) -> bool {
    let timeout = timeout.map(timespec_of);
    let timeout: *const timespec = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    let (operation, expected) = (c_long::from(libc::FUTEX_WAIT), c_long::from(expected));
    // SAFETY: the word is ours, and the kernel only reads the time.
    let answer = unsafe {
        syscall(libc::SYS_futex, word.as_ptr() as c_long, operation, expected, timeout as c_long, 0, 0)
    };
    answer < 0 && errno() == libc::EINTR
}

pub(super) fn wake(word: &AtomicU32) {
    // SAFETY: the kernel takes the word's address and does not touch it.
    unsafe { syscall(libc::SYS_futex, word.as_ptr() as c_long, c_long::from(libc::FUTEX_WAKE), 1, 0, 0, 0) };
}

pub(super) fn timespec_of(nanoseconds: u64) -> timespec {
    timespec {
        tv_sec: libc::time_t::try_from(nanoseconds / 1_000_000_000).unwrap_or(libc::time_t::MAX),
        tv_nsec: (nanoseconds % 1_000_000_000).cast_signed(),
    }
}

/// What C programs call an invalid time is `None`, as is one before zero.
pub(super) fn nanoseconds_of(time: &timespec) -> Option<u64> {
    let fraction = u64::try_from(time.tv_nsec).ok().filter(|fraction| *fraction < 1_000_000_000)?;
    u64::try_from(time.tv_sec)
        .ok()
        .map(|seconds| seconds.saturating_mul(1_000_000_000).saturating_add(fraction))
}
