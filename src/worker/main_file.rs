//! `main.py`: the session's code on its document lines, for child processes that import `__main__` again.
//!
//! `multiprocessing`'s spawn and forkserver run the file that `__main__.__file__` names. It is written only for
//! sessions that may need it: a file for every snippet would cost more than most snippets do.

use std::fs;
use std::path::PathBuf;

use crate::wire::Step;

/// Words in the code of a snippet that may start a process which imports `__main__`.
const SIGNS: [&str; 5] = ["multiprocessing", "concurrent", "__file__", "spawn", "Process"];

#[derive(Debug)]
pub(super) struct MainFile {
    pub(super) path: PathBuf,
    needed: bool,
    /// The code so far. Line `n` of it is line `n` of the document.
    text: String,
    lines: u32,
}

impl MainFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, needed: false, text: String::new(), lines: 1 }
    }

    pub(super) fn append(&mut self, step: &Step) {
        while self.lines < step.line.0 {
            self.text.push('\n');
            self.lines += 1;
        }

        self.text.push_str(&step.code);
        self.lines += u32::try_from(step.code.matches('\n').count()).unwrap_or(u32::MAX);

        self.needed = self.needed || SIGNS.iter().any(|sign| step.code.contains(sign));
        if self.needed {
            // Where the disk is full, the snippet that needs the file will say so.
            let _ = fs::write(&self.path, &self.text);
        }
    }
}
