//! Keys while documents are watched, without Enter after them. Everything else about the terminal stays as it is: Ctrl-C is
//! a signal, and lines of reports end as ever.

use std::io::{self, IsTerminal, stdin, stdout};
use std::os::fd::AsFd;
use std::sync::OnceLock;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::cursor::MoveTo;
use crossterm::execute;
use crossterm::terminal::{Clear, ClearType};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use nix::unistd::{self, getpgrp, tcgetpgrp};

use crate::watch::inbox::Inbox;
use crate::watch::news::{Key, News, Stroke};

/// Bytes that follow one another faster belong together: they are a paste, or the sequence of one key.
const TOGETHER: Duration = Duration::from_millis(20);
/// How often a program in the background looks whether it is in the foreground again.
const PULSE: Duration = Duration::from_millis(200);

/// Stands for the key of a signal that no key sends.
const NO_KEY: u8 = libc::_POSIX_VDISABLE;

/// The terminal as it was before the first change.
static BEFORE: OnceLock<libc::termios> = OnceLock::new();

/// Whether keys can be read and reports shown at once: both streams are a terminal.
pub(crate) fn is_possible() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// A terminal that gives keys one by one. What it was before comes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Keyboard(());

impl Keyboard {
    pub(crate) fn open(inbox: &Inbox) -> io::Result<Self> {
        let terminal = tcgetattr(stdin())?;
        BEFORE.get_or_init(|| terminal.into());
        // From here on dropping restores, whatever fails.
        let keyboard = Self(());
        Self::keep()?;

        let news = inbox.sender.clone();
        thread::Builder::new().name("keyboard".to_owned()).spawn(move || read(&news))?;
        Ok(keyboard)
    }

    /// Takes the terminal again after a shell has had it, which leaves it as shells need it.
    pub(crate) fn keep() -> io::Result<()> {
        if !is_in_foreground() {
            return Ok(());
        }
        let mut terminal = tcgetattr(stdin())?;
        let by_line = LocalFlags::ICANON | LocalFlags::ECHO;
        // The key for it would end the program before it could give the terminal back.
        let end_at_once = &mut terminal.control_chars[SpecialCharacterIndices::VQUIT as usize];
        let is_other = terminal.local_flags.intersects(by_line) || *end_at_once != NO_KEY;
        *end_at_once = NO_KEY;
        if is_other {
            terminal.local_flags.remove(by_line);
            tcsetattr(stdin(), SetArg::TCSANOW, &terminal)?;
        }
        Ok(())
    }

    /// Gives the terminal back, also where nothing is dropped any more.
    pub(crate) fn restore() {
        if let Some(before) = BEFORE.get()
            && is_in_foreground()
        {
            // A terminal that is gone has nothing to be restored.
            let _ = tcsetattr(stdin(), SetArg::TCSANOW, &Termios::from(*before));
        }
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        Self::restore();
    }
}

/// Tells of the end of standard input where there is no keyboard. What comes before it says nothing.
pub(crate) fn await_end(inbox: &Inbox) -> io::Result<()> {
    let news = inbox.sender.clone();
    let wait = move || {
        let _ = io::copy(&mut stdin().lock(), &mut io::sink());
        let _ = news.send(News::InputEnded);
    };
    thread::Builder::new().name("input".to_owned()).spawn(wait).map(drop)
}

/// Takes everything off the screen.
pub(crate) fn clear_screen() -> io::Result<()> {
    execute!(stdout(), Clear(ClearType::All), MoveTo(0, 0))
}

/// Who reads from a terminal, or changes it, while another program has it is stopped.
fn is_in_foreground() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
}

/// Reads keys until there are none any more.
fn read(news: &Sender<News>) {
    let mut bytes = [0; 1024];
    loop {
        if !is_in_foreground() {
            if tcgetattr(stdin()).is_err() {
                break;
            }
            thread::park_timeout(PULSE);
            continue;
        }
        if !is_ready(PULSE) || !is_in_foreground() {
            continue;
        }
        let Ok(count @ 1..) = unistd::read(stdin(), &mut bytes) else { break };

        let mut alone = count == 1;
        while is_ready(TOGETHER) {
            let Ok(1..) = unistd::read(stdin(), &mut bytes[1..]) else { break };
            alone = false;
        }
        let Some(key) = Key::of(bytes[0]).filter(|_| alone) else { continue };
        if news.send(News::Key(Stroke { key, at: Instant::now() })).is_err() {
            return;
        }
        // A run ends as with Ctrl-C.
        if key == Key::Quit {
            let _ = raise(Signal::SIGINT);
        }
    }
    let _ = news.send(News::InputEnded);
}

fn is_ready(patience: Duration) -> bool {
    let stdin = stdin();
    let mut waiting = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
    poll(&mut waiting, patience).is_ok_and(|ready| ready > 0)
}
