//! Foreign text as a block: every line behind a bar, so that no line of it can pass for one of ours.

use std::io::{self, Write};

use crate::report::escape;

/// What opens every line of foreign text.
pub(crate) const BAR: &str = "  │ ";

/// How many lines of a long text are shown at its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) head: usize,
    pub(crate) tail: usize,
}

pub(crate) fn quote(out: &mut dyn Write, text: &str, ends: Ends) -> io::Result<()> {
    let lines: Vec<&str> = text.lines().collect();
    let (head, left_out, tail) = ends.split(&lines);
    for line in head {
        writeln!(out, "{BAR}{}", escape::line(line))?;
    }
    if left_out > 0 {
        writeln!(out, "{BAR}{}", elision(left_out))?;
    }
    for line in tail {
        writeln!(out, "{BAR}{}", escape::line(line))?;
    }
    Ok(())
}

pub(crate) fn elision(left_out: usize) -> String {
    format!("… {left_out} more lines …")
}

impl Ends {
    /// The head, how many are left out, the tail. Nothing is left out to save less than a few lines.
    pub(crate) fn split<'a, T>(self, lines: &'a [T]) -> (&'a [T], usize, &'a [T]) {
        let shown = self.head + self.tail;
        if lines.len() <= shown + 3 {
            return (lines, 0, &[]);
        }
        (&lines[..self.head], lines.len() - shown, &lines[lines.len() - self.tail..])
    }
}
