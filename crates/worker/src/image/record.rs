//! Writes an image.

use std::ffi::{CStr, c_int, c_void};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use nix::libc;
use snipcheck_clock as clock;

use crate::image::format::{
    Content, FileFacts, Head, MAGIC, MOST_REGIONS, PAGE, PAGES, REGIONS, Region, SignalAction, TEXTS,
    identity,
};
use crate::image::mappings::{self, Mapping, PageMap};

/// Bytes for the lines of `/proc/self/maps`.
const LINES: usize = 512 << 10;
/// Pages without content that are written all the same, because a region more costs more.
const SHORT_GAP: usize = 16;

/// What was mapped when the recording began: later sessions have that, too.
pub(crate) struct Recorder {
    /// Its own pages, which no image has.
    lines: &'static mut [u8],
    length: usize,
}

impl Recorder {
    /// Before anything is loaded.
    pub(crate) fn begin() -> io::Result<Self> {
        let lines = pages(LINES)?;
        let length = mappings::read(lines)?.len();
        Ok(Self { lines, length })
    }

    fn had(&self, mapping: &Mapping<'_>) -> bool {
        let text = str::from_utf8(&self.lines[..self.length]).unwrap_or_default();
        mappings::parse(text).any(|known| {
            known.start < mapping.end && mapping.start < known.end && known.inode == mapping.inode
        })
    }

    fn is_ours(&self, mapping: &Mapping<'_>) -> bool {
        let own = self.lines.as_ptr().addr();
        (own..own + LINES).contains(&mapping.start)
    }
}

/// Shared pages, which are in no image.
fn pages(size: usize) -> io::Result<&'static mut [u8]> {
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    // SAFETY: new pages, which stay mapped as long as this process lives.
    unsafe {
        let address = libc::mmap(ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(std::slice::from_raw_parts_mut(address.cast(), size))
    }
}

/// Writes the memory of this process to `file`, which is as long as an image may be. `names` are the modules that were
/// loaded.
///
/// The process has one thread, and calls this where a session would begin. The pages that hold `names` are in the
/// image, too.
pub(crate) fn record(
    recorder: &Recorder,
    file: BorrowedFd<'_>,
    names: &str,
    cost: Duration,
) -> io::Result<()> {
    let Some(page) = clock::page() else { return Err(io::ErrorKind::Unsupported.into()) };
    let size = size_of_file(file)?;
    let mut image = Image::map(file, size)?;
    image.add_text(names.as_bytes())?;
    let names = image.texts;

    let lines = pages(LINES)?;
    let own = lines.as_ptr().addr();
    let text = mappings::read(lines)?;
    let mut map = PageMap::open()?;
    for mapping in mappings::parse(text) {
        let is_ours = recorder.is_ours(&mapping) || mapping.start == own;
        if !mapping.is_own() && !mapping.is_shared && !is_ours {
            image.add(&mapping, recorder.had(&mapping), &mut map)?;
        }
    }

    // SAFETY: sbrk(3) only tells where the heap ends.
    let heap_end = unsafe { libc::sbrk(0) }.addr();
    let head = Head {
        magic: MAGIC,
        cost: u64::try_from(cost.as_nanos()).unwrap_or(u64::MAX),
        view: image.view.addr(),
        heap_end,
        clock: ptr::from_ref(page).addr(),
        position: page.position(),
        signals: std::array::from_fn(SignalAction::get),
        process: std::process::id(),
        regions: u32::try_from(image.regions).unwrap_or(u32::MAX),
        names: u32::try_from(names).unwrap_or(u32::MAX),
        texts: u32::try_from(image.texts).unwrap_or(u32::MAX),
    };
    // SAFETY: the file begins with a page for the head.
    unsafe { image.view.cast::<Head>().write(head) };
    Ok(())
}

fn size_of_file(file: BorrowedFd<'_>) -> io::Result<usize> {
    let file = File::from(file.try_clone_to_owned()?);
    Ok(usize::try_from(file.metadata()?.len()).unwrap_or(0))
}

/// The file as it grows, mapped as a whole.
struct Image {
    view: *mut c_void,
    size: usize,
    regions: usize,
    /// Bytes of texts.
    texts: usize,
    /// Where the next page goes.
    end: usize,
}

