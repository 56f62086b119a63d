//! Commands to copy from a report: safe to print, and quoted so that a shell gives the same words back.

use std::fmt::Write as _;

use crate::report::escape;

pub(crate) fn command(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./:@%+=,-".contains(c);
    if escape::word(word) != word {
        spelt_out(word)
    } else if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// `$'…'` of bash, zsh and ksh: every byte but the harmless ones by its number.
fn spelt_out(word: &str) -> String {
    let mut quoted = String::from("$'");
    for byte in word.bytes() {
        if byte.is_ascii_alphanumeric() || b"_./@%+=,- ".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            // Three digits always: what follows cannot become part of the number.
            write!(quoted, "\\{byte:03o}").expect("a String takes everything");
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn shells_read_back_what_was_meant() {
        assert_eq!(command(&["snipcheck", "run", "docs/a.md:12"]), "snipcheck run docs/a.md:12");
        assert_eq!(command(&["docs/my file's.md:1"]), r"'docs/my file'\''s.md:1'");
        assert_eq!(command(&["a\x1b[0m\n.md:1"]), r"$'a\033\1330m\012.md\0721'");
        assert_eq!(command(&["x ::error::y"]), "'x ::error::y'");
        assert_eq!(command(&["::error::y"]), r"$'\072\072error\072\072y'");
    }
}
