//! The clock of a session: who makes it, and who lives by it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering::SeqCst};
use std::time::Duration;
use std::{mem, ptr};

use crate::interposition::interposition;
use crate::linux::keeper::Keeper;
use crate::linux::page::{NEVER, Page, Speed};
use crate::linux::{cpu_time, gil, real, waking};
use crate::passed::Passed;

/// The clock of this process; null on the real one.
static PAGE: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());

pub fn page() -> Option<&'static Page> {
    // SAFETY: null, or a mapping that is never taken off again in this process.
    unsafe { PAGE.load(SeqCst).as_ref() }
}

/// A session's clock, in the memory of whoever made it.
#[derive(Debug)]
pub struct Clock {
    page: *mut Page,
}

impl Clock {
    /// A new one, in a file that other programs of the session can [`join`].
    pub fn create(path: &Path, start: Duration) -> io::Result<Self> {
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

    pub fn keeper(&self, outward: [RawFd; 3]) -> Keeper<'_> {
        Keeper::new(self.page(), outward)
    }

    /// What the running step has had of it.
    pub fn of_step(&self) -> Passed {
        of_step(self.page())
    }

    /// Whether the running step has real time all the same.
    pub fn is_real(&self) -> bool {
        self.page().real_step()
    }

    /// Ends a sleep of the keeper. For handlers of signals.
    pub fn interrupt_keeper(&self) {
        self.page().keeper_sleeps.store(0, SeqCst);
    }

    /// From here on this process, a copy of the one that made the clock, lives by it, and so do its children.
    pub fn enter(self) {
        share(self.page);
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
pub fn join(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    if file.metadata()?.len() < size_of::<Page>() as u64 {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    let page = map(&file)?;
    live_by(page);
    // SAFETY: mapped for good.
    unsafe { &*page }.forget_waits(std::process::id());
    Ok(())
}

/// Looks up what each session needs for its clock, in the process that sessions are copies of.
pub fn prepare() {
    real::look_up();
    gil::find();
}

/// The clock of this copy of the crate, and of the functions that everybody calls.
fn share(page: *mut Page) {
    PAGE.store(page, SeqCst);
    if let Some(library) = interposition() {
        (library.live_by)(page);
    }
}

/// Functions that are called instead of libc's show the clock of this page from here on; the machine's, where it is null.
///
/// The page is mapped for good.
pub fn live_by(page: *mut Page) {
    if page.is_null() {
        PAGE.store(page, SeqCst);
        return;
    }
    waking::handle();
    cpu_time::forget_last();
    gil::find();
    PAGE.store(page, SeqCst);
    take_part();
    // SAFETY: the handler only writes to atomics.
    unsafe { libc::pthread_atfork(None, None, Some(copied)) };
}

/// This process, a copy of one that lives by a session's clock, lives by the machine's from here on.
pub fn leave() {
    if let Some(page) = page() {
        page.leave(std::process::id());
    }
    share(ptr::null_mut());
}

/// In the child of a fork(2), and in whoever has the memory of another process.
pub extern "C" fn copied() {
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
pub fn next_deadline() -> Option<Duration> {
    let page = page().filter(|page| page.speed() == Speed::Jumping)?;
    let deadlines = page.pending().map(|slot| slot.deadline.load(SeqCst));
    let next = deadlines.filter(|deadline| *deadline != NEVER).min()?;
    Some(Duration::from_nanos(next.saturating_sub(page.now())))
}

/// A stretch of a session, for which its clock is asked.
pub struct Stretch {
    page: &'static Page,
    uses: u64,
}

impl Stretch {
    /// Begins one. `None` where the clock is real.
    pub fn begin(real: bool) -> Option<Self> {
        let page = page()?;
        page.set_real_step(real);
        page.begin_step();
        Some(Self { page, uses: page.uses.load(SeqCst) })
    }

    pub fn passed(&self) -> Passed {
        Passed { used: self.page.uses.load(SeqCst) != self.uses, ..of_step(self.page) }
    }
}