impl Image {
    fn map(file: BorrowedFd<'_>, size: usize) -> io::Result<Self> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping.
        let view =
            unsafe { libc::mmap(ptr::null_mut(), size, protection, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        if view == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { view, size, regions: 0, texts: 0, end: PAGES })
    }

    fn add(&mut self, mapping: &Mapping<'_>, is_known: bool, map: &mut PageMap) -> io::Result<()> {
        if mapping.is_file() && !is_known {
            self.add_file(mapping)?;
        }

        let is_readable = mapping.protection & libc::PROT_READ != 0;
        let mut begin = mapping.start;
        while begin < mapping.end {
            let is_own = is_readable && map.is_own(begin)?;
            let mut end = begin + PAGE;
            // The end of the last page of this kind.
            let mut last = end;
            while end < mapping.end {
                let same = (is_readable && map.is_own(end)?) == is_own;
                end += PAGE;
                if same {
                    last = end;
                } else if !is_own || mapping.is_file() || end - last > SHORT_GAP * PAGE {
                    break;
                }
            }

            if is_own {
                self.add_pages(mapping, begin, last - begin)?;
            } else if !mapping.is_file() {
                self.add_region(mapping, begin, last - begin, Content::ZEROS, 0, FileFacts::default())?;
            }
            begin = last;
        }
        Ok(())
    }

    fn add_pages(&mut self, mapping: &Mapping<'_>, start: usize, length: usize) -> io::Result<()> {
        let at = self.end;
        if at + length > self.size {
            return Err(io::Error::from_raw_os_error(libc::EFBIG));
        }
        // SAFETY: the range is mapped and can be read, the file has room for it, and no region is where the file is
        // mapped.
        unsafe {
            let from = ptr::with_exposed_provenance::<u8>(start);
            ptr::copy_nonoverlapping(from, self.view.byte_add(at).cast(), length);
        }
        self.end += length;
        self.add_region(mapping, start, length, Content::IMAGE, at as u64, FileFacts::default())
    }

    /// A library, as far as it is as in its file.
    fn add_file(&mut self, mapping: &Mapping<'_>) -> io::Result<()> {
        let path = self.texts;
        self.add_text(mapping.name.as_bytes())?;
        self.add_text(&[0])?;
        // SAFETY: the bytes are in the texts, and end with the zero that was just written.
        let name = unsafe { CStr::from_ptr(self.view.byte_add(TEXTS + path).cast()) };
        // A file that has been removed cannot be opened again, and ends this.
        let file = File::from(mappings::open(name)?);
        let (identity, changed) = identity(&file.metadata()?);
        let path_length = u32::try_from(mapping.name.len()).unwrap_or(u32::MAX);
        let path = u32::try_from(path).unwrap_or(u32::MAX);
        let facts = FileFacts { path, path_length, identity, changed };
        let length = mapping.end - mapping.start;
        self.add_region(mapping, mapping.start, length, Content::FILE, mapping.offset, facts)
    }

    fn add_region(
        &mut self,
        mapping: &Mapping<'_>,
        start: usize,
        length: usize,
        content: Content,
        offset: u64,
        file: FileFacts,
    ) -> io::Result<()> {
        if self.regions == MOST_REGIONS {
            return Err(io::Error::from_raw_os_error(libc::E2BIG));
        }
        let protection: c_int = mapping.protection;
        let region = Region { start, length, protection, content, offset, file };
        // SAFETY: there is room for so many regions before the texts.
        unsafe { self.view.byte_add(REGIONS).cast::<Region>().add(self.regions).write(region) };
        self.regions += 1;
        Ok(())
    }

    fn add_text(&mut self, text: &[u8]) -> io::Result<()> {
        if TEXTS + self.texts + text.len() > PAGES {
            return Err(io::Error::from_raw_os_error(libc::E2BIG));
        }
        // SAFETY: there is room for it, and it is not in the image.
        unsafe {
            ptr::copy_nonoverlapping(
                text.as_ptr(),
                self.view.byte_add(TEXTS + self.texts).cast(),
                text.len(),
            );
        }
        self.texts += text.len();
        Ok(())
    }
}
