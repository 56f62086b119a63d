//! Makes foreign text safe to print: it cannot steer a terminal, reorder or start a line, or command a CI log.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::unseen::is_unseen;

/// Characters of a line that are shown; the rest is counted.
const LINE: usize = 400;

/// The same for what shares its line with other words: messages, titles.
const PHRASE: usize = 160;

/// All of it in one line, for paths and ids; line breaks and tabs become visible too.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    escaped(text, Tab::Visible)
}

/// The first line that says something, shortened.
pub(crate) fn phrase(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    cut(first.trim(), PHRASE, Tab::Visible)
}

/// One line without its end, shortened. Tabs stay.
pub(crate) fn line(text: &str) -> String {
    cut(text, LINE, Tab::Kept)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Kept,
    Visible,
}

fn cut(text: &str, limit: usize, tab: Tab) -> String {
    let Some((at, _)) = text.char_indices().nth(limit) else { return escaped(text, tab).into_owned() };
    let (shown, rest) = text.split_at(at);
    format!("{}… (+{} characters)", escaped(shown, tab), rest.chars().count())
}

fn escaped(text: &str, tab: Tab) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'#' && byte != b':') {
        return Cow::Borrowed(text);
    }
    let start = text.len() - text.trim_start().len();
    let mut safe = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        if character == '\t' && tab == Tab::Kept {
            safe.push('\t');
        } else if is_unseen(text, at) {
            push_code(&mut safe, character);
        } else {
            safe.push(character);
        }
        let rest = &text[at..];
        // GitHub takes `::error file=x::` for a command only at the beginning of a line.
        if starts_command(rest) || at == start && rest.starts_with("::") {
            safe.push('\\');
        }
    }
    Cow::Owned(safe)
}

/// As Python would write it in a string.
fn push_code(safe: &mut String, character: char) {
    let code = u32::from(character);
    let written = match character {
        '\n' => safe.write_str("\\n"),
        '\r' => safe.write_str("\\r"),
        '\t' => safe.write_str("\\t"),
        '\0'..='\u{ff}' => write!(safe, "\\x{code:02x}"),
        '\u{100}'..='\u{ffff}' => write!(safe, "\\u{code:04x}"),
        '\u{10000}'..=char::MAX => write!(safe, "\\U{code:08x}"),
    };
    written.expect("a String takes everything");
}

/// `##[error]`, `##vso[…]`, `##teamcity[…]`, wherever in a line they stand.
fn starts_command(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("##") else { return false };
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
    end.is_some_and(|end| rest[end..].starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::{line, phrase, word};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(word(text), expected);
    }

    #[test]
    fn what_cannot_be_seen_is_spelt_out() {
        check("plain, naïve, 漢字 🦀", "plain, naïve, 漢字 🦀");
        check("\x1b[31mred\u{9b}0m\x07\0\x7f", "\\x1b[31mred\\x9b0m\\x07\\x00\\x7f");
        check("a\r\nb\tc", "a\\r\\nb\\tc");
        check("\u{feff}a\u{200b}b\u{202e}c\u{2028}d\u{e0041}", "\\ufeffa\\u200bb\\u202ec\\u2028d\\U000e0041");
        check("\u{600}1 \u{e000} a\u{200d}b 👩\u{200d}🚀", "\\u06001 \\ue000 a\\u200db 👩\u{200d}🚀");
    }

    #[test]
    fn commands_of_ci_systems_are_broken() {
        check("::error file=a,line=1::bad", ":\\:error file=a,line=1::bad");
        check("see ::set-output name=x::1", "see ::set-output name=x::1");
        check("README.md::sums::1", "README.md::sums::1");
        check(" ::anything", " :\\:anything");
        check("###[group]x", "##\\#[group]x");
        check("x ##vso[task.complete]", "x #\\#vso[task.complete]");
        check("##TeamCity[testFailed]", "#\\#TeamCity[testFailed]");
        check("## [link] x[::2] a::b", "## [link] x[::2] a::b");
    }

    #[test]
    fn long_text_is_cut_with_a_count() {
        assert_eq!(line(&"é".repeat(1_000_000)), format!("{}… (+999600 characters)", "é".repeat(400)));
        assert_eq!(line("\ta"), "\ta");
        assert_eq!(phrase("\n  first\tline  \nsecond"), "first\\tline");
    }
}
