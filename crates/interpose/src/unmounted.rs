//! What stands in for mounts in a session that has none: shared memory below the session's own folder.
//!
//! Programs that the session starts find that folder by the path of this library, to which the folder has a link. They
//! load it because of a variable, [`VARIABLE`], which is added wherever a program is started.

use std::ffi::{CStr, CString, OsStr, c_char};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use snipcheck_clock::places::{PRELOAD_LINK, SHARED_FOLDER};

/// The variable of ld.so(8) with the libraries that come before all others.
const VARIABLE: &str = "LD_PRELOAD";

/// What this process has in place of mounts.
pub(crate) struct Places {
    pub(crate) shared: PathBuf,
    /// `LD_PRELOAD=…`
    preload: CString,
}

/// Set once, before a session's code runs; null elsewhere.
static PLACES: AtomicPtr<Places> = AtomicPtr::new(ptr::null_mut());

pub(crate) fn places() -> Option<&'static Places> {
    // SAFETY: the pointer is null or leads to a box that `enter` has leaked, which is never given back.
    unsafe { PLACES.load(Ordering::Acquire).as_ref() }
}

/// Makes a session's folder the one of this process, of its forks, and of the programs they start.
pub(crate) fn enter(folder: &Path) {
    let mut preload = VARIABLE.as_bytes().to_vec();
    preload.push(b'=');
    preload.extend_from_slice(folder.join(PRELOAD_LINK).as_os_str().as_bytes());
    let Ok(preload) = CString::new(preload) else { return };

    let places = Places { shared: folder.join(SHARED_FOLDER), preload };
    let places: &'static Places = Box::leak(Box::new(places));
    PLACES.store(ptr::from_ref(places).cast_mut(), Ordering::Release);
    // SAFETY: the text is never given back, and this process has one thread or is just starting.
    unsafe { libc::putenv(places.preload.as_ptr().cast_mut()) };
}

/// Enters the session's folder by whose link this library was loaded, if it was.
pub(crate) fn join() {
    let mut found = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: the place is for this answer, whose name stays where it is for as long as the library is loaded.
    let path = unsafe {
        (libc::dladdr(join as fn() as *const _, found.as_mut_ptr()) != 0)
            .then(|| CStr::from_ptr(found.assume_init().dli_fname))
    };
    let path = path.map(|path| Path::new(OsStr::from_bytes(path.to_bytes())));
    if let Some(folder) = path.filter(|path| path.ends_with(PRELOAD_LINK)).and_then(Path::parent) {
        enter(folder);
    }
}

/// The environment of a program that is started, with the variable. It takes no lock, because a child may share its
/// parent's memory.
pub(crate) fn with_preload<T>(
    environment: *const *const c_char,
    start: impl Fn(*const *const c_char) -> T,
) -> T {
    let Some(places) = places() else { return start(environment) };
    // Linux takes no list for an empty one (execve(2)).
    let nothing: [*const c_char; 1] = [ptr::null()];
    let environment = if environment.is_null() { nothing.as_ptr() } else { environment };

    let mut count = 0;
    // SAFETY: callers pass a list of texts that ends with a null pointer (execve(2)).
    while let Some(entry) = unsafe { environment.add(count).read().as_ref() } {
        // SAFETY: each text ends with a zero byte.
        let entry = unsafe { CStr::from_ptr(entry) }.to_bytes();
        if entry.strip_prefix(VARIABLE.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'=')) {
            return start(environment);
        }
        count += 1;
    }

    let size = (count + 2) * size_of::<*const c_char>();
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, for the entries, one more, and the null pointer that ends them, which it has already.
    let list = unsafe { libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0) };
    if list == libc::MAP_FAILED {
        return start(environment);
    }
    let list: *mut *const c_char = list.cast();
    // SAFETY: both lists have room for as many, and the new one is nobody else's.
    unsafe {
        ptr::copy_nonoverlapping(environment, list, count);
        list.add(count).write(places.preload.as_ptr());
    }
    let answer = start(list);
    // SAFETY: the mapping is this function's own. Where a child shares its parent's memory, the child is in here alone.
    unsafe { libc::munmap(list.cast(), size) };
    answer
}
