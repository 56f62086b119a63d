//! Fences among lines that are no Markdown, as comments and docstrings have them: those that are closed, at any indentation.

use std::borrow::Cow;

use crate::document::code_block::CodeBlockKind;
use crate::document::part::{Block, Closing, Origin};
use crate::document::text::indentation::{width, without};
use crate::model::snippet::{Line, Location};

/// What may stand around a fence (CommonMark 4.5). Other letters that Unicode calls blank are text.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The fences of a text that begins at `line`.
pub(crate) fn fenced(text: &str, line: Line, kind: CodeBlockKind) -> Vec<Block<'static>> {
    let mut blocks = Vec::new();
    let mut numbered = text.lines().zip(line.0..);
    while let Some((opening, start)) = numbered.next() {
        let Some(fence) = Opening::read(opening) else { continue };

        let mut content = String::new();
        for (line, end) in numbered.by_ref() {
            if fence.is_closed_by(line) {
                let code = Line((start + 1).min(end));
                blocks.push(Block {
                    kind,
                    info: Cow::Owned(fence.info.to_owned()),
                    content,
                    location: Location { start: Line(start), code, end: Line(end) },
                    closing: Closing::Closed,
                    origin: Origin::default(),
                });
                break;
            }
            content.push_str(without(line, fence.column));
            content.push('\n');
        }
    }
    blocks
}

pub(crate) fn opens(line: &str) -> bool {
    Opening::read(line).is_some()
}

/// The line that opens a fence.
pub(super) struct Opening<'a> {
    pub(super) sign: u8,
    pub(super) length: usize,
    column: usize,
    pub(super) info: &'a str,
}

impl<'a> Opening<'a> {
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let fence = line.trim_start_matches(BLANKS);
        let sign = fence.bytes().next().filter(|sign| matches!(sign, b'`' | b'~'))?;
        let length = fence.bytes().take_while(|byte| *byte == sign).count();
        let info = fence[length..].trim();
        let is_span = sign == b'`' && info.contains('`');
        let column = width(&line[..line.len() - fence.len()]);
        (length >= 3 && !is_span).then_some(Self { sign, length, column, info })
    }

    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim_matches(BLANKS);
        line.len() >= self.length && line.bytes().all(|byte| byte == self.sign)
    }
}

#[cfg(test)]
mod tests {
    use super::fenced;
    use crate::document::code_block::CodeBlockKind;
    use crate::model::snippet::Line;

    /// Info, lines and content of each fence.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, u32, u32, u32, &str)]) {
        let blocks = fenced(text, Line(10), CodeBlockKind::Fenced);
        let found = blocks.iter().map(|block| {
            let place = block.location;
            (&*block.info, place.start.0, place.code.0, place.end.0, block.content.as_str())
        });
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text:?}");
    }

    #[test]
    fn fences_are_closed_by_their_like() {
        check("a\n```python y\r\nb\r\n```\n```\n", &[("python y", 11, 12, 13, "b\n")]);
        check(
            "~~~py\n```\n~~~~\n````\na\n```\n`````",
            &[("py", 10, 11, 12, "```\n"), ("", 13, 14, 16, "a\n```\n")],
        );
        check("```py\n```\n", &[("py", 10, 11, 11, "")]);
    }

    #[test]
    fn content_stands_in_the_column_of_its_fence() {
        check("    ```py\n    a:\n      b\n\n  c\n  ```", &[("py", 10, 11, 15, "a:\n  b\n\nc\n")]);
        check("\t```py\n\ta\n        b\n\t```", &[("py", 10, 11, 13, "a\nb\n")]);
    }

    #[test]
    fn code_spans_open_nothing() {
        check("``x``\n```a``` b\n```c```\n", &[]);
    }
}
