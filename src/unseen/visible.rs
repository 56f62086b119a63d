//! Makes the invisible visible: bytes to text that a reviewer can trust and an editor cannot spoil.
//!
//! `\u{1b}` stands for a character that is not shown as itself, `\x{ff}` for a byte that is not UTF-8. Every other
//! backslash is one: only where it would read as the start of such an escape is each backslash of its run doubled.

use std::fmt::Write;

/// Line feeds and tabs stay, and so do blanks that do not end a line or the text.
pub(crate) fn visible(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        escape(chunk.valid(), &mut text);
        for byte in chunk.invalid() {
            push(&mut text, 'x', u32::from(*byte));
        }
    }
    trailing_blanks(&text)
}

fn escape(valid: &str, text: &mut String) {
    let mut rest = valid;
    while let Some(at) = rest.find(|character| character == '\\' || is_deceptive(character)) {
        let (plain, special) = rest.split_at(at);
        text.push_str(plain);
        let after = special.trim_start_matches('\\');
        let run = &special[..special.len() - after.len()];
        text.push_str(run);

        rest = after;
        if after.starts_with("u{") || after.starts_with("x{") {
            text.push_str(run);
        } else if let Some(deceptive) = after.chars().next().filter(|next| is_deceptive(*next)) {
            push(text, 'u', u32::from(deceptive));
            rest = &after[deceptive.len_utf8()..];
        }
    }
    text.push_str(rest);
}

/// Whether a character is invisible, or changes how others are shown. Joiners stay, because emoji and some scripts need
/// them.
fn is_deceptive(character: char) -> bool {
    let hidden = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    hidden || (character.is_control() && character != '\n' && character != '\t')
}

/// Editors, hooks and snapshot tools drop blanks at the end of a line and empty lines at the end of a file.
fn trailing_blanks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        match content.chars().next_back().filter(|last| last.is_whitespace()) {
            Some(blank) => {
                kept.push_str(&content[..content.len() - blank.len_utf8()]);
                push(&mut kept, 'u', u32::from(blank));
            }
            None => kept.push_str(content),
        }
        kept.push_str(&line[content.len()..]);
    }

    if kept.ends_with('\n') {
        kept.pop();
        push(&mut kept, 'u', u32::from('\n'));
    }
    kept
}

fn push(text: &mut String, form: char, code: u32) {
    // Backslashes right before an escape would read as part of it.
    let run = text.len() - text.trim_end_matches('\\').len();
    text.push_str(&"\\".repeat(run));
    write!(text, "\\{form}{{{code:x}}}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::visible;

    /// The inverse, to prove that nothing is lost.
    fn bytes(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('\\') {
            bytes.extend(&rest.as_bytes()[..at]);
            let after = rest[at..].trim_start_matches('\\');
            let run = rest.len() - at - after.len();
            let escape = ["u{", "x{"].iter().any(|start| after.starts_with(start));
            bytes.extend(b"\\".repeat(if escape { run / 2 } else { run }));
            rest = after;
            if escape && run % 2 == 1 {
                let (code, tail) = after[2..].split_once('}').unwrap();
                let code = u32::from_str_radix(code, 16).unwrap();
                if after.starts_with('x') {
                    bytes.push(u8::try_from(code).unwrap());
                } else {
                    bytes.extend(char::from_u32(code).unwrap().to_string().as_bytes());
                }
                rest = tail;
            }
        }
        bytes.extend(rest.as_bytes());
        bytes
    }

    #[track_caller]
    fn check(written: &[u8], shown: &str) {
        assert_eq!(visible(written), shown);
        assert_eq!(bytes(shown), written, "of `{shown}`");
    }

    #[test]
    fn plain_text_stays_plain() {
        check(b"", "");
        check("a\tb\n\n  ünï 中文 🧑‍🚀".as_bytes(), "a\tb\n\n  ünï 中文 🧑‍🚀");
        check(br"C:\users\x 'a\n' b'\x00' \u202e \", r"C:\users\x 'a\n' b'\x00' \u202e \");
    }

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        check(b"50%\r100%\r\n.", "50%\\u{d}100%\\u{d}\n.");
        check(b"\x1b[31mred\x1b[0m\0\x07\x7f", r"\u{1b}[31mred\u{1b}[0m\u{0}\u{7}\u{7f}");
        check(
            "a\u{202e}b\u{2066}c\u{feff}d\u{85}e\u{2028}f".as_bytes(),
            r"a\u{202e}b\u{2066}c\u{feff}d\u{85}e\u{2028}f",
        );
        check(b"caf\xe9 \xf0\x9f", r"caf\x{e9} \x{f0}\x{9f}");
    }

    #[test]
    fn blanks_at_the_end_stay_visible() {
        check(b"a \nb\t\nc", "a\\u{20}\nb\\u{9}\nc");
        check("a  \u{3000}".as_bytes(), r"a  \u{3000}");
        check(b" ", r"\u{20}");
        check(b"a\n", r"a\u{a}");
        check(b"a\n\n", "a\n\\u{a}");
        check(b"\n", r"\u{a}");
    }

    #[test]
    fn a_backslash_is_never_ambiguous() {
        check(br"\u{1b}", r"\\u{1b}");
        check(br"\\x{1b} \u{", r"\\\\x{1b} \\u{");
        check(b"\\\r \\\\\xff \\\\ ", r"\\\u{d} \\\\\x{ff} \\\\\u{20}");
        check(b"\\\n", r"\\\u{a}");
    }

    #[test]
    fn every_short_text_survives() {
        let alphabet = b"\\u{ \n\r\xff";
        let mut texts = vec![Vec::new()];
        for _ in 0..5 {
            let longer = |text: &Vec<u8>| alphabet.map(|byte| [text.as_slice(), &[byte]].concat());
            texts = texts.iter().flat_map(longer).collect();
            for text in &texts {
                let shown = visible(text);
                assert_eq!(&bytes(&shown), text, "`{shown}`");
                assert_eq!(shown.trim_end(), shown);
            }
        }
    }
}
