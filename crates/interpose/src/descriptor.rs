//! Waits for descriptors: `select`, `poll`, `epoll`.

use std::ffi::c_int;
use std::{fs, ptr, slice};

use libc::{epoll_event, fd_set, nfds_t, pollfd, sigset_t, timespec, timeval};

use crate::deadline::{after, timeval_of};
use crate::declare::interpose;
use crate::errno::fail;
use snipcheck_clock::page::Page;
use snipcheck_clock::wait::{Answer, Delivery, Patience, wait};
use snipcheck_clock::{page, real};

/// Waits with a system call that counts what is ready, and takes a timeout of 0 or none.
///
/// `asks_for_room` says whether it waits until something can be written.
fn count(
    page: &Page,
    deadline: u64,
    asks_for_room: impl FnOnce() -> bool,
    call: impl Fn(Patience) -> c_int,
) -> c_int {
    let attempt = |patience| match call(patience) {
        0 => Answer::NotYet,
        -1 if real::errno() == libc::EINTR => Answer::Interrupted,
        ready => Answer::Done(ready),
    };
    let delivery = || if asks_for_room() { Delivery::Outside } else { Delivery::ByInterrupts };
    match wait(page, deadline, delivery, attempt) {
        Answer::Done(ready) => ready,
        Answer::NotYet => 0,
        Answer::Interrupted => fail(libc::EINTR),
    }
}

fn milliseconds(page: &Page, timeout: c_int) -> u64 {
    page.now().saturating_add(u64::from(timeout.unsigned_abs()) * 1_000_000)
}

/// In the words of those who count milliseconds.
fn whole(patience: Patience) -> c_int {
    match patience {
        Patience::Glance => 0,
        Patience::Block => -1,
    }
}

/// In the words of those who take a time, `None` where that is neither 0 nor a wait.
fn timed(page: Option<&'static Page>, timeout: *const timespec) -> Option<(&'static Page, u64)> {
    let page = page?;
    // SAFETY: null, or the caller's to read.
    let timeout = unsafe { timeout.as_ref() }?;
    if (timeout.tv_sec, timeout.tv_nsec) == (0, 0) {
        return None;
    }
    Some((page, after(page, timeout)?))
}

static ZERO: timespec = timespec { tv_sec: 0, tv_nsec: 0 };

pub(super) fn time(patience: Patience) -> *const timespec {
    match patience {
        Patience::Glance => &raw const ZERO,
        Patience::Block => ptr::null(),
    }
}

interpose!(
    fn poll(descriptors: *mut pollfd, number: nfds_t, timeout: c_int) -> c_int {
        // SAFETY: the caller's list, which is as long.
        let asks_for_room = || unsafe { is_polled_for_room(descriptors, number) };
        match page() {
            Some(page) if timeout > 0 => {
                count(page, milliseconds(page, timeout), asks_for_room, |patience| {
                    poll::original(descriptors, number, whole(patience))
                })
            }
            _ => poll::original(descriptors, number, timeout),
        }
    }
);

interpose!(
    fn ppoll(
        descriptors: *mut pollfd,
        number: nfds_t,
        timeout: *const timespec,
        mask: *const sigset_t,
    ) -> c_int {
        // SAFETY: the caller's list, which is as long.
        let asks_for_room = || unsafe { is_polled_for_room(descriptors, number) };
        match timed(page(), timeout) {
            Some((page, deadline)) => count(page, deadline, asks_for_room, |patience| {
                ppoll::original(descriptors, number, time(patience), mask)
            }),
            None => ppoll::original(descriptors, number, timeout, mask),
        }
    }
);

/// Whether an entry asks for room.
///
/// # Safety
/// The list is null or has so many entries.
unsafe fn is_polled_for_room(descriptors: *const pollfd, number: nfds_t) -> bool {
    let number = usize::try_from(number).unwrap_or(0);
    if descriptors.is_null() {
        return false;
    }
    // SAFETY: as long as the caller says.
    let entries = unsafe { slice::from_raw_parts(descriptors, number) };
    entries.iter().any(|entry| entry.fd >= 0 && entry.events & (libc::POLLOUT | libc::POLLWRNORM) != 0)
}

/// Which of the sets of a `select` asks for room.
const WRITE: usize = 1;

/// The sets of a `select`, which each call overwrites.
struct Sets {
    places: [*mut fd_set; 3],
    copies: [Vec<u8>; 3],
}

impl Sets {
    /// # Safety
    /// Each place is null or has a bit for every descriptor below `number`.
    unsafe fn new(number: c_int, places: [*mut fd_set; 3]) -> Self {
        let words = usize::try_from(number).unwrap_or(0).div_ceil(64);
        let copies = places.map(|place| {
            if place.is_null() {
                return Vec::new();
            }
            // SAFETY: the kernel reads and writes whole words.
            unsafe { slice::from_raw_parts(place.cast::<u8>(), words * 8) }.to_vec()
        });
        Self { places, copies }
    }

