//! The lines of a file as they stand in it, each with its own end. They count as the lines of a document do.

/// A line, and what ends it: `\n`, `\r\n`, `\r` or, for a last one, nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawLine<'a> {
    pub(super) text: &'a str,
    pub(super) end: &'a str,
}

/// The lines of a text.
pub(super) fn split(mut text: &str) -> Vec<RawLine<'_>> {
    let mut lines = Vec::new();
    while !text.is_empty() {
        let at = memchr::memchr2(b'\n', b'\r', text.as_bytes()).unwrap_or(text.len());
        let (line, rest) = text.split_at(at);

        let length = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
        let (end, rest) = rest.split_at(length);

        lines.push(RawLine { text: line, end });
        text = rest;
    }
    lines
}
