//! Sockets whose data travels by interrupts: what was sent may be under way while nobody runs.

use std::ffi::c_int;
use std::sync::atomic::Ordering::SeqCst;

use super::Exported;
use crate::clock::{page, real};

pub(super) static FUNCTIONS: [Exported; 1] = [Exported(socket as *const ())];

/// TCP sockets send at once (`TCP_NODELAY`, tcp(7)), and so do those that they accept: Nagle's algorithm would hold
/// data back while everybody sleeps.
#[unsafe(no_mangle)]
unsafe extern "C" fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int {
    // SAFETY: plain numbers.
    let socket = unsafe { real::socket(family, kind, protocol) };
    let Some(page) = page().filter(|_| socket >= 0 && matches!(family, libc::AF_INET | libc::AF_INET6))
    else {
        return socket;
    };
    page.sockets.store(1, SeqCst);
    let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    if kind & !flags == libc::SOCK_STREAM {
        let on: c_int = 1;
        let size = size_of::<c_int>() as libc::socklen_t;
        // SAFETY: the kernel reads one number. Where it is refused, time waits for acknowledgements.
        unsafe {
            libc::setsockopt(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, (&raw const on).cast(), size)
        };
    }
    socket
}
