//! Sockets whose data travels by interrupts: what was sent may be under way while nobody runs.

use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering::SeqCst;

use crate::declare::interpose;
use snipcheck_clock::page;

interpose!(
    /// TCP sockets send at once (`TCP_NODELAY`, tcp(7)), and so do those that they accept: Nagle's algorithm would hold
    /// data back while everybody sleeps.
    fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int {
        let socket = socket::original(family, kind, protocol);
        let Some(page) = page().filter(|_| socket >= 0 && matches!(family, libc::AF_INET | libc::AF_INET6))
        else {
            return socket;
        };
        page.sockets.store(1, SeqCst);
        let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        if kind & !flags == libc::SOCK_STREAM {
            let on: c_int = 1;
            let size = libc::socklen_t::try_from(size_of::<c_int>()).unwrap_or_default();
            // Where it is refused, time waits for acknowledgements.
            setsockopt::original(socket, libc::IPPROTO_TCP, libc::TCP_NODELAY, (&raw const on).cast(), size);
        }
        socket
    }
);

interpose!(
    /// Timeouts of a socket that the kernel keeps (`SO_RCVTIMEO`, socket(7)) are real. Those of Python's are waits for
    /// descriptors.
    fn setsockopt(
        socket: c_int,
        level: c_int,
        name: c_int,
        value: *const c_void,
        size: libc::socklen_t,
    ) -> c_int {
        if let Some(page) = page()
            && level == libc::SOL_SOCKET
            && matches!(name, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO)
        {
            page.kernel_timers.store(1, SeqCst);
            page.tell_keeper();
        }
        setsockopt::original(socket, level, name, value, size)
    }
);
