//! A located complaint, as compilers write them.

use std::io::{self, Write};

use crate::model::problem::Problem;
use crate::report::escape;
use crate::report::palette::{Palette, paint};
use crate::report::words::place;

pub(crate) fn write(problem: &Problem, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Problem { path, line, message, hint } = problem;
    writeln!(out, "{}: {}", paint(palette.bad, "error"), escape::phrase(message))?;
    match line {
        Some(line) => writeln!(out, "  --> {}", place(path, line))?,
        None => writeln!(out, "  --> {}", escape::word(path))?,
    }
    match hint {
        Some(hint) => writeln!(out, "  {} {}", paint(palette.faint, "hint:"), escape::phrase(hint)),
        None => Ok(()),
    }
}
