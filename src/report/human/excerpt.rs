//! The lines of a document around one that matters, with their numbers.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::event::Judged;
use crate::report::escape;
use crate::report::palette::Color;
use crate::snippet::Line;

const BEFORE: usize = 3;
const AFTER: usize = 1;

/// Wider than any line that `escape` lets through: the renderer's own cutting would hide our counts.
const WIDTH: usize = 2048;

/// `None` where the document has no such line.
pub(crate) fn excerpt(judged: &Judged, line: Line, label: &str, color: Color) -> Option<String> {
    let wanted = usize::try_from(line.0).ok()?.checked_sub(1)?;
    let first = wanted.saturating_sub(BEFORE).max(first_line(judged, line));
    let lines: Vec<String> =
        judged.source.lines().skip(first).take(wanted - first + 1 + AFTER).map(escape::line).collect();
    let offset: usize = lines.iter().take(wanted - first).map(|line| line.len() + 1).sum();
    let text = lines.get(wanted - first)?;
    let indentation = text.len() - text.trim_start_matches([' ', '\t', '>']).len();
    let code = offset + indentation..offset + text.trim_end().len().max(indentation);
    let source = lines.join("\n");
    let path = escape::word(judged.path.as_str());
    let snippet = Snippet::source(source)
        .line_start(first + 1)
        .path(path)
        .fold(false)
        .annotation(AnnotationKind::Primary.span(code).label(label));
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled().hyperlink(false),
    };
    Some(renderer.term_width(WIDTH).render(&[Group::with_level(Level::ERROR).element(snippet)]))
}

/// Lines before the snippet explain nothing, unless the exception comes from a snippet above it.
fn first_line(judged: &Judged, line: Line) -> usize {
    let start = judged.location.code;
    if line < start { 0 } else { (start.0 as usize).saturating_sub(1) }
}
