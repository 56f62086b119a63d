//! Characters that a reader does not see, or not where they are. Knows neither what writes them nor what reads them.

mod visible;

use std::sync::LazyLock;

use regex::Regex;

pub(crate) use visible::visible;

/// Controls, format, private-use and unassigned characters, line and paragraph separators, and fillers.
static UNSEEN: LazyLock<Regex> = LazyLock::new(|| {
    let fillers =
        r"\x{34f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}\x{3164}\x{ffa0}\x{e0000}-\x{e0fff}";
    let selectors = r"\x{fe00}-\x{fe0f}";
    class(&format!(r"[\p{{C}}\p{{Zl}}\p{{Zp}}{fillers}{selectors}]"))
});

static PICTURE: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Extended_Pictographic}"));

/// Of scripts in which joiners decide how a word is written.
static JOINED: LazyLock<Regex> = LazyLock::new(|| {
    class(
        r"[\p{Arabic}\p{Syriac}\p{Mandaic}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}
          \p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Tibetan}&&[\p{L}\p{M}]]",
    )
});

fn class(pattern: &str) -> Regex {
    Regex::new(&format!(r"(?x)\A{pattern}\z")).expect("the classes are tested")
}

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';

/// Whether the character at this byte of a text is one. Tabs and line feeds are. A joiner between letters that need it or
/// pictures, and the selector that makes a picture of the character before it, are not.
pub(crate) fn is_unseen(text: &str, at: usize) -> bool {
    let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { return false };
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    if !is(&UNSEEN, character) {
        return false;
    }
    let mut before = text[..at].chars().rev();
    let after = text[at + character.len_utf8()..].chars().next();
    match character {
        '\u{fe0e}' | '\u{fe0f}' => !before.next().is_some_and(takes_selector),
        JOINER | NON_JOINER => {
            let between_letters = {
                let before = text[..at].chars().next_back();
                before.zip(after).is_some_and(|(one, other)| is(&JOINED, one) && is(&JOINED, other))
            };
            let picture = before.find(|before| !matches!(before, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'));
            let between_pictures =
                picture.zip(after).is_some_and(|(one, other)| is(&PICTURE, one) && is(&PICTURE, other));
            !(between_letters || character == JOINER && between_pictures)
        }
        _ => true,
    }
}

/// The first one of a line; tabs are seen there.
pub(crate) fn first_unseen(line: &str) -> Option<char> {
    line.char_indices().find(|(at, found)| *found != '\t' && is_unseen(line, *at)).map(|(_, found)| found)
}

/// Digits too, for keys: `1️⃣`.
fn takes_selector(character: char) -> bool {
    character.is_ascii_digit() || matches!(character, '#' | '*') || is(&PICTURE, character)
}

fn is(class: &Regex, character: char) -> bool {
    class.is_match(character.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::{first_unseen, is_unseen};

    #[track_caller]
    fn check(text: &str, expected: Option<char>) {
        assert_eq!(first_unseen(text), expected, "{text:?}");
    }

    #[test]
    fn what_is_seen() {
        for text in [
            "plain\ttext",
            "naïve",
            "漢字かな",
            "🦀",
            "👩\u{200d}🚀",
            "❤\u{fe0f}\u{200d}🔥",
            "👍🏽",
            "👩🏽\u{200d}🚀",
            "1\u{fe0f}\u{20e3}",
            "می\u{200c}خواهم",
            "क\u{94d}\u{200d}ष",
            "ශ\u{dca}\u{200d}රී",
            "e\u{301}",
            "a\u{a0}b",
            "\u{3000}",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_not() {
        for unseen in [
            '\0',
            '\x08',
            '\x0b',
            '\x0c',
            '\r',
            '\n',
            '\x1b',
            '\x7f',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{34f}',
            '\u{600}',
            '\u{605}',
            '\u{61c}',
            '\u{6dd}',
            '\u{70f}',
            '\u{8e2}',
            '\u{115f}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{206f}',
            '\u{3164}',
            '\u{e000}',
            '\u{f8ff}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{ffff}',
            '\u{110bd}',
            '\u{13430}',
            '\u{1bca0}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e01ef}',
            '\u{f0000}',
            '\u{10ffff}',
            '\u{378}',
            '\u{e0fff}',
        ] {
            check(&format!("a{unseen}b"), Some(unseen));
            check(&unseen.to_string(), Some(unseen));
        }
    }

    #[test]
    fn joiners_and_selectors_need_their_neighbours() {
        check("👩\u{200d}a", Some('\u{200d}'));
        check("👩\u{200d}\u{200d}🚀", Some('\u{200d}'));
        check("a\u{200d}b", Some('\u{200d}'));
        check("👩\u{200c}🚀", Some('\u{200c}'));
        check("می\u{200c}", Some('\u{200c}'));
        check("❤\u{fe0f}\u{fe0f}", Some('\u{fe0f}'));
        check("❤\u{fe01}", Some('\u{fe01}'));
        assert!(is_unseen("\t", 0) && !is_unseen("", 0) && !is_unseen("é", 1));
    }
}
