//! What changed between the accepted transcript and the new one.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use anstyle::Style;
use similar::{ChangeTag, InlineChange, TextDiff};

use crate::event::{Difference, Judged};
use crate::model::claim::Claim;
use crate::model::outcome::Operand;
use crate::model::snippet::Line;
use crate::report::escape;
use crate::report::palette::{Palette, paint};
use crate::report::quote::{Ends, write_block, write_line};
use crate::report::reason::is_false;
use crate::report::words::place;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;
const SHOWN: Ends = Ends { head: 40, tail: 40 };

/// Bytes of an operand that is read best beside the other one.
const LONG: usize = 60;

/// More claims of one snippet are not compared line by line.
const CLAIMS: usize = 4;

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

/// `name` is what the new transcript is called.
pub(crate) fn write(
    difference: &Difference,
    name: &str,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Difference { snapshot, accepted, actual } = difference;
    let Some(accepted) = accepted else {
        return writeln!(out, "  {} does not exist yet", escape::word(snapshot));
    };
    writeln!(
        out,
        "  {} {}, {}",
        escape::word(&format!("{snapshot}:")),
        paint(palette.removed, "- accepted"),
        paint(palette.added, format_args!("+ {name}"))
    )?;
    // Escaped before they are compared, so that what is emphasised is what is seen.
    let (old, new) = (escaped(accepted), escaped(actual));
    let lines = changed_lines(&old, &new, palette);
    if lines.is_empty() {
        return write_line(out, "(they differ only at line ends or beyond what is shown)");
    }
    write_block(out, &lines, SHOWN, String::clone)
}

/// The outputs that a document shows, beside what they really are, which is called `name`. Returns how many are shown.
pub(crate) fn claims(
    judged: &Judged,
    name: &str,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<usize> {
    let mut count = 0;
    for claim in judged.claims.iter().filter(|claim| is_false(claim)) {
        let (old, new) = (escaped(&claim.text), escaped(claim.actual.as_deref().unwrap_or_default()));
        if count == CLAIMS || !is_comparable(claim, &old, &new) {
            continue;
        }
        let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        let line = claim.line.0.saturating_add(u32::try_from(same).unwrap_or(u32::MAX));
        writeln!(
            out,
            "  {}: {}, {}",
            place(judged.path.as_str(), line),
            paint(palette.removed, "- document"),
            paint(palette.added, format_args!("+ {name}"))
        )?;
        write_block(out, &changed_lines(&old, &new, palette), SHOWN, String::clone)?;
        count += 1;
    }
    Ok(count)
}

/// The operands of an assertion: two long ones line by line, others each on a line.
pub(crate) fn operands(operands: &[&Operand], palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    if let [Operand { layout: Some(old), .. }, Operand { layout: Some(new), .. }] = operands {
        let (old, new) = (escaped(old), escaped(new));
        let lines = changed_lines(&old, &new, palette);
        let is_long = |lines: &[String]| lines.len() > 1 || lines.iter().any(|line| line.len() > LONG);
        if (is_long(&old) || is_long(&new)) && !lines.is_empty() {
            let (left, right) = (paint(palette.removed, "- left"), paint(palette.added, "+ right"));
            writeln!(out, "  {left}, {right}")?;
            return write_block(out, &lines, SHOWN, String::clone);
        }
    }
    for Operand { code, value, .. } in operands.iter().filter(|operand| operand.code != operand.value) {
        writeln!(out, "  `{}` is `{}`", escape::phrase(code), escape::phrase(value))?;
    }
    Ok(())
}

/// Whether reading line by line helps: several lines, and not all of them different.
fn is_comparable(claim: &Claim, old: &[String], new: &[String]) -> bool {
    let is_traceback = [Some(&claim.text), claim.actual.as_ref()]
        .into_iter()
        .flatten()
        .any(|text| text.starts_with(Claim::TRACEBACK));
    let known: BTreeSet<&str> = new.iter().map(|line| line.trim()).filter(|line| line.len() > 1).collect();
    old.len().max(new.len()) > 2 && !is_traceback && old.iter().any(|line| known.contains(line.trim()))
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
