//! The lines of a document around one that matters, with their numbers.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::event::Judged;
use crate::model::snippet::{Line, Location};
use crate::report::escape;
use crate::report::palette::Color;
use crate::report::words::place;

const BEFORE: u32 = 3;
const AFTER: u32 = 1;

/// Where the opening fence stands for the whole block.
const AFTER_FENCE: u32 = 4;

/// Wider than any line that `escape` lets through: the renderer's own cutting would hide our counts.
const WIDTH: usize = 2048;

/// `None` where the document has no such line.
pub(crate) fn excerpt(judged: &Judged, line: Line, label: &str, color: Color) -> Option<String> {
    let (first, last) = window(judged.location, line);
    let (skipped, above) = ((first.0 as usize).checked_sub(1)?, (line.0 - first.0) as usize);
    let shown = (last.0 - first.0) as usize + 1;
    let lines: Vec<String> = judged.source.lines().skip(skipped).take(shown).map(escape::line).collect();
    let text = lines.get(above)?;
    let offset: usize = lines.iter().take(above).map(|line| line.len() + 1).sum();
    let indentation = text.len() - text.trim_start_matches([' ', '\t', '>']).len();
    let part = part_of(judged, line, text);
    let part = part.unwrap_or(indentation..text.trim_end().len().max(indentation));
    let code = offset + part.start..offset + part.end;
    let source = lines.join("\n");
    let snippet = snippet(judged, source, first)
        .fold(false)
        .annotation(AnnotationKind::Primary.span(code).label(label));
    Some(rendered(snippet, color))
}

/// Lines of a document from this one on.
pub(super) fn snippet(judged: &Judged, source: String, first: Line) -> Snippet<'static, Annotation<'static>> {
    // Escaped with the number that the renderer puts after it: they make no command together.
    let place = place(judged.path.as_str(), 1);
    let path = place.strip_suffix(":1").unwrap_or(&place).to_owned();
    Snippet::source(source).line_start(first.0 as usize).path(path)
}

pub(super) fn rendered<'a>(snippet: Snippet<'a, Annotation<'a>>, color: Color) -> String {
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled().hyperlink(false),
    };
    renderer.term_width(WIDTH).render(&[Group::with_level(Level::ERROR).element(snippet)])
}

/// The part of a line that CPython marks in its traceback, where both show the same characters.
fn part_of(judged: &Judged, line: Line, text: &str) -> Option<Range<usize>> {
    let traceback = &judged.outcome.exception.as_ref()?.traceback;
    let lines: Vec<&str> = traceback.lines().collect();
    let entry = format!("\", line {line}");
    let is_entry = |text: &&str| {
        let rest = text.strip_prefix("  File \"").and_then(|rest| rest.rsplit_once(&entry));
        rest.is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with(", in "))
    };
    let at = lines.iter().rposition(is_entry)?;
    let (code, marks) = (lines.get(at + 1)?.trim(), lines.get(at + 2)?);

    let marks = marks.strip_prefix("    ")?.trim_end();
    let is_mark = marks.contains('^') && marks.chars().all(|mark| matches!(mark, ' ' | '~' | '^'));
    let begin = marks.len() - marks.trim_start().len();
    // Versions count wide characters in different ways.
    let is_plain = code.get(..marks.len().min(code.len())).is_some_and(str::is_ascii);
    let body = text.trim_end();
    let start = body.len().checked_sub(code.len()).filter(|_| body.ends_with(code))?;
    let end = marks.len().min(code.len());
    (is_mark && is_plain && begin < end).then(|| start + begin..start + end)
}

/// What is outside the block explains nothing, unless the line itself belongs to a snippet above.
fn window(location: Location, line: Line) -> (Line, Line) {
    let Location { start, code, end } = location;
    let (first, last) = if line == start && start < code {
        (line, line.0.saturating_add(AFTER_FENCE))
    } else {
        (Line(line.0.saturating_sub(BEFORE).max(1)), line.0.saturating_add(AFTER))
    };
    let closing_fence = u32::from(start < code);
    let last_code = end.0.saturating_sub(closing_fence);
    if (code..=end).contains(&line) {
        (first.max(code), Line(last.min(last_code).max(line.0)))
    } else if line == start {
        (first, Line(last.min(last_code).max(line.0)))
    } else {
        (first.min(line), Line(last))
    }
}
