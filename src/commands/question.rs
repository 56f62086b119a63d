//! A question to the person at the terminal.

use std::io::{self, BufRead, IsTerminal, Write, stdin, stdout};

use nix::sys::signal::{SigHandler, Signal, signal};

use crate::model::snippet::DocumentPath;
use crate::report;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    Yes,
    No,
    /// Yes to this document and to all that follow.
    All,
    /// No to this document and to all that follow.
    Quit,
}

/// Whether a person can read a question and answer it: both streams are a terminal.
pub(super) fn can_be_asked() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Asks whether a document is to be written, until the answer is one of those offered.
pub(super) fn ask(path: &DocumentPath) -> io::Result<Permission> {
    // A run has caught Ctrl-C to stop its sessions. All of them have ended, so Ctrl-C may end the program at once.
    // SAFETY: `SigDfl` installs no handler, so no code of this program can run at an unsafe moment.
    unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) }?;

    let mut out = stdout().lock();
    loop {
        write!(out, "write {}? [y/n/a/q] ", report::path(path.as_str()))?;
        out.flush()?;

        let mut line = String::new();
        if stdin().lock().read_line(&mut line)? == 0 {
            writeln!(out)?;
            return Ok(Permission::Quit);
        }

        match line.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(Permission::Yes),
            "" | "n" | "no" => return Ok(Permission::No),
            "a" | "all" => return Ok(Permission::All),
            "q" | "quit" => return Ok(Permission::Quit),
            _ => writeln!(out, "y writes it, n leaves it, a writes this one and all others, q stops")?,
        }
    }
}
