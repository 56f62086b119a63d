//! The text of a document as the parser needs it, and the lines of its offsets.

pub(crate) mod examples;
pub(crate) mod indentation;
pub(crate) mod python;

use std::borrow::Cow;

use memchr::memchr_iter;

use crate::model::snippet::Line;

/// The text without byte order mark, its last line ended, every lone carriage return a line end as CommonMark has it.
pub(crate) fn settled(source: &str) -> Cow<'_, str> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let bytes = source.as_bytes();
    let lone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let ended = bytes.is_empty() || bytes.ends_with(b"\n");
    let Some(first) = memchr_iter(b'\r', bytes).find(lone) else {
        return if ended { Cow::Borrowed(source) } else { Cow::Owned(format!("{source}\n")) };
    };

    let mut text = String::with_capacity(source.len() + 1);
    text.push_str(&source[..first]);
    let mut rest = &source[first..];
    while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
        let (before, end) = rest.split_at(at);
        text.push_str(before);
        text.push_str(if end.starts_with("\r\n") { "\r" } else { "\n" });
        rest = &end[1..];
    }

    text.push_str(rest);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Cow::Owned(text)
}

/// The text with blanks for the tabs after a bare fence. Offsets stay. The parser takes only blanks there.
pub(crate) fn with_plain_fences(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut plain = None;
    for tab in memchr_iter(b'\t', bytes) {
        let before = bytes[..tab].iter().rev().find(|byte| **byte != b' ');
        if !matches!(before, Some(b'`' | b'~')) {
            continue;
        }

        let tail = &bytes[tab..];
        let length = tail.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if matches!(&tail[length..], [] | [b'\n' | b'\r', ..]) {
            plain
                .get_or_insert_with(|| text.to_owned())
                .replace_range(tab..tab + length, &" ".repeat(length));
        }
    }
    plain.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Steps that a parser may spend on finding which containers a line continues.
const PATIENCE: u64 = 200_000_000;

/// How deep containers nest, where that and the length make the document too much to read.
///
/// Every line is held against every open container, so the product is what reading costs. The depth is an upper bound:
/// a marker opens one container, and blanks before it continue at most one container for two columns.
pub(crate) fn excessive_depth(text: &str) -> Option<u64> {
    let (mut depth, mut deepest, mut lines) = (0_u64, 1_u64, 0_u64);
    let bytes = text.as_bytes();
    for start in std::iter::once(0).chain(memchr_iter(b'\n', bytes).map(|end| end + 1)) {
        lines += 1;
        let (blanks, markers) = containers(&bytes[start..]);
        if markers > 0 {
            depth = depth.min(blanks / 2) + markers;
            deepest = deepest.max(depth);
        }
    }
    (deepest * lines > PATIENCE && deepest > 1).then_some(deepest)
}

/// For the first line of a text: blanks before the first marker of a container, and the number of markers.
fn containers(line: &[u8]) -> (u64, u64) {
    let (mut blanks, mut markers, mut at) = (0, 0, 0);
    loop {
        match line.get(at..).unwrap_or_default() {
            [b' ', ..] => blanks += u64::from(markers == 0),
            [b'\t', ..] => blanks += if markers == 0 { 4 } else { 0 },
            [b'>', ..] | [b'-' | b'+' | b'*', b' ' | b'\t' | b'\r' | b'\n', ..] | [b'-' | b'+' | b'*'] => {
                markers += 1;
            }
            [b'0'..=b'9', rest @ ..] => {
                let digits = rest.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
                if !matches!(rest.get(digits), Some(b'.' | b')')) {
                    return (blanks, markers);
                }
                markers += 1;
                at += digits + 1;
            }
            _ => return (blanks, markers),
        }
        at += 1;
    }
}

/// Finds the lines of ascending offsets in one pass over the text.
pub(crate) struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), offset: 0, line: 1 }
    }

    /// The line that holds the byte at `offset`, which is not before the last one asked for.
    pub(crate) fn at(&mut self, offset: usize) -> Line {
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        self.line =
            self.line.saturating_add(u32::try_from(memchr_iter(b'\n', passed).count()).unwrap_or(u32::MAX));
        self.offset = self.offset.max(offset);
        Line(self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, excessive_depth, settled, with_plain_fences};

    #[track_caller]
    fn check(source: &str, expected: &str) {
        assert_eq!(settled(source), expected, "{source:?}");
    }

    #[test]
    fn line_ends() {
        check("", "");
        check("a", "a\n");
        check("\u{feff}a\r\nb", "a\r\nb\n");
        check("a\rb\r\n\r", "a\nb\r\n\n");
        check("a\r\r\nb", "a\n\r\nb\n");
    }

    #[test]
    fn tabs_behind_fences() {
        let tabs = "```\t\n\ta\t\n~~~ \t \r\n`\tx\n```  \t";
        assert_eq!(with_plain_fences(tabs), "``` \n\ta\t\n~~~   \r\n`\tx\n```   ");
    }

    #[test]
    fn lines_of_offsets() {
        let mut lines = Lines::new("a\nb\n\nc");
        let found: Vec<u32> = [0, 1, 2, 4, 5].map(|offset| lines.at(offset).0).to_vec();
        assert_eq!(found, [1, 1, 2, 3, 4]);
    }

    #[test]
    fn depth_counts_only_with_length() {
        assert_eq!(excessive_depth(&">".repeat(100_000)), None);
        assert_eq!(excessive_depth(&"text\n".repeat(1_000_000)), None);
        let nested = format!("{}a\n{}", "1. ".repeat(20_000), "\n".repeat(100_000));
        assert_eq!(excessive_depth(&nested), Some(20_000));
        let stairs: Vec<_> = (0..3000).map(|depth| format!("{}- a", " ".repeat(2 * depth))).collect();
        assert_eq!(excessive_depth(&(stairs.join("\n") + &"\n".repeat(200_000))), Some(3000));
    }
}
