//! What is not the same in every run, and what to do about it.

use std::io::{self, Write};

use crate::event::Judged;
use crate::report::escape;
use crate::report::palette::{Palette, paint};
use crate::report::words::place;
use crate::variation::{SnapshotView, SuggestedRedaction, Variation};

/// More places of one snippet are counted, not shown.
const SHOWN: usize = 8;
/// Characters of each text.
const QUOTED: usize = 60;

/// Two lines for each place.
pub(crate) fn list(judged: &Judged, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let word = paint(palette.attention, "unstable");
    for variation in judged.variations.iter().take(SHOWN) {
        let Variation { aspect, line, before, after, run, python, cause, .. } = variation;
        let place = place(judged.path.as_str(), line.unwrap_or(judged.location.code));
        let [before, after] = [before, after].map(|text| cut(text));
        let other = python.map_or_else(|| format!("in run {run}"), |python| format!("on {python}"));
        let (aspect, cause) = (aspect.word(), cause.word());
        writeln!(out, "{word}              {place}  {cause}: {aspect} `{before}`, {other} `{after}`")?;
        let hint = paint(palette.faint, "hint:");
        writeln!(out, "                      {hint} {}", escape::phrase(&remedy(variation)))?;
    }
    match judged.variations.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => writeln!(out, "{word}              {more} more places in the same snippet"),
        Some(_) | None => Ok(()),
    }
}

fn remedy(variation: &Variation) -> String {
    let Variation { redaction, in_snapshots, marker, .. } = variation;
    match (redaction, in_snapshots) {
        (None, SnapshotView::Show) => format!("`{marker}` after it"),
        (_, SnapshotView::Redact) => format!("`{marker}` after it; snapshots leave it out already"),
        (Some(SuggestedRedaction { pattern, replacement }), SnapshotView::Show) => format!(
            "`{marker}` after it, or for snapshots redactions = [{{ pattern = {}, replacement = {} }}]",
            literal(pattern),
            literal(replacement)
        ),
    }
}

/// As TOML spells it.
fn literal(text: &str) -> String {
    if text.contains('\'') {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("'{text}'")
    }
}

fn cut(text: &str) -> String {
    let text = escape::phrase(text);
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
