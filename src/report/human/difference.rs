//! What changed between the accepted transcript and the new one.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use anstyle::Style;
use similar::{ChangeTag, InlineChange, TextDiff};

use crate::event::Difference;
use crate::model::snippet::Line;
use crate::report::escape;
use crate::report::palette::{Palette, paint};
use crate::report::quote::{Ends, write_block, write_line};
use crate::report::words::place;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;
const SHOWN: Ends = Ends { head: 40, tail: 40 };

/// A diff of huge outputs gets coarse rather than slow.
const PATIENCE: Duration = Duration::from_millis(200);

/// Lines of a document before and after, without their ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rewrite<'a> {
    pub(crate) path: &'a str,
    /// The first that changes.
    pub(crate) line: Line,
    pub(crate) old: &'a [String],
    pub(crate) new: &'a [String],
}

pub(crate) fn write(difference: &Difference, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Difference { snapshot, accepted, actual } = difference;
    let Some(accepted) = accepted else {
        return writeln!(out, "  {} does not exist yet", escape::word(snapshot));
    };
    writeln!(
        out,
        "  {} {}, {}",
        escape::word(&format!("{snapshot}:")),
        paint(palette.removed, "- accepted"),
        paint(palette.added, "+ actual")
    )?;
    // Escaped before they are compared, so that what is emphasised is what is seen.
    let (old, new) = (escaped(accepted), escaped(actual));
    let lines = changed_lines(&old, &new, palette);
    if lines.is_empty() {
        return write_line(out, "(they differ only at line ends or beyond what is shown)");
    }
    write_block(out, &lines, SHOWN, String::clone)
}

/// Lines of a document as they are and as they are to be.
pub(crate) fn rewrite(rewrite: &Rewrite<'_>, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Rewrite { path, line, old, new } = rewrite;
    writeln!(out, "{}", paint(palette.strong, place(path, line)))?;
    let shown = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| visible_end(escape::line(line))).collect()
    };
    write_block(out, &changed_lines(&shown(old), &shown(new), palette), SHOWN, String::clone)
}

fn escaped(text: &str) -> Vec<String> {
    text.split_terminator('\n').map(|line| visible_end(escape::line(line))).collect()
}

/// Blanks at the end of a line are a difference that nobody sees.
fn visible_end(mut line: String) -> String {
    match line.pop() {
        Some(' ') => line += "\\x20",
        Some('\t') => line += "\\t",
        Some(other) => line.push(other),
        None => {}
    }
    line
}

fn changed_lines(old: &[String], new: &[String], palette: Palette) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    let new: Vec<&str> = new.iter().map(String::as_str).collect();
    let diff = TextDiff::configure().deadline(deadline).diff_slices(&old, &new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        if !lines.is_empty() {
            lines.push(paint(palette.faint, "⋮"));
        }
        for operation in &group {
            lines.extend(
                diff.iter_inline_changes_deadline(operation, Some(deadline))
                    .map(|change| marked(&change, palette)),
            );
        }
    }
    lines
}

fn marked(change: &InlineChange<'_, str>, palette: Palette) -> String {
    let (mark, style, emphasis) = match change.tag() {
        ChangeTag::Equal => (" ", Style::new(), Style::new()),
        ChangeTag::Delete => ("-", palette.removed, palette.emphasis_removed),
        ChangeTag::Insert => ("+", palette.added, palette.emphasis_added),
    };
    let mut line = paint(style, mark) + " ";
    for (emphasized, part) in change.values() {
        line += &paint(if *emphasized { emphasis } else { style }, part);
    }
    line
}
