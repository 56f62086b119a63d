//! The mappings of this process, as `proc_pid_maps(5)` and `proc_pid_pagemap(5)` tell. Nothing here allocates: memory
//! that is being written down must not change.

use std::ffi::{CStr, c_int};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::libc;

use crate::image::format::PAGE;

/// One line of `/proc/self/maps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapping<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) protection: c_int,
    pub(super) is_shared: bool,
    pub(super) offset: u64,
    pub(super) inode: u64,
    pub(super) name: &'a str,
}

impl<'a> Mapping<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.splitn(6, ' ');
        let (start, end) = words.next()?.split_once('-')?;
        let flags = words.next()?.as_bytes();
        let offset = u64::from_str_radix(words.next()?, 16).ok()?;
        let _device = words.next()?;
        let inode = words.next()?.parse().ok()?;
        let name = words.next().unwrap_or_default().trim_start();
        let bit = |index: usize, letter: u8, value: c_int| {
            if flags.get(index) == Some(&letter) { value } else { 0 }
        };
        Some(Self {
            start: usize::from_str_radix(start, 16).ok()?,
            end: usize::from_str_radix(end, 16).ok()?,
            protection: bit(0, b'r', libc::PROT_READ)
                | bit(1, b'w', libc::PROT_WRITE)
                | bit(2, b'x', libc::PROT_EXEC),
            is_shared: flags.get(3) == Some(&b's'),
            offset,
            inode,
            name,
        })
    }

    /// Whether it is one of the kernel's, or the stack, which every process has of its own.
    pub(super) fn is_own(&self) -> bool {
        self.name == "[stack]" || self.name.starts_with("[v")
    }

    pub(super) fn is_file(&self) -> bool {
        self.inode != 0
    }
}

/// Reads all mappings into `text`. Fails where it has no room for them.
pub(super) fn read(text: &mut [u8]) -> io::Result<&str> {
    let file = open(c"/proc/self/maps")?;
    let mut length = 0;
    loop {
        let free = &mut text[length..];
        if free.is_empty() {
            return Err(io::Error::from_raw_os_error(libc::E2BIG));
        }
        // SAFETY: the kernel writes at most as many bytes as are free.
        let count = unsafe { libc::read(file.as_raw_fd(), free.as_mut_ptr().cast(), free.len()) };
        match usize::try_from(count) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(_) => return Err(io::Error::last_os_error()),
        }
    }
    str::from_utf8(&text[..length]).map_err(|_| io::Error::from_raw_os_error(libc::EILSEQ))
}

pub(super) fn parse(text: &str) -> impl Iterator<Item = Mapping<'_>> {
    text.lines().filter_map(Mapping::parse)
}

/// Opens a file for reading.
pub(super) fn open(path: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: the path ends with a zero byte.
    let number = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if number < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel has just made it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Which pages have content of their own, rather than that of a file or none.
pub(super) struct PageMap {
    file: OwnedFd,
    first: usize,
    entries: [u64; Self::WINDOW],
    known: usize,
}

impl PageMap {
    const WINDOW: usize = 512;
    /// Bits of an entry: in memory, on the disk, the page of a file or shared.
    const PRESENT: u64 = 1 << 63;
    const SWAPPED: u64 = 1 << 62;
    const OF_FILE: u64 = 1 << 61;

    pub(super) fn open() -> io::Result<Self> {
        Ok(Self { file: open(c"/proc/self/pagemap")?, first: 0, entries: [0; Self::WINDOW], known: 0 })
    }

    pub(super) fn is_own(&mut self, address: usize) -> io::Result<bool> {
        let page = address / PAGE;
        if !(self.first..self.first + self.known).contains(&page) {
            self.read(page)?;
        }
        let entry = self.entries[page - self.first];
        Ok(entry & (Self::PRESENT | Self::SWAPPED) != 0 && entry & Self::OF_FILE == 0)
    }

    fn read(&mut self, page: usize) -> io::Result<()> {
        let size = size_of_val(&self.entries);
        let at = libc::off_t::try_from(page * size_of::<u64>()).unwrap_or(libc::off_t::MAX);
        let into = self.entries.as_mut_ptr().cast();
        // SAFETY: the kernel writes at most as many bytes as the array has.
        let count = unsafe { libc::pread(self.file.as_raw_fd(), into, size, at) };
        let Ok(count) = usize::try_from(count) else { return Err(io::Error::last_os_error()) };
        (self.first, self.known) = (page, count / size_of::<u64>());
        if self.known == 0 { Err(io::Error::from_raw_os_error(libc::EFAULT)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel() {
        let parsed = |line| {
            Mapping::parse(line).map(|found| (found.start, found.end, found.protection, found.is_shared))
        };
        let (read, write, execute) = (libc::PROT_READ, libc::PROT_WRITE, libc::PROT_EXEC);
        assert_eq!(
            parsed("1000-3000 rw-s 00000000 00:01 1034                  /x y"),
            Some((0x1000, 0x3000, read | write, true))
        );
        assert_eq!(
            parsed("1000-2000 r-xp 00001000 fe:00 12 /lib/x.so"),
            Some((0x1000, 0x2000, read | execute, false))
        );
        assert_eq!(parsed("1000-2000 ---p 00000000 00:00 0 "), Some((0x1000, 0x2000, 0, false)));
        assert_eq!(parsed("x"), None);

        let named =
            Mapping::parse("1000-3000 r--p 00002000 fe:00 1034                  /x y (deleted)").unwrap();
        assert_eq!((named.offset, named.inode, named.name), (0x2000, 1034, "/x y (deleted)"));
    }

    #[test]
    fn pages_that_were_written_to() {
        let mut pages = vec![0_u8; 64 * PAGE];
        let start = pages.as_ptr().addr().next_multiple_of(PAGE);
        let index = start - pages.as_ptr().addr() + 5 * PAGE;
        pages[index] = 1;
        let mut map = PageMap::open().unwrap();
        assert!(map.is_own(start + 5 * PAGE).unwrap());
        assert!(!map.is_own(lines_of_the_kernel as fn() as usize).unwrap());
    }
}
