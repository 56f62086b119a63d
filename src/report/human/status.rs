//! One line for a snippet as soon as it is judged.

use std::io::{self, Write};

use crate::event::Judged;
use crate::model::policy::Clock;
use crate::model::verdict::Verdict;
use crate::report::palette::{Palette, paint};
use crate::report::words::{headline, place, short_id, stopwatch};
use crate::report::{escape, python};

pub(crate) fn write(judged: &Judged, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Judged { id, path, location, outcome, .. } = judged;
    let (label, style) = match judged.verdict {
        Verdict::Passed => ("PASS", palette.good),
        Verdict::Failed => ("FAIL", palette.bad),
        Verdict::Unreviewed => ("REVIEW", palette.attention),
        Verdict::Skipped => ("SKIP", palette.attention),
    };
    let label = paint(style, format_args!("{label:>8}"));
    let time = if judged.ran() { stopwatch(outcome.usage.wall) } else { "[         ]".to_owned() };
    let place = place(path.as_str(), location.code);
    let name = paint(palette.strong, escape::word(short_id(&id.0, path.as_str())));
    let on = python::on(judged, judged);
    let gap_before = if on.is_empty() { "" } else { " " };
    let why = match judged.verdict {
        Verdict::Passed => String::new(),
        Verdict::Failed | Verdict::Unreviewed | Verdict::Skipped => headline(judged),
    };
    let clock = match (outcome.timing.clock, outcome.timing.timed) {
        (Clock::Real, true) => "  on the real clock",
        (Clock::Real, false) | (Clock::Virtual, _) => "",
    };
    let gap = if why.is_empty() { "" } else { "  " };
    writeln!(out, "{label} {time} {place}  {name}{gap_before}{on}{clock}{gap}{why}")
}
