//! What ends the program early, for people: a message, its causes, a way out.

use std::error::Error;
use std::io::{self, Write};

use crate::report::escape;
use crate::report::quote::{BAR, Ends, quote};

const SAID: Ends = Ends { head: 20, tail: 20 };

pub(super) fn write(
    error: &dyn Error,
    said: &str,
    hint: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "error: {}", message(&error.to_string()))?;
    let mut cause = error.source();
    while let Some(error) = cause {
        writeln!(out, "  because: {}", message(&error.to_string()))?;
        cause = error.source();
    }
    quote(out, said, SAID)?;
    match hint {
        Some(hint) => writeln!(out, "hint: {}", message(hint)),
        None => Ok(()),
    }
}

/// Words of ours with foreign ones among them. Further lines, which parsers draw, stand behind a bar.
fn message(text: &str) -> String {
    let mut lines = text.lines().map(|line| escape::line(line.trim_end()));
    let first = lines.next().unwrap_or_default();
    lines.fold(first, |message, line| message + "\n" + BAR + " " + &line)
}
