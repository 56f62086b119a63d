//! Lays an image over the memory of a session that begins.

use std::ffi::{CStr, OsStr, c_int, c_void};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use nix::libc;
use snipcheck_clock as clock;
use snipcheck_clock::interposition::interposition;

use crate::image::format::{
    Content, Head, MAGIC, MOST_REGIONS, PAGE, PAGES, REGIONS, Region, SignalAction, TEXTS, identity,
};
use crate::image::mappings;

/// What a session keeps: the texts that it brought along, which lie where no region is.
pub(crate) struct Kept {
    pub(crate) request: &'static [u8],
    pub(crate) home: &'static [u8],
}

/// Puts the image in `file` in the place of this process's memory, all but the stack. On an error the process is as it
/// was.
///
/// # Safety
///
/// The process is a session that has one thread and runs nothing of Python. Afterwards what the caller has on its stack
/// counts, and what was on the heap before the recording session began; everything else that was on the heap is gone,
/// and must not be dropped. The file is of a session of the same lane, which called `record` from where this is called.
pub(crate) unsafe fn adopt(file: &OwnedFd, request: &[u8], home: &Path) -> io::Result<Kept> {
    let head = head(file)?;
    let Some(page) = clock::page() else { return Err(io::ErrorKind::Unsupported.into()) };
    if head.clock != ptr::from_ref(page).addr()
        || head.process != std::process::id()
        || head.regions as usize > MOST_REGIONS
    {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let index = map(head.view, PAGES, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0)?;
    // SAFETY: the mapping holds so many regions, and texts up to its end; nothing writes to either.
    let (regions, texts): (&[Region], &[u8]) = unsafe {
        let first = index.add(REGIONS).cast();
        (
            std::slice::from_raw_parts(first, head.regions as usize),
            std::slice::from_raw_parts(index.add(TEXTS), PAGES - TEXTS),
        )
    };
    let names = texts.get(..head.names as usize).ok_or(io::ErrorKind::InvalidData)?;
    if shadows(names) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }

    // What can fail for a reason comes first, and is at addresses that this process does not use.
    let kept = keep(head.view + PAGES, request, home)?;
    for region in regions.iter().filter(|region| region.content == Content::FILE) {
        map_file(region, texts)?;
    }
    // SAFETY: nothing is in the way of the heap, since nothing was in the recorder.
    if unsafe { libc::brk(ptr::without_provenance_mut(head.heap_end)) } != 0 {
        return Err(io::Error::last_os_error());
    }

    // From here on memory changes under this function, which uses its stack and the mappings above.
    let number = file.as_raw_fd();
    for region in regions {
        let (flags, number) = match region.content {
            Content::IMAGE => (libc::MAP_PRIVATE | libc::MAP_FIXED, number),
            Content::ZEROS => (libc::MAP_PRIVATE | libc::MAP_FIXED | libc::MAP_ANONYMOUS, -1),
            _ => continue,
        };
        let offset = libc::off_t::try_from(region.offset).unwrap_or(libc::off_t::MAX);
        let address = ptr::without_provenance_mut(region.start);
        // SAFETY: as the caller says, nothing that counts is lost by it.
        unsafe {
            let there = libc::mmap(address, region.length, region.protection, flags, number, offset);
            if there == libc::MAP_FAILED {
                // This process is neither the one nor the other.
                libc::_exit(1);
            }
        }
    }

    // SAFETY: the index is not used any more.
    unsafe { libc::munmap(index.cast(), PAGES) };
    for (signal, action) in head.signals.into_iter().enumerate() {
        if action != SignalAction::get(signal) {
            action.set(signal);
        }
    }
    page.go_on(head.position);
    clock::copied();
    if let Some(library) = interposition() {
        (library.renew)();
    }
    Ok(kept)
}

fn head(file: &OwnedFd) -> io::Result<Head> {
    let mut head = MaybeUninit::<Head>::uninit();
    // SAFETY: the kernel writes at most as many bytes as there are, and any bytes make a head.
    let head = unsafe {
        let count = libc::pread(file.as_raw_fd(), head.as_mut_ptr().cast(), size_of::<Head>(), 0);
        if usize::try_from(count) != Ok(size_of::<Head>()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.assume_init()
    };
    if head.magic == MAGIC { Ok(head) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// A mapping at an address where nothing is.
fn map(
    address: usize,
    size: usize,
    protection: c_int,
    flags: c_int,
    number: c_int,
    offset: u64,
) -> io::Result<*mut u8> {
    let wanted: *mut c_void = ptr::without_provenance_mut(address);
    let flags = flags | libc::MAP_FIXED_NOREPLACE;
    let offset = libc::off_t::try_from(offset).unwrap_or(libc::off_t::MAX);
    // SAFETY: no mapping is replaced.
    let there = unsafe { libc::mmap(wanted, size, protection, flags, number, offset) };
    if there == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(there.cast()) }
}

/// Copies what the session brings along to where no region is.
fn keep(address: usize, request: &[u8], home: &Path) -> io::Result<Kept> {
    let home = home.as_os_str().as_bytes();
    let size = (request.len() + home.len()).max(1).next_multiple_of(PAGE);
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let place = map(address, size, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)?;
    // SAFETY: the mapping is long enough for both, is never taken away, and is written to only here.
    unsafe {
        ptr::copy_nonoverlapping(request.as_ptr(), place, request.len());
        ptr::copy_nonoverlapping(home.as_ptr(), place.add(request.len()), home.len());
        Ok(Kept {
            request: std::slice::from_raw_parts(place, request.len()),
            home: std::slice::from_raw_parts(place.add(request.len()), home.len()),
        })
    }
}

/// Maps a library that the recorder had, if it is still the same.
fn map_file(region: &Region, texts: &[u8]) -> io::Result<()> {
    let path = texts.get(region.file.path as usize..).ok_or(io::ErrorKind::InvalidData)?;
    let path = CStr::from_bytes_until_nul(path).map_err(|_| io::ErrorKind::InvalidData)?;
    let file = File::from(mappings::open(path)?);
    if identity(&file.metadata()?) != (region.file.identity, region.file.changed) {
        return Err(io::ErrorKind::StaleNetworkFileHandle.into());
    }
    let (number, flags) = (file.as_raw_fd(), libc::MAP_PRIVATE);
    map(region.start, region.length, region.protection, flags, number, region.offset).map(drop)
}

/// Whether a file beside the document would be imported in the place of one of these modules.
fn shadows(names: &[u8]) -> bool {
    let names = names.split(|byte| *byte == b'\n').filter(|name| !name.is_empty());
    names.map(OsStr::from_bytes).any(|name| {
        let folder = Path::new(name);
        folder.exists() || [".py", ".so", ".pyc"].iter().any(|end| exists(name, end))
    })
}

fn exists(name: &OsStr, end: &str) -> bool {
    let mut name = name.to_owned();
    name.push(end);
    Path::new(&name).exists()
}
