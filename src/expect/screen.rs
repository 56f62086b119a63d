//! What a terminal shows of an output: without colours, and of a line that is written over its last state.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Control sequences of a terminal (ECMA-48): those with parameters, those with a text, and short ones.
static SEQUENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]+[0-~]|\x1b[0-~]|\x{9b}[0-?]*[ -/]*[@-~]",
    )
    .expect("the pattern is tested")
});

/// Erases from the cursor to the end of the line.
const ERASE: char = '\u{1}';

/// The text as a reader at a terminal sees it in the end.
pub(super) fn on_screen(text: &str) -> Cow<'_, str> {
    if !text.contains(['\x1b', '\r', '\u{8}', '\u{7}', '\u{9b}']) {
        return Cow::Borrowed(text);
    }

    let erasing = text
        .replace(ERASE, "")
        .replace("\x1b[K", "\u{1}")
        .replace("\x1b[0K", "\u{1}")
        .replace("\x1b[2K", "\r\u{1}");
    let plain = SEQUENCE.replace_all(&erasing, "");
    let mut shown = String::with_capacity(plain.len());
    for line in plain.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        if line.contains(['\r', '\u{8}', '\u{7}', ERASE]) {
            shown.extend(written_over(line));
        } else {
            shown.push_str(line);
        }
        shown.push_str(end);
    }
    Cow::Owned(shown)
}

/// The last state of a line.
fn written_over(line: &str) -> Vec<char> {
    let mut cells: Vec<char> = Vec::new();
    let mut cursor = 0_usize;
    for letter in line.chars() {
        match letter {
            '\r' => cursor = 0,
            '\u{8}' => cursor = cursor.saturating_sub(1),
            '\u{7}' => {}
            ERASE => cells.truncate(cursor),
            _ => {
                if cursor < cells.len() {
                    cells[cursor] = letter;
                } else {
                    cells.push(letter);
                }
                cursor += 1;
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::on_screen;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(on_screen(text), expected, "{text:?}");
    }

    #[test]
    fn colours_are_not_text() {
        check("\x1b[1;32mok\x1b[0m all good\n", "ok all good\n");
        check("\x1b[38;2;10;20;30mred\x1b[m", "red");
        check("\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\!", "a link!");
        check("\x1b]0;title\x07text", "text");
        check("\x1b(B\x1b[?25lx\x1b[?25h", "x");
        check("\u{9b}31mred\u{9b}0m", "red");
        check("\x1b", "\x1b");
        check("plain\ttext\n", "plain\ttext\n");
    }

    #[test]
    fn lines_are_written_over() {
        check("\r  0 %\r 50 %\r100 %\n", "100 %\n");
        check("loading...\rready     \n", "ready     \n");
        check("loading...\rready\n", "readyng...\n");
        check("loading...\r\x1b[Kready\n", "ready\n");
        check("loading...\x1b[2Kready\n", "ready\n");
        check("a\r\nb\r\n", "a\nb\n");
        check("1\u{8}2\u{8}3", "3");
        check("ding\u{7}", "ding");
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let started = std::time::Instant::now();
        for unit in ["\x1b", "\x1b[", "\x1b]", "\r", "a\r", "\u{8}", "\x1b[K", "\x1b]\n"] {
            on_screen(&unit.repeat(1 << 16));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }
}
