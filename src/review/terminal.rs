//! The terminal while questions are asked: keys one by one, the whole screen, and everything as it was at the end.

use std::io::{self, IsTerminal, Write, stdin, stdout};
use std::time::Duration;

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};
use nix::sys::termios::{FlushArg, tcflush};

use crate::review::screen::Size;

/// How often somebody who wants this process to end is looked for.
const PULSE: Duration = Duration::from_millis(200);

/// The time in which nobody reads a question.
const UNREAD: Duration = Duration::from_millis(60);

/// Where a terminal does not say how large it is.
const USUAL: (u16, u16) = (80, 24);

/// Whether questions can be shown and answered: both streams are a terminal.
pub(crate) fn is_possible() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// What somebody did at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Letter(char),
    Up,
    Down,
    PageUp,
    PageDown,
    Enter,
    Backspace,
    Escape,
    /// Ctrl-C, or the wish of somebody else that this process ends.
    Interrupt,
    /// The terminal has another size now.
    Resize,
    /// A key without a meaning.
    Other,
}

/// A terminal in raw mode on its other screen. What it was before comes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Terminal {
    is_asked_to_end: fn() -> bool,
}

impl Terminal {
    pub(crate) fn enter(is_asked_to_end: fn() -> bool) -> io::Result<Self> {
        enable_raw_mode()?;
        // From here on dropping restores, whatever fails.
        let terminal = Self { is_asked_to_end };
        execute!(stdout(), EnterAlternateScreen, Hide)?;
        Ok(terminal)
    }

    /// Takes everything off the screen, so that nothing of another question stands beside a new one while it is drawn.
    pub(super) fn clear() -> io::Result<()> {
        execute!(stdout(), Clear(ClearType::All))
    }

    /// Shows lines in the place of everything that was there.
    pub(super) fn draw(lines: &[String]) -> io::Result<()> {
        let mut out = stdout().lock();
        queue!(out, MoveTo(0, 0))?;
        for (number, line) in (0_u16..).zip(lines) {
            queue!(out, MoveTo(0, number), Clear(ClearType::UntilNewLine))?;
            write!(out, "{line}")?;
        }
        let end = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        if lines.len() < Self::size().height {
            queue!(out, MoveTo(0, end), Clear(ClearType::FromCursorDown))?;
        }
        out.flush()
    }

    pub(super) fn size() -> Size {
        let (width, height) =
            size().ok().filter(|(width, height)| *width > 0 && *height > 0).unwrap_or(USUAL);
        Size { width: width.into(), height: height.into() }
    }

    /// Forgets what was typed before the question on the screen could be read.
    /// Keys that follow one another faster than a person decides, as those of a paste do, belong together.
    pub(super) fn discard_typed() -> io::Result<Key> {
        tcflush(stdin(), FlushArg::TCIFLUSH)?;
        while event::poll(UNREAD)? {
            let Event::Key(key) = event::read()? else { continue };
            if meaning(key.code, key.modifiers) == Key::Interrupt {
                return Ok(Key::Interrupt);
            }
        }
        Ok(Key::Other)
    }

    /// Waits for the next key.
    pub(super) fn key(&self) -> io::Result<Key> {
        loop {
            if (self.is_asked_to_end)() {
                return Ok(Key::Interrupt);
            }
            if !event::poll(PULSE)? {
                continue;
            }
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    return Ok(meaning(key.code, key.modifiers));
                }
                Event::Resize(_, _) => return Ok(Key::Resize),
                Event::Key(_) | Event::FocusGained | Event::FocusLost | Event::Mouse(_) => {}
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A terminal that is gone has nothing to be restored.
        let _ = execute!(stdout(), Show, LeaveAlternateScreen);
        let _ = disable_raw_mode();
    }
}

fn meaning(code: KeyCode, modifiers: KeyModifiers) -> Key {
    if modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        let ends = modifiers.contains(KeyModifiers::CONTROL) && matches!(code, KeyCode::Char('c' | 'd'));
        return if ends { Key::Interrupt } else { Key::Other };
    }
    match code {
        KeyCode::Char(letter) => Key::Letter(letter),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Enter => Key::Enter,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Esc => Key::Escape,
        _ => Key::Other,
    }
}
