//! A copy of a session's process, in which code is tried: it reads, computes and reports what it sees, and that is all.
//!
//! What the copy shares with the session is taken from it ([`CopyFilter::seal`]), and none of its system calls reaches
//! another process. A call that would ends the copy: the code may be hostile, and no answer to the call would be true.

use std::ffi::c_int;
use std::fs::{self, File};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::ptr;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::{Mode, SFlag, fstat, major};
use serde::{Deserialize, Serialize};

use crate::error::{SandboxError, StepContext};
use crate::linux::filter::Filter;

/// The descriptor to which a copy reports what it sees. Few snippets have so many files, and every usual limit allows
/// it.
pub(super) const RESULT: RawFd = 90;

/// How long a copy lives.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes of shared memory that are copied; with more of it nothing is tried.
const MOST_SHARED: usize = 16 << 20;
/// The major number of the memory devices (`mem(4)`), which are the same for every process.
const MEMORY_DEVICES: u64 = 1;

/// The system calls of copies, compiled once for a lane.
#[expect(clippy::unsafe_derive_deserialize, reason = "its unsafe calls do not depend on what it holds")]
#[derive(Debug, Serialize, Deserialize)]
pub struct CopyFilter(pub(super) Filter);

impl CopyFilter {
    /// Takes from this process, a copy that has been forked with one thread, whatever reaches beyond it. Afterwards it
    /// writes to the returned descriptor, which is `result`, and to its standard streams.
    pub fn seal(&self, result: BorrowedFd<'_>) -> Result<RawFd, SandboxError> {
        // SAFETY: the runner has no descriptor of this number, and a snippet's file stays open in the session.
        Errno::result(unsafe { libc::dup2(result.as_raw_fd(), RESULT) }).step("place the result")?;
        separate_descriptors().step("part from descriptors")?;
        separate_mappings().step("part from shared memory")?;
        end_after(PATIENCE).step("limit the time")?;
        self.0.apply().map_err(io::Error::other).step("filter system calls")?;
        Ok(RESULT)
    }
}

