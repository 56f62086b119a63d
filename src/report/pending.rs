//! Snapshots that wait for a review, each with what it would change.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::snippet::{DocumentPath, Line, SnippetId};
use crate::report::human::difference;
use crate::report::palette::{Color, Palette, paint};
use crate::report::words::place;
use crate::report::{ascii, escape};

/// A pending snapshot. The order of the fields is that of the keys.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Pending {
    /// `None` where no snippet of the document has this snapshot any more.
    pub(crate) id: Option<SnippetId>,
    /// `None` where the folder does not tell the document.
    pub(crate) path: Option<DocumentPath>,
    /// The first line of the code.
    pub(crate) line: Option<Line>,
    /// The accepted file, which may not exist, relative to the project root.
    pub(crate) snapshot: String,
    /// The file that waits.
    pub(crate) waiting: String,
    pub(crate) accepted: Option<String>,
    pub(crate) actual: String,
}

/// How pending snapshots are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PendingFormat {
    /// For people.
    #[default]
    Human,
    /// One array of objects.
    Json,
}

impl PendingFormat {
    pub(crate) fn write(self, all: &[Pending], color: Color, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Human => human(all, Palette::new(color), out),
            Self::Json => json(all, out),
        }
    }
}

fn human(all: &[Pending], palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    for (number, one) in all.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }

        match (&one.path, one.line, &one.id) {
            (Some(path), Some(line), Some(id)) => {
                let place = paint(palette.strong, place(path.as_str(), line));
                writeln!(out, "{place}  {}", escape::word(&id.0))?;
            }
            (_, _, _) => writeln!(out, "{}", paint(palette.attention, "of no snippet"))?,
        }

        let (removed, added) = (paint(palette.removed, "- accepted"), paint(palette.added, "+ waiting"));
        let legend = if one.accepted.is_some() { format!("{removed}, {added}") } else { added };
        writeln!(out, "  {}: {legend}", escape::word(&one.waiting))?;
        difference::pending(one.accepted.as_deref(), &one.actual, palette, out)?;
    }
    Ok(())
}

fn json(all: &[Pending], out: &mut dyn Write) -> io::Result<()> {
    let mut separator = "[";
    for one in all {
        write!(out, "{separator}\n  ")?;
        ascii::write(out, one)?;
        separator = ",";
    }
    out.write_all(if all.is_empty() { b"[]\n" } else { b"\n]\n" })
}