    fn fill(&self, with: impl Fn(&[u8], &mut [u8])) {
        for (place, copy) in self.places.iter().zip(&self.copies).filter(|(place, _)| !place.is_null()) {
            // SAFETY: as long as the copy that was made of it.
            with(copy, unsafe { slice::from_raw_parts_mut(place.cast::<u8>(), copy.len()) });
        }
    }

    /// Runs a call on the sets as they were.
    fn call(&self, select: impl Fn([*mut fd_set; 3]) -> c_int) -> c_int {
        self.fill(|copy, place| place.copy_from_slice(copy));
        select(self.places)
    }
}

interpose!(
    fn select(
        number: c_int,
        read: *mut fd_set,
        write: *mut fd_set,
        except: *mut fd_set,
        timeout: *mut timeval,
    ) -> c_int {
        // SAFETY: null, or the caller's to read.
        let wanted = unsafe { timeout.as_ref() }
            .map(|time| timespec { tv_sec: time.tv_sec, tv_nsec: time.tv_usec * 1000 });
        let wanted = wanted.as_ref().map_or(ptr::null(), ptr::from_ref);
        let Some((page, deadline)) = timed(page(), wanted) else {
            return select::original(number, read, write, except, timeout);
        };
        let answer = select_until(page, deadline, number, [read, write, except], ptr::null());
        let left = timeval_of(deadline.saturating_sub(page.now()));
        // SAFETY: it was read above. Linux leaves in it what was not slept.
        unsafe { *timeout = left };
        answer
    }
);

interpose!(
    fn pselect(
        number: c_int,
        read: *mut fd_set,
        write: *mut fd_set,
        except: *mut fd_set,
        timeout: *const timespec,
        mask: *const sigset_t,
    ) -> c_int {
        let Some((page, deadline)) = timed(page(), timeout) else {
            return pselect::original(number, read, write, except, timeout, mask);
        };
        select_until(page, deadline, number, [read, write, except], mask)
    }
);

fn select_until(
    page: &Page,
    deadline: u64,
    number: c_int,
    places: [*mut fd_set; 3],
    mask: *const sigset_t,
) -> c_int {
    // SAFETY: the caller's sets, which have a bit for each of so many descriptors, or are null.
    let sets = unsafe { Sets::new(number, places) };
    let asks_for_room = || sets.copies[WRITE].iter().any(|bits| *bits != 0);
    let answer = count(page, deadline, asks_for_room, |patience| {
        sets.call(|[read, write, except]| {
            pselect::original(number, read, write, except, time(patience), mask)
        })
    });
    if answer == 0 {
        sets.fill(|_, place| place.fill(0));
    }
    answer
}

/// Whether an epoll instance watches something for room (`proc_pid_fdinfo(5)`).
fn is_watched_for_room(epoll: c_int) -> bool {
    let text = fs::read_to_string(format!("/proc/thread-self/fdinfo/{epoll}")).unwrap_or_default();
    text.lines().filter(|line| line.starts_with("tfd:")).any(|line| {
        let events = line.split_once("events:").and_then(|(_, rest)| rest.split_ascii_whitespace().next());
        let events = events.and_then(|events| u32::from_str_radix(events, 16).ok());
        events.is_none_or(|events| events & libc::EPOLLOUT.cast_unsigned() != 0)
    })
}

interpose!(
    fn epoll_wait(epoll: c_int, events: *mut epoll_event, number: c_int, timeout: c_int) -> c_int {
        match page() {
            Some(page) if timeout > 0 => count(
                page,
                milliseconds(page, timeout),
                || is_watched_for_room(epoll),
                |patience| epoll_wait::original(epoll, events, number, whole(patience)),
            ),
            _ => epoll_wait::original(epoll, events, number, timeout),
        }
    }
);

interpose!(
    fn epoll_pwait(
        epoll: c_int,
        events: *mut epoll_event,
        number: c_int,
        timeout: c_int,
        mask: *const sigset_t,
    ) -> c_int {
        match page() {
            Some(page) if timeout > 0 => count(
                page,
                milliseconds(page, timeout),
                || is_watched_for_room(epoll),
                |patience| epoll_pwait::original(epoll, events, number, whole(patience), mask),
            ),
            _ => epoll_pwait::original(epoll, events, number, timeout, mask),
        }
    }
);

interpose!(
    fn epoll_pwait2(
        epoll: c_int,
        events: *mut epoll_event,
        number: c_int,
        timeout: *const timespec,
        mask: *const sigset_t,
    ) -> c_int {
        match timed(page(), timeout) {
            Some((page, deadline)) => count(
                page,
                deadline,
                || is_watched_for_room(epoll),
                |patience| epoll_pwait2::original(epoll, events, number, time(patience), mask),
            ),
            None => epoll_pwait2::original(epoll, events, number, timeout, mask),
        }
    }
);
