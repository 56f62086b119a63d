//! What documents say of their own code and what it really is.

use std::io::{self, Write};

use annotate_snippets::AnnotationKind;

use crate::event::Judged;
use crate::model::claim::{Claim, ClaimVerdict};
use crate::report::escape;
use crate::report::human::excerpt;
use crate::report::options::{Remarks, Verbosity};
use crate::report::palette::{Color, Palette, paint};
use crate::report::reason::{is_false, truth};
use crate::report::words::place;
use crate::summary::ClaimCounts;

/// More false claims in one block are counted, not shown.
const SHOWN: usize = 8;

/// Whether the excerpt says what the sentence about this claim would say.
pub(crate) fn shows(judged: &Judged, claim: &Claim) -> bool {
    shown(judged).any(|shown| shown == claim)
}

/// Of several lines nobody sees at once which one is false: there the reason says it.
pub(crate) fn shown(judged: &Judged) -> impl Iterator<Item = &Claim> {
    let single = |claim: &&Claim| claim.text.lines().nth(1).is_none();
    judged.claims.iter().filter(|claim| is_false(claim)).filter(single).take(SHOWN)
}

/// The lines that are false, each with the truth below it; `None` where the document has no such lines.
pub(crate) fn excerpt(judged: &Judged, color: Color) -> Option<String> {
    let claims: Vec<&Claim> = shown(judged).collect();
    let (first, last) = (claims.first()?.line, claims.last()?.line);
    let height = (last.0.checked_sub(first.0)? as usize).checked_add(1)?;
    let skipped = (first.0 as usize).checked_sub(1)?;
    let lines: Vec<String> = judged.source.lines().skip(skipped).take(height).map(escape::line).collect();
    let mut starts = vec![0];
    for line in &lines {
        starts.push(starts[starts.len() - 1] + line.len() + 1);
    }
    let source = lines.join("\n");
    let mut snippet = excerpt::snippet(judged, source, first).fold(true);
    for claim in claims {
        let above = (claim.line.0 - first.0) as usize;
        let line = lines.get(above)?;
        let said = escape::line(claim.text.lines().next().unwrap_or_default());
        let indentation = line.len() - line.trim_start().len();
        let (start, length) = match line.rfind(&said).filter(|_| !said.is_empty()) {
            Some(start) => (start, said.len()),
            None => (indentation, line.trim().len()),
        };
        let span = starts[above] + start..starts[above] + start + length;
        snippet = snippet.annotation(AnnotationKind::Primary.span(span).label(escape::line(&truth(claim))));
    }
    Some(excerpt::rendered(snippet, color))
}

/// A line for each claim that wants attention, as far as the caller wants to know.
pub(crate) fn list(
    judged: &Judged,
    (verbosity, remarks): (Verbosity, Remarks),
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    for claim in &judged.claims {
        let (word, style) = match claim.verdict {
            ClaimVerdict::Holds => continue,
            ClaimVerdict::Broken if claim.accepted => ("known", palette.faint),
            ClaimVerdict::Broken => ("false", palette.bad),
            ClaimVerdict::Unstable => ("unstable", palette.attention),
            ClaimVerdict::NotReached => ("unseen", palette.attention),
            ClaimVerdict::Remark => ("remark", palette.faint),
        };
        let wanted = match claim.verdict {
            ClaimVerdict::Remark => remarks == Remarks::Shown,
            ClaimVerdict::Holds
            | ClaimVerdict::Broken
            | ClaimVerdict::Unstable
            | ClaimVerdict::NotReached => verbosity == Verbosity::Verbose,
        };
        if wanted {
            let word = paint(style, format_args!("{word:>8}"));
            let place = place(judged.path.as_str(), claim.line);
            let truth = match claim.verdict {
                ClaimVerdict::Broken | ClaimVerdict::Unstable => {
                    format!(", but {}", escape::line(&truth(claim)))
                }
                ClaimVerdict::Holds | ClaimVerdict::NotReached | ClaimVerdict::Remark => String::new(),
            };
            writeln!(out, "{word}              {place}  {}{truth}", escape::phrase(&claim.text))?;
        }
    }
    Ok(())
}

/// `12 hold, 1 broken, 3 not reached, 8 remarks`; empty where nothing can be true or false.
pub(crate) fn counts(counts: &ClaimCounts) -> String {
    let ClaimCounts { holds, broken, known, unstable, not_reached, remarks } = *counts;
    if holds + broken + unstable + not_reached == 0 {
        return String::new();
    }
    let hold = if holds == 1 { "holds" } else { "hold" };
    let remark = if remarks == 1 { "remark" } else { "remarks" };
    let parts = [
        (holds, hold),
        (broken - known, "broken"),
        (known, "known to be false"),
        (unstable, "unstable"),
        (not_reached, "not reached"),
        (remarks, remark),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    parts.join(", ")
}
