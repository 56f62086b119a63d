//! Shared memory and semaphores with names (`shm_open(3)`, `sem_open(3)`): files of the session's folder. The manual page
//! of each function's name documents it. Outside of such a session each passes its arguments on.

use std::ffi::{CStr, OsStr, c_char, c_int, c_uint};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, IntoRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use libc::{mode_t, sem_t};

use crate::declare::interpose;
use crate::errno::fail_with;
use crate::unmounted::places;

/// The machine's folder of shared memory, where programs look for room.
const OF_MACHINE: &CStr = c"/dev/shm";
const NAME_MAX: usize = 255;
/// Begins the file names of semaphores, whose names are apart from those of memory.
const SEMAPHORE: &str = "sem.";
/// `SEM_VALUE_MAX` of limits.h.
const MOST: c_uint = c_int::MAX.cast_unsigned();

/// Fails with the number of an error.
fn fail<T>(error: &io::Error, answer: T) -> T {
    fail_with(error.raw_os_error().unwrap_or(libc::EIO), answer)
}

fn answer(result: io::Result<()>) -> c_int {
    result.map_or_else(|error| fail(&error, -1), |()| 0)
}

/// The file of a name, which may begin with slashes and has no others.
fn file_of(shared: &std::path::Path, prefix: &str, name: *const c_char) -> io::Result<PathBuf> {
    if name.is_null() {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: the name is not null, and callers of these functions pass a text that ends with a zero byte.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();

    let start = name.iter().take_while(|byte| **byte == b'/').count();
    let name = &name[start..];
    if name.is_empty() || name.contains(&b'/') || matches!(name, b"." | b"..") {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    if prefix.len() + name.len() > NAME_MAX {
        return Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG));
    }

    let mut file = prefix.as_bytes().to_vec();
    file.extend_from_slice(name);
    Ok(shared.join(OsStr::from_bytes(&file)))
}

interpose!(
    fn shm_open(name: *const c_char, flags: c_int, mode: mode_t) -> c_int {
        let Some(places) = places() else {
            return shm_open::original(name, flags, mode);
        };

        let opened = file_of(&places.shared, "", name).and_then(|file| {
            OpenOptions::new()
                .read(true)
                .write(flags & libc::O_ACCMODE == libc::O_RDWR)
                .create(flags & libc::O_CREAT != 0 && flags & libc::O_ACCMODE == libc::O_RDWR)
                .create_new(flags & libc::O_CREAT != 0 && flags & libc::O_EXCL != 0)
                .truncate(flags & libc::O_TRUNC != 0 && flags & libc::O_ACCMODE == libc::O_RDWR)
                .mode(mode)
                .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
                .open(file)
        });
        opened.map_or_else(|error| fail(&error, -1), IntoRawFd::into_raw_fd)
    }
);

interpose!(
    fn shm_unlink(name: *const c_char) -> c_int {
        let Some(places) = places() else {
            return shm_unlink::original(name);
        };
        answer(file_of(&places.shared, "", name).and_then(fs::remove_file))
    }
);

interpose!(
    /// C callers give the last two arguments only with `O_CREAT`; they are passed like fixed ones, and not read otherwise.
    fn sem_open(name: *const c_char, flags: c_int, mode: mode_t, value: c_uint) -> *mut sem_t {
        let Some(places) = places() else {
            return sem_open::original(name, flags, mode, value);
        };

        let opened = file_of(&places.shared, SEMAPHORE, name).and_then(|file| {
            if flags & libc::O_CREAT == 0 {
                return open_semaphore(&file);
            }
            loop {
                if flags & libc::O_EXCL == 0 {
                    match open_semaphore(&file) {
                        Err(error) if error.kind() == ErrorKind::NotFound => {}
                        opened => return opened,
                    }
                }
                match make_semaphore(&file, mode, value) {
                    // Another process has made it meanwhile.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists && flags & libc::O_EXCL == 0 => {}
                    created => return created,
                }
            }
        });
        opened.and_then(|file| map(&file)).unwrap_or_else(|error| fail(&error, libc::SEM_FAILED))
    }
);

fn open_semaphore(file: &PathBuf) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOFOLLOW).open(file)
}

/// Makes a semaphore. Its name appears when it is complete, because other processes may open it at once.
fn make_semaphore(file: &PathBuf, mode: mode_t, value: c_uint) -> io::Result<File> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    if value > MOST {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }

    let mut semaphore = MaybeUninit::<sem_t>::zeroed();
    // SAFETY: all bytes of the semaphore were set to zero before `sem_init` wrote to them, so all can be read.
    let bytes = unsafe {
        libc::sem_init(semaphore.as_mut_ptr(), 1, value);
        std::slice::from_raw_parts(semaphore.as_ptr().cast::<u8>(), size_of::<sem_t>())
    };

    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let unfinished = file.with_file_name(format!(".{}-{number}", std::process::id()));
    let mut semaphore_file =
        OpenOptions::new().read(true).write(true).create_new(true).mode(mode).open(&unfinished)?;
    let named = semaphore_file.write_all(bytes).and_then(|()| fs::hard_link(&unfinished, file));
    let _ = fs::remove_file(&unfinished);
    named?;
    // A mapping through the first name would be one of a file without a name.
    Ok(open_semaphore(file).unwrap_or(semaphore_file))
}

/// Maps a semaphore, each time at an address of its own; the page is the same one.
fn map(file: &File) -> io::Result<*mut sem_t> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the kernel chooses the address of a new mapping, and keeps the file as long as it is mapped.
    let place = unsafe {
        libc::mmap(ptr::null_mut(), size_of::<sem_t>(), access, libc::MAP_SHARED, file.as_raw_fd(), 0)
    };
    if place == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(place.cast()) }
}

interpose!(
    fn sem_close(semaphore: *mut sem_t) -> c_int {
        if places().is_none() {
            return sem_close::original(semaphore);
        }
        // SAFETY: the caller passes what `sem_open` has returned, which is a mapping of this size.
        unsafe { libc::munmap(semaphore.cast(), size_of::<sem_t>()) }
    }
);

interpose!(
    /// Removes the name of a semaphore. Its file keeps another one: a mapped file without a name counts as if it had any size.
    fn sem_unlink(name: *const c_char) -> c_int {
        let Some(places) = places() else {
            return sem_unlink::original(name);
        };
        let renamed = file_of(&places.shared, SEMAPHORE, name).and_then(|file| {
            let inode = fs::symlink_metadata(&file)?.ino();
            fs::rename(&file, places.shared.join(format!(".gone-{inode}")))
        });
        answer(renamed)
    }
);

interpose!(
    /// Says that the machine's folder of shared memory is full: `multiprocessing` makes files there if it has room.
    fn statvfs(path: *const c_char, facts: *mut libc::statvfs) -> c_int {
        let answer = statvfs::original(path, facts);
        // SAFETY: the call has succeeded, so the kernel has read the path as a text that ends with a zero byte.
        if answer == 0 && places().is_some() && unsafe { CStr::from_ptr(path) } == OF_MACHINE {
            // SAFETY: the call has succeeded, so `facts` is memory that libc has just written to.
            unsafe { ((*facts).f_bfree, (*facts).f_bavail) = (0, 0) };
        }
        answer
    }
);

interpose!(
    /// On 64-bit systems both are one function.
    fn statvfs64(path: *const c_char, facts: *mut libc::statvfs) -> c_int {
        statvfs(path, facts)
    }
);
