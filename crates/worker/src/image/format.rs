//! What the file of an image holds: a head, its regions, their texts, and pages.

use std::ffi::{c_int, c_ulong};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::ptr;

use nix::libc;
use snipcheck_clock::page::Position;

/// Bytes of a page. Other sizes make no image.
pub(super) const PAGE: usize = 4096;
/// Where the regions begin, where the texts, and where the pages.
pub(super) const REGIONS: usize = PAGE;
pub(super) const TEXTS: usize = 768 << 10;
pub(super) const PAGES: usize = 1 << 20;
pub(super) const MOST_REGIONS: usize = (TEXTS - REGIONS) / size_of::<Region>();
/// Marks a file that has been written to its end.
pub(super) const MAGIC: u64 = u64::from_le_bytes(*b"snipimg1");

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Head {
    pub(super) magic: u64,
    /// CPU time that loading took, in nanoseconds.
    pub(super) cost: u64,
    /// Where the recorder had the file mapped. No region is there, for as many bytes as the file has.
    pub(super) view: usize,
    /// The end of the heap (brk(2)).
    pub(super) heap_end: usize,
    /// Where the session's clock is mapped.
    pub(super) clock: usize,
    /// How far that was.
    pub(super) position: Position,
    /// What the signals do, from the first on.
    pub(super) signals: [SignalAction; SIGNALS],
    /// The number of the recording process.
    pub(super) process: u32,
    pub(super) regions: u32,
    /// Bytes of the names of modules that were loaded, each with a line's end, at the beginning of the texts.
    pub(super) names: u32,
    /// Bytes of all texts.
    pub(super) texts: u32,
}

/// What a signal does, as the kernel has it (`rt_sigaction(2)`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(super) struct SignalAction {
    handler: usize,
    flags: c_ulong,
    restorer: usize,
    mask: u64,
}

/// Signals that Linux has.
pub(super) const SIGNALS: usize = 64;

impl SignalAction {
    /// Of a signal, from 0 on. Libc does not tell of those that it keeps for itself.
    pub(super) fn get(signal: usize) -> Self {
        let mut action = Self::default();
        Self::call(signal, ptr::null(), &raw mut action);
        action
    }

    pub(super) fn set(self, signal: usize) {
        Self::call(signal, &raw const self, ptr::null_mut());
    }

    fn call(signal: usize, new: *const Self, old: *mut Self) {
        // SAFETY: the kernel reads or writes one action, and refuses those of signals that have none.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal + 1, new, old, size_of::<u64>()) };
    }
}

/// A range of addresses and what is there.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) length: usize,
    /// As mmap(2) takes it.
    pub(super) protection: c_int,
    pub(super) content: Content,
    /// Of the image or of another file.
    pub(super) offset: u64,
    pub(super) file: FileFacts,
}

/// Its values are those of a stranger's file, so that this is no enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Content(u32);

impl Content {
    /// Pages of the image.
    pub(super) const IMAGE: Self = Self(1);
    /// Zeros.
    pub(super) const ZEROS: Self = Self(2);
    /// A file as it is: the code of a library.
    pub(super) const FILE: Self = Self(3);
}

/// The file of [`Content::FILE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub(super) struct FileFacts {
    /// Of its path, in the texts, which ends with a zero byte.
    pub(super) path: u32,
    pub(super) path_length: u32,
    pub(super) identity: [u64; 3],
    pub(super) changed: [i64; 2],
}

/// What has to be the same for a file to be the same.
pub(super) fn identity(file: &Metadata) -> ([u64; 3], [i64; 2]) {
    ([file.dev(), file.ino(), file.size()], [file.mtime(), file.mtime_nsec()])
}
