//! The last word of Ctrl-C and SIGTERM: the program ends, whatever its other threads are doing.
//!
//! A supervisor that runs takes both in an orderly way: sessions finish or are killed, and what is known is reported.
//! This thread counts them from the first supervisor on, also while nothing runs: outcomes that are being compared, or a
//! report whose reader has stopped reading, may not end for a long time.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Once, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::signal::unix::{SignalKind, signal};

/// Time for what is left to do after all sessions have ended: after a first Ctrl-C, and after a second one or SIGTERM.
const POLITE: Duration = Duration::from_secs(10);
const URGENT: Duration = Duration::from_secs(2);
/// Time for sessions to end after they were told to: those that cannot end with this process.
const STUCK: Duration = Duration::from_secs(15);
/// Pairs with more descriptors than two threads open before they listen: a runtime takes five.
const SOCKETS: usize = 6;
const PULSE: Duration = Duration::from_millis(100);
/// The exit code of an interrupted run.
const INTERRUPTED: i32 = 130;

static STARTED: Once = Once::new();
/// What is done where the program ends without dropping anything.
static LAST: OnceLock<fn()> = OnceLock::new();
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static INTERRUPTS: AtomicU32 = AtomicU32::new(0);

/// A supervisor that runs, for as long as this lives.
pub(super) struct Running(());

impl Running {
    pub(super) fn new() -> io::Result<Self> {
        if !STARTED.is_completed() {
            // With the first signal that is listened to, tokio panics where its sockets cannot be had.
            let room: io::Result<Vec<_>> = (0..SOCKETS).map(|_| UnixStream::pair()).collect();
            drop(room?);
        }
        STARTED.call_once(|| {
            // Once this returns, no signal ends the program by itself.
            let (ready, listens) = channel();
            // Without this thread the supervisor alone listens, as long as it runs.
            if thread::Builder::new().name("interruption".to_owned()).spawn(move || listen(ready)).is_ok() {
                let _ = listens.recv();
            }
        });
        RUNNING.fetch_add(1, Ordering::SeqCst);
        Ok(Self(()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Listens also while nothing runs. `last` is done before the program ends without dropping anything.
pub(crate) fn listen_from_now_on(last: fn()) -> io::Result<()> {
    LAST.get_or_init(|| last);
    Running::new().map(drop)
}

/// How often this process was asked to end: a Ctrl-C counts once, SIGTERM twice.
pub(crate) fn interrupts() -> u32 {
    INTERRUPTS.load(Ordering::SeqCst)
}

fn listen(ready: Sender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    if let Ok(runtime) = runtime {
        // Without its signals there is nothing to wait for.
        let _ = runtime.block_on(wait(ready));
    }
}

async fn wait(ready: Sender<()>) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    drop(ready);
    // When the program was last asked to end, or when the last session was still there.
    let mut since = Instant::now();
    let mut urgent_since = None;
    loop {
        let asked = tokio::select! {
            _ = interrupt.recv() => 1,
            _ = terminate.recv() => 2,
            () = tokio::time::sleep(PULSE), if interrupts() > 0 => 0,
        };
        INTERRUPTS.fetch_add(asked, Ordering::SeqCst);

        let now = Instant::now();
        if interrupts() > 1 {
            urgent_since.get_or_insert(now);
        }
        let is_stuck = urgent_since.is_some_and(|urgent_since| now - urgent_since > STUCK);
        if asked > 0 || RUNNING.load(Ordering::SeqCst) > 0 && !is_stuck {
            since = now;
        }
        if now - since > if urgent_since.is_some() { URGENT } else { POLITE } {
            leave();
        }
    }
}

fn leave() -> ! {
    if let Some(last) = LAST.get() {
        last();
    }
    let stderr = io::stderr();
    let mut room = [PollFd::new(stderr.as_fd(), PollFlags::POLLOUT)];
    // Nobody may be reading, and this thread must not wait for that.
    if poll(&mut room, PollTimeout::ZERO) == Ok(1) {
        // The line of a progress bar.
        let start = if stderr.is_terminal() { "\r\x1b[2K" } else { "" };
        let text = format!("{start}interrupted: what was still being compared is not reported\n");
        // Past the lock that another thread may hold.
        let _ = nix::unistd::write(&stderr, text.as_bytes());
    }
    // SAFETY: it runs no code of this program, whose other threads may hold any lock.
    unsafe { libc::_exit(INTERRUPTED) }
}
