//! The body of a frame, in pages of its own rather than on the heap.
//!
//! Requests differ in size. On the heap of a lane they would decide at which addresses its later sessions have their
//! objects.

use std::ffi::c_void;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ptr::NonNull;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use serde::Deserialize;

use crate::error::FrameError;

#[derive(Debug)]
pub struct Body {
    pages: NonNull<c_void>,
    length: usize,
}

impl Body {
    pub(super) fn read(source: &mut impl Read, length: usize) -> io::Result<Self> {
        let size = NonZeroUsize::new(length).unwrap_or(NonZeroUsize::MIN);
        let (protection, flags) = (ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_PRIVATE);
        // SAFETY: without an address the kernel maps new pages where none are.
        let pages = unsafe { mmap_anonymous(None, size, protection, flags) }?;
        let body = Self { pages, length };

        // SAFETY: there are at least `length` bytes of new pages, which are zeros and which nothing else borrows.
        source.read_exact(unsafe { std::slice::from_raw_parts_mut(pages.cast().as_ptr(), length) })?;
        Ok(body)
    }

    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, FrameError> {
        decode(self.bytes())
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the pages are mapped as long as this body lives, and are not written to after `read`.
        unsafe { std::slice::from_raw_parts(self.pages.cast().as_ptr(), self.length) }
    }
}

/// What a body says, of which these are the bytes.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, FrameError> {
    Ok(serde_json::from_slice(bytes)?)
}

impl Drop for Body {
    fn drop(&mut self) {
        // SAFETY: the pages are this body's, and what `decode` borrows from them cannot outlive it.
        let _ = unsafe { munmap(self.pages, self.length.max(1)) };
    }
}
