//! `readdir(3)` for everything in this process: in a session folders are listed by name, and not in the order that
//! their file system happens to have.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_int};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use libc::{DIR, dirent64};

use crate::declare::interpose;

/// Entries of a folder that are sorted together.
const MOST: usize = 1 << 18;

static SORTED: AtomicBool = AtomicBool::new(false);

/// Of open folders, by their addresses. Any thread may list, so the table has a lock; a fork happens outside of it.
static LISTINGS: Mutex<BTreeMap<usize, Listing>> = Mutex::new(BTreeMap::new());

/// Held by whoever uses the table, and during a fork.
static GATE: AtomicBool = AtomicBool::new(false);

/// From now on, in this process and in its forks. It has one thread.
pub(super) fn sort() {
    // SAFETY: the handlers take and give back the gate, and touch nothing else.
    let answer = unsafe { libc::pthread_atfork(Some(close_gate), Some(open_gate), Some(open_gate)) };
    SORTED.store(answer == 0, Ordering::Release);
}

extern "C" fn close_gate() {
    while GATE.swap(true, Ordering::Acquire) {
        std::thread::yield_now();
    }
}

extern "C" fn open_gate() {
    GATE.store(false, Ordering::Release);
}

fn with_listings<T>(act: impl FnOnce(&mut BTreeMap<usize, Listing>) -> T) -> T {
    close_gate();
    let result = act(&mut LISTINGS.lock().unwrap_or_else(PoisonError::into_inner));
    open_gate();
    result
}

/// What is left of a folder's entries.
#[derive(Default)]
struct Listing {
    /// Copies of the entries, each aligned.
    words: Vec<u64>,
    /// Where in `words` they begin, the next one last.
    starts: Vec<usize>,
}

impl Listing {
    /// The next entry; without one the null pointer that libc has given, and its error.
    fn next(&mut self, folder: *mut DIR) -> *mut dirent64 {
        if self.starts.is_empty() {
            self.words.clear();
            while self.starts.len() < MOST {
                let entry = readdir64::original(folder);
                if entry.is_null() {
                    break;
                }
                self.starts.push(self.words.len());
                self.keep(entry);
            }
            let words = &self.words;
            self.starts.sort_by_cached_key(|start| std::cmp::Reverse(name(&words[*start..]).to_owned()));
        }
        match self.starts.pop() {
            Some(start) => self.words[start..].as_mut_ptr().cast(),
            None => std::ptr::null_mut(),
        }
    }

    fn keep(&mut self, entry: *const dirent64) {
        // SAFETY: libc has just given this entry, which is as long as it says.
        let (length, bytes) = unsafe { (usize::from((*entry).d_reclen), entry.cast::<u8>()) };
        let start = self.words.len();
        self.words.resize(start + length.div_ceil(size_of::<u64>()), 0);
        let words = &mut self.words[start..];
        // SAFETY: both are at least so long, and the words are new.
        unsafe { bytes.copy_to_nonoverlapping(words.as_mut_ptr().cast(), length) };
    }
}

fn name(words: &[u64]) -> &CStr {
    let entry = words.as_ptr().cast::<dirent64>();
    // SAFETY: a copy of an entry, whose name ends with a zero byte within its length.
    unsafe { CStr::from_ptr((&raw const (*entry).d_name).cast()) }
}

interpose!(
    fn readdir64(folder: *mut DIR) -> *mut dirent64 {
        if SORTED.load(Ordering::Acquire) {
            return with_listings(|listings| listings.entry(folder.addr()).or_default().next(folder));
        }
        readdir64::original(folder)
    }
);

interpose!(
    /// On 64-bit systems both are one function.
    fn readdir(folder: *mut DIR) -> *mut dirent64 {
        readdir64(folder)
    }
);

interpose!(
    fn rewinddir(folder: *mut DIR) {
        forget(folder);
        rewinddir::original(folder);
    }
);

interpose!(
    fn closedir(folder: *mut DIR) -> c_int {
        forget(folder);
        closedir::original(folder)
    }
);

fn forget(folder: *mut DIR) {
    if SORTED.load(Ordering::Acquire) {
        with_listings(|listings| drop(listings.remove(&folder.addr())));
    }
}
