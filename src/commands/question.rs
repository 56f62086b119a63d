//! A question to whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal, Write, stdin, stdout};

use nix::sys::signal::{SigHandler, Signal, signal};

use crate::model::snippet::DocumentPath;
use crate::report;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// This one and all that follow.
    All,
    /// Neither this one nor any that follows.
    Quit,
}

/// Whether there is somebody who can read a question and answer it.
pub(super) fn can_be_asked() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Whether a document is to be written.
pub(super) fn ask(path: &DocumentPath) -> io::Result<Answer> {
    // A run has caught Ctrl-C. Now nothing is left that would have to be stopped with care.
    // SAFETY: the default action runs no code of this program.
    unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) }?;
    let mut out = stdout().lock();
    loop {
        write!(out, "write {}? [y/n/a/q] ", report::path(path.as_str()))?;
        out.flush()?;
        let mut line = String::new();
        if stdin().lock().read_line(&mut line)? == 0 {
            writeln!(out)?;
            return Ok(Answer::Quit);
        }
        match line.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(Answer::Yes),
            "" | "n" | "no" => return Ok(Answer::No),
            "a" | "all" => return Ok(Answer::All),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => writeln!(out, "y writes it, n leaves it, a writes this one and all others, q stops")?,
        }
    }
}