/// Opens files again, to be read at the same place: an inherited descriptor shares its position with the session's. All
/// other numbers stay taken and can neither be read nor written.
fn separate_descriptors() -> io::Result<()> {
    let nowhere = open("/dev/null", OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?;
    let names = fs::read_dir("/proc/self/fd")?.flatten().map(|entry| entry.file_name());
    let numbers: Vec<RawFd> = names.filter_map(|name| name.to_str()?.parse().ok()).collect();
    let inherited = |number: &RawFd| *number > 2 && ![RESULT, nowhere.as_raw_fd()].contains(number);

    for number in numbers.into_iter().filter(inherited) {
        let again = opened_again(number);
        let other = again.as_ref().map_or(nowhere.as_raw_fd(), AsRawFd::as_raw_fd);
        // SAFETY: the owner of the number in this copy keeps a valid descriptor, which has another file.
        if unsafe { libc::dup3(other, number, libc::O_CLOEXEC) } < 0 {
            // The number is above the limit, as those of the runner are.
            // SAFETY: the runner does not use its descriptors in a copy.
            unsafe { libc::close(number) };
        }
    }
    Ok(())
}

/// Opens a file again if reading it changes nothing: a file, a folder or a device that is the same for every process.
fn opened_again(number: RawFd) -> Option<File> {
    // SAFETY: the number was listed a moment ago, and this process has no other thread that could close it.
    let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
    let status = fstat(descriptor).ok()?;
    let is_harmless = match SFlag::from_bits_truncate(status.st_mode & SFlag::S_IFMT.bits()) {
        SFlag::S_IFREG | SFlag::S_IFDIR => true,
        SFlag::S_IFCHR => major(status.st_rdev) == MEMORY_DEVICES,
        _ => false,
    };
    // SAFETY: F_GETFL takes a number and touches no memory.
    let flags = unsafe { libc::fcntl(number, libc::F_GETFL) };
    let is_read = flags >= 0 && matches!(flags & libc::O_ACCMODE, libc::O_RDONLY | libc::O_RDWR);
    if !is_harmless || !is_read || flags & libc::O_PATH != 0 {
        return None;
    }

    let file = File::open(format!("/proc/self/fd/{number}")).ok()?;
    // SAFETY: both numbers are descriptors of this process; a device without positions answers with an error.
    unsafe {
        let place = libc::lseek(number, 0, libc::SEEK_CUR);
        libc::lseek(file.as_raw_fd(), place.max(0), libc::SEEK_SET);
    }
    Some(file)
}

/// A mapping of this process that others may have too.
struct SharedMapping {
    start: usize,
    length: usize,
    /// Whether this process can read or write there.
    is_open: bool,
}

/// Puts private pages with the same content in the place of all memory that is shared.
fn separate_mappings() -> io::Result<()> {
    let maps = fs::read_to_string("/proc/self/maps")?;
    let mut left = MOST_SHARED;

    for shared in maps.lines().filter_map(shared) {
        if shared.is_open {
            let rest = left.checked_sub(shared.length);
            left = rest.ok_or(io::Error::from(io::ErrorKind::OutOfMemory))?;
        }
        shared.make_private()?;
    }
    Ok(())
}

/// Reads a line of `proc_pid_maps(5)`; `None` if its mapping is private.
fn shared(line: &str) -> Option<SharedMapping> {
    let (range, rest) = line.split_once(' ')?;
    let permissions = rest.get(..4)?;
    let (start, end) = range.split_once('-')?;
    let [start, end] = [start, end].map(|address| usize::from_str_radix(address, 16));
    let (start, end) = (start.ok()?, end.ok()?);

    permissions.ends_with('s').then(|| SharedMapping {
        start,
        length: end.saturating_sub(start),
        is_open: permissions.starts_with('r') || permissions[1..].starts_with('w'),
    })
}

impl SharedMapping {
    fn make_private(&self) -> io::Result<()> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let place = ptr::with_exposed_provenance_mut(self.start);
        if !self.is_open {
            // SAFETY: this process can neither read nor write there, so it cannot tell that the memory is another.
            let made =
                unsafe { libc::mmap(place, self.length, libc::PROT_NONE, flags | libc::MAP_FIXED, -1, 0) };
            return if made == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) };
        }

        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: new pages are filled from those that the kernel lists and take their place, so that readers find the
        // same bytes. A page after the end of its file raises SIGBUS, which ends this process and no other.
        unsafe {
            let fresh = libc::mmap(ptr::null_mut(), self.length, protection, flags, -1, 0);
            if fresh == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }

            ptr::copy_nonoverlapping(place.cast::<u8>().cast_const(), fresh.cast(), self.length);
            let moved = libc::mremap(
                fresh,
                self.length,
                self.length,
                libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED,
                place,
            );
            if moved == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
        }
    }
}

/// Ends this process later, with a timer of the kernel whose signal cannot be blocked or ignored (`timer_create(2)`).
fn end_after(patience: Duration) -> io::Result<()> {
    // SAFETY: all-zero bytes are valid for these structs of integers; the kernel reads them and writes the timer.
    let answer = unsafe {
        let mut event: libc::sigevent = mem::zeroed();
        event.sigev_notify = libc::SIGEV_SIGNAL;
        event.sigev_signo = libc::SIGKILL;
        let mut timer: c_int = 0;
        let made =
            libc::syscall(libc::SYS_timer_create, libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer);
        if made < 0 {
            return Err(io::Error::last_os_error());
        }

        let mut time: libc::itimerspec = mem::zeroed();
        time.it_value.tv_sec = libc::time_t::try_from(patience.as_secs()).unwrap_or(1);
        libc::syscall(libc::SYS_timer_settime, timer, 0, &raw const time, ptr::null_mut::<libc::itimerspec>())
    };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::shared;

    #[test]
    fn mappings_that_others_have_too() {
        let check = |line: &str, expected: Option<(usize, usize, bool)>| {
            let found = shared(line).map(|found| (found.start, found.length, found.is_open));
            assert_eq!(found, expected, "{line}");
        };
        check("7f00-9f00 rw-s 00000000 00:01 1034 /dev/zero (deleted)", Some((0x7f00, 0x2000, true)));
        check("7f00-8f00 r--s 00000000 00:01 1034 /x y", Some((0x7f00, 0x1000, true)));
        check("7f00-8f00 -w-s 00000000 00:01 1034 /x", Some((0x7f00, 0x1000, true)));
        check("7f00-8f00 ---s 00000000 00:01 1034 /x", Some((0x7f00, 0x1000, false)));
        check("7f00-8f00 rw-p 00000000 00:01 1034 /s", None);
        check("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]", None);
        check("", None);
        check("x-y rw-s 0 0 0", None);
    }
}
