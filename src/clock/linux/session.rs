//! The clock of a session: who makes it, and who lives by it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering::SeqCst};
use std::time::Duration;
use std::{mem, ptr};

use crate::clock::linux::keeper::Keeper;
use crate::clock::linux::page::{NEVER, Page, Speed};
use crate::clock::linux::{cpu_time, gil, waking};
use crate::clock::passed::Passed;

/// The clock of this process; null on the real one.
static PAGE: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());

pub(crate) fn page() -> Option<&'static Page> {
    // SAFETY: null, or a mapping that is never taken off again in this process.
    unsafe { PAGE.load(SeqCst).as_ref() }
}

/// A session's clock, in the memory of whoever made it.
#[derive(Debug)]
pub(crate) struct Clock {
    page: *mut Page,
}

impl Clock {
    /// A new one, in a file that other programs of the session can [`join`].
    pub(crate) fn create(path: &Path, start: Duration) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        file.set_len(size_of::<Page>() as u64)?;
        let clock = Self { page: map(&file)? };
        let start = u64::try_from(start.as_nanos()).unwrap_or(u64::MAX);
        clock.page().start.store(start, SeqCst);
        Ok(clock)
    }

    fn page(&self) -> &Page {
        // SAFETY: mapped for as long as this lives.
        unsafe { &*self.page }
    }

    /// Programs that replace a process and run this file take part from the start.
    pub(crate) fn know_interpreter(&self, path: &Path) {
        if let Ok(file) = path.metadata() {
            self.page().interpreter[0].store(file.dev(), SeqCst);
            self.page().interpreter[1].store(file.ino(), SeqCst);
        }
    }

    pub(crate) fn keeper(&self, outward: [RawFd; 3]) -> Keeper<'_> {
        Keeper::new(self.page(), outward)
    }

    /// What the running step has had of it.
    pub(crate) fn of_step(&self) -> Passed {
        of_step(self.page())
    }

    /// Whether the running step has real time all the same.
    pub(crate) fn is_real(&self) -> bool {
        self.page().real_step()
    }

    /// Ends a sleep of the keeper. For handlers of signals.
    pub(crate) fn interrupt_keeper(&self) {
        self.page().keeper_sleeps.store(0, SeqCst);
    }

    /// From here on this process, a copy of the one that made the clock, lives by it, and so do its children.
    pub(crate) fn enter(self) {
        enter(self.page);
        // It stays mapped.
        mem::forget(self);
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        // SAFETY: mapped by `create`, and nothing of this process refers to it any more.
        unsafe { libc::munmap(self.page.cast(), size_of::<Page>()) };
    }
}

fn map(file: &File) -> io::Result<*mut Page> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping of a file that is as long.
    let address = unsafe {
        libc::mmap(ptr::null_mut(), size_of::<Page>(), protection, libc::MAP_SHARED, file.as_raw_fd(), 0)
    };
    if address == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(address.cast()) }
}

/// A program that was started in a session joins its clock. Without one it stays on the real one.
pub(crate) fn join(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    if file.metadata()?.len() < size_of::<Page>() as u64 {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    let page = map(&file)?;
    enter(page);
    // SAFETY: mapped for good.
    unsafe { &*page }.forget_waits(std::process::id());
    Ok(())
}

fn enter(page: *mut Page) {
    waking::handle();
    cpu_time::forget_last();
    gil::find();
    PAGE.store(page, SeqCst);
    take_part();
    // SAFETY: the handler only writes to atomics.
    unsafe { libc::pthread_atfork(None, None, Some(copied)) };
}

/// This process, a copy of one that lives by a session's clock, lives by the machine's from here on.
pub(crate) fn leave() {
    if let Some(page) = page() {
        page.leave(std::process::id());
    }
    PAGE.store(ptr::null_mut(), SeqCst);
}

/// In the child of a fork(2).
extern "C" fn copied() {
    cpu_time::forget_last();
    take_part();
}

fn take_part() {
    if let Some(page) = page() {
        page.join(std::process::id());
    }
}

fn of_step(page: &Page) -> Passed {
    let (time, jumps) = page.of_step();
    Passed { time: Duration::from_nanos(time), jumps, used: true }
}

/// Virtual time until the first wait of the session ends that has a deadline. `None` where nobody waits for a time, and
/// on the real clock.
pub(crate) fn next_deadline() -> Option<Duration> {
    let page = page().filter(|page| page.speed() == Speed::Jumping)?;
    let deadlines = page.pending().map(|slot| slot.deadline.load(SeqCst));
    let next = deadlines.filter(|deadline| *deadline != NEVER).min()?;
    Some(Duration::from_nanos(next.saturating_sub(page.now())))
}

/// A stretch of a session, for which its clock is asked.
pub(crate) struct Stretch {
    page: &'static Page,
    uses: u64,
}

impl Stretch {
    /// Begins one. `None` where the clock is real.
    pub(crate) fn begin(real: bool) -> Option<Self> {
        let page = page()?;
        page.set_real_step(real);
        page.begin_step();
        Some(Self { page, uses: page.uses.load(SeqCst) })
    }

    pub(crate) fn passed(&self) -> Passed {
        Passed { used: self.page.uses.load(SeqCst) != self.uses, ..of_step(self.page) }
    }
}
