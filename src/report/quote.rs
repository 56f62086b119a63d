//! Foreign text as a block: every line behind a bar, so that no line of it can pass for one of ours.

use std::io::{self, Write};

use crate::report::escape;

/// What opens every line of foreign text.
pub(crate) const BAR: &str = "  │";

/// How many lines of a long text are shown at its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) head: usize,
    pub(crate) tail: usize,
}

/// Leaving out fewer lines than this would save nothing.
const WORTH_LEAVING_OUT: usize = 4;

pub(crate) fn quote(out: &mut dyn Write, text: &str, ends: Ends) -> io::Result<()> {
    let lines: Vec<&str> = text.lines().collect();
    write_block(out, &lines, ends, |line| escape::line(line))
}

/// `shown` makes a line safe to print; it is asked for the lines that are printed.
pub(crate) fn write_block<T>(
    out: &mut dyn Write,
    lines: &[T],
    ends: Ends,
    shown: impl Fn(&T) -> String,
) -> io::Result<()> {
    let left_out = lines.len().saturating_sub(ends.head + ends.tail);
    if left_out < WORTH_LEAVING_OUT {
        return lines.iter().try_for_each(|line| write_line(out, &shown(line)));
    }
    let (head, rest) = lines.split_at(ends.head);
    for line in head {
        write_line(out, &shown(line))?;
    }
    write_line(out, &format!("… {left_out} more lines …"))?;
    rest.iter().skip(left_out).try_for_each(|line| write_line(out, &shown(line)))
}

/// `line` is safe to print.
pub(crate) fn write_line(out: &mut dyn Write, line: &str) -> io::Result<()> {
    let gap = if line.is_empty() { "" } else { " " };
    writeln!(out, "{BAR}{gap}{line}")
}
