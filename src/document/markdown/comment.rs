//! Comments of a document: readers of the page do not see them, and they may hold code. What their words mean is known to `directive`.

use std::borrow::Cow;

use memchr::memmem;

use crate::document::code_block::CodeBlockKind;
use crate::document::markdown::loose_fence::{fenced, opens};
use crate::document::part::{Block, Closing, Comment, Origin};
use crate::model::snippet::{Line, Location};

/// Opens a comment whose lines are code.
const INVISIBLE: &[&str] = &["invisible-code-block:", "invisible-code:"];

/// Words by which a document says that code in its comments runs.
const SPEAKERS: &[&[u8]] = &[b"pytest-codeblocks", b"<!--pytest.mark."];

/// Whether the document uses a tool for which every fence in a comment is a hidden one; for others most are leftovers.
pub(crate) fn hides_fences(text: &str) -> bool {
    let holds = |words: &[u8]| memmem::find(text.as_bytes(), words).is_some();
    holds(b"<!--") && SPEAKERS.iter().any(|speaker| holds(speaker))
}

/// The comments of a piece of HTML that begins at `line`.
pub(crate) fn in_html(html: &str, line: Line) -> Vec<Comment> {
    let mut comments = Vec::new();
    let (mut rest, mut line) = (html, line.0);
    while let Some(start) = memmem::find(rest.as_bytes(), b"<!--") {
        let (before, comment) = rest.split_at(start);
        line += lines(before);
        let Some(end) = memmem::find(comment.as_bytes(), b"-->") else { break };
        let text = comment.get("<!--".len()..end).unwrap_or_default().trim_matches('-');
        comments.push(Comment { text: text.to_owned(), line: Line(line) });
        let (whole, after) = comment.split_at(end + "-->".len());
        line += lines(whole);
        rest = after;
    }
    comments
}

/// The comments of a paragraph in which lines begin with `%`, as `MyST` has them.
pub(crate) fn in_percent_lines(paragraph: &str, line: Line) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    let mut open = false;
    for (written, line) in paragraph.lines().zip(line.0..) {
        let Some(text) = written.strip_prefix('%') else { break };
        let text = text.strip_prefix(' ').unwrap_or(text);
        if let Some(comment) = comments.last_mut().filter(|_| open) {
            comment.text.push('\n');
            comment.text.push_str(text);
        } else {
            open = invisible(text).is_some();
            comments.push(Comment { text: text.to_owned(), line: Line(line) });
        }
    }
    comments
}

/// The comment that a paragraph begins with, as MDX has them.
pub(crate) fn in_braces(paragraph: &str, line: Line) -> Option<Comment> {
    let text = paragraph.strip_prefix("{/*")?.split_once("*/")?.0;
    Some(Comment { text: text.to_owned(), line })
}

impl Comment {
    /// The text before the code.
    pub(crate) fn head(&self) -> &str {
        if invisible(&self.text).is_some() {
            return "";
        }
        let fence = self.text.split_inclusive('\n').take_while(|line| !opens(line));
        &self.text[..fence.map(str::len).sum()]
    }

    /// The code of a comment all of whose lines are code.
    pub(crate) fn invisible(&self) -> Option<Block<'static>> {
        let info = invisible(&self.text)?;
        let (_, code) = self.text.split_once('\n')?;
        let content = match code.rsplit_once('\n') {
            Some((code, last)) if last.trim().is_empty() => format!("{code}\n"),
            Some(_) | None => format!("{code}\n"),
        };
        let end = Line(self.line.0 + lines(&self.text));
        Some(hidden(info, &content, Location { start: self.line, code: Line(self.line.0 + 1), end }))
    }

    pub(crate) fn fences(&self) -> Vec<Block<'static>> {
        fenced(&self.text, self.line, CodeBlockKind::Hidden)
    }
}

fn lines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

fn hidden(info: &str, content: &str, location: Location) -> Block<'static> {
    let content = content.replace("\r\n", "\n");
    let info = Cow::Owned(info.to_owned());
    let (closing, origin) = (Closing::Closed, Origin::default());
    Block { kind: CodeBlockKind::Hidden, info, content, location, closing, origin }
}

/// The info string of invisible code.
fn invisible(text: &str) -> Option<&str> {
    let first = text.trim_start_matches(' ').lines().next()?;
    INVISIBLE.iter().find_map(|word| first.strip_prefix(word)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::{Comment, in_braces, in_html, in_percent_lines};
    use crate::model::snippet::Line;

    #[track_caller]
    fn check(comments: &[Comment], expected: &[(u32, &str)]) {
        let found: Vec<_> = comments.iter().map(|comment| (comment.line.0, comment.text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn comments() {
        check(
            &in_html("<!-- a --><b>\n<!--- c\nd --->\n\n<!--e-->x<!-- f", Line(3)),
            &[(3, " a "), (4, " c\nd "), (7, "e")],
        );
        check(&in_html("<!-->\n<!--->", Line(1)), &[(1, ""), (2, "")]);
        check(&in_percent_lines("% a\n%b\nc\n% d", Line(1)), &[(1, "a"), (2, "b")]);
        check(
            &in_percent_lines("% invisible-code-block: python\n% a\n%  b\n", Line(4)),
            &[(4, "invisible-code-block: python\na\n b")],
        );
        check(&in_braces("{/* a */}\n", Line(2)).into_iter().collect::<Vec<_>>(), &[(2, " a ")]);
        assert_eq!(in_braces("{/* a", Line(1)), None);
    }

    /// Info, lines and content of hidden code.
    #[track_caller]
    fn check_code(text: &str, head: &str, expected: &[(&str, u32, u32, u32, &str)]) {
        let comment = Comment { text: text.to_owned(), line: Line(10) };
        let blocks = comment.invisible().into_iter().chain(comment.fences()).collect::<Vec<_>>();
        let found: Vec<_> = blocks
            .iter()
            .map(|block| {
                let place = block.location;
                (&*block.info, place.start.0, place.code.0, place.end.0, block.content.as_str())
            })
            .collect();
        assert_eq!((comment.head(), found.as_slice()), (head, expected));
    }

    #[test]
    fn hidden_code() {
        check_code(" invisible-code-block: python\na\n\nb\n", "", &[("python", 10, 11, 14, "a\n\nb\n")]);
        check_code(
            " name: x\n```python y\r\na\r\n```\n```\n",
            " name: x\n",
            &[("python y", 11, 12, 13, "a\n")],
        );
        check_code(
            "\n~~~py\n```\n~~~~\n````\nb\n`````",
            "\n",
            &[("py", 11, 12, 13, "```\n"), ("", 14, 15, 16, "b\n")],
        );
        check_code("prose\n``x``\n", "prose\n``x``\n", &[]);
        check_code("invisible-code-block: python", "", &[]);
    }
}
