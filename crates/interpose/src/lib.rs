//! Functions of libc under libc's own names, which every program of a session calls instead of libc's.
//!
//! A library that is loaded before all others (ld.so(8), `/etc/ld.so.preload`): into the process that sessions are
//! copies of, and into every program they start that is linked dynamically. It has nothing to do with Python.
//!
//! What would differ from run to run is decided by them: clocks and waits for them, random numbers, the order of
//! folders. What a session without mounts lacks they stand in for: shared memory ([`unmounted`]). Outside of a session
//! each does what libc's does. The manual page of its name documents each.

#![cfg(sandboxed)]

mod clock_reads;
mod condition;
mod deadline;
mod declare;
mod descriptor;
#[expect(clippy::disallowed_types, reason = "libc is called by any thread, and nobody can be sent a message")]
mod directory_order;
mod errno;
mod executable;
mod futex;
mod handler;
mod join;
mod posix_timer;
mod process;
mod random;
mod semaphore;
mod shared_memory;
mod signal;
mod sleep;
mod socket;
mod timer;
mod unmounted;
