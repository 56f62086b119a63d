//! Whether two texts are the same output to a reader.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::expect::redact::Redactions;
use crate::expect::screen::on_screen;
use crate::expect::shown::json::data;
use crate::expect::shown::layout::{is_broken_alike, is_laid_out_alike};
use crate::expect::shown::sets::with_sorted_sets;
use crate::expect::shown::warnings::without_places;

/// How exactly a text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exactness {
    Exact,
    /// A formatter may have changed quotes, blanks and breaks of lines.
    Formatted,
    IgnoringBlanks,
    Json,
    /// Lines may come in any order.
    Unordered,
}

/// The sign that stands for any text.
pub(super) const ELISION: &str = "...";

/// Applied before the redactions, because a document may elide an address.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bat 0x[0-9a-fA-F.…]+").expect("the pattern is tested"));

/// Compares what is shown with what there is, in time linear in both.
pub(super) fn is_same(shown: &str, actual: &str, exactness: Exactness, redactions: &Redactions) -> bool {
    let settle = |text| settled(text, redactions);
    let (shown, actual) = (settle(shown), settle(actual));
    if shown == actual || is_broken_alike(&shown, &actual) {
        return true;
    }

    match exactness {
        Exactness::Exact => {}
        Exactness::Formatted => {
            if is_laid_out_alike(&shown, &actual) {
                return true;
            }
        }
        Exactness::IgnoringBlanks => {
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            return fits(&words(&shown), &words(&actual));
        }
        Exactness::Json => {
            if data(&shown).is_some_and(|shown| data(&actual) == Some(shown)) {
                return true;
            }
        }
        Exactness::Unordered => {
            let sorted = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort_unstable();
                lines
            };
            return sorted(&shown) == sorted(&actual);
        }
    }

    fits(&shown, &actual) || with_sorted_sets(&shown) == with_sorted_sets(&actual)
}

/// Whether a shown text is the actual one, in which each of these signs stands for lines that may be anything.
pub(super) fn is_same_but_for(sign: char, shown: &str, actual: &str, redactions: &Redactions) -> bool {
    let (shown, actual) = (settled(shown, redactions), settled(actual, redactions));
    let mut pattern = String::with_capacity(actual.len());
    for line in actual.split_inclusive('\n') {
        // Several free lines are as free as one.
        let is_again = line.trim_end().chars().eq([sign]) && pattern.ends_with(sign);
        if is_again {
            continue;
        }
        pattern.push_str(if line.trim_end().chars().eq([sign]) { line.trim_end() } else { line });
    }
    fits_pieces(&pattern.split(sign).collect::<Vec<_>>(), &shown)
}

/// The text with a line end after each line, without blanks at the ends of lines, blank lines around it, and common
/// indentation.
fn settled(text: &str, redactions: &Redactions) -> String {
    let text = on_screen(text);
    let text = without_places(&text);
    let text: Cow<'_, str> = ADDRESS.replace_all(&text, "at 0x…");
    // The review reports a redaction that cannot be applied.
    let text = redactions.apply(&text).unwrap_or(Cow::Borrowed(&text));

    let lines: Vec<&str> = text.lines().map(str::trim_end).skip_while(|line| line.is_empty()).collect();
    let depth = indentation(lines.iter().copied());
    let lines = lines.iter().flat_map(|line| [line.get(depth..).unwrap_or_default(), "\n"]);

    let mut text: String = lines.collect();
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Blanks with which every line begins that is not blank.
pub(super) fn indentation<'a>(lines: impl Iterator<Item = &'a str>) -> usize {
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    lines.filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or(0)
}

/// Whether a text with elisions fits. An elision on a line of its own stands for whole lines, or none.
fn fits(shown: &str, actual: &str) -> bool {
    if !shown.contains(ELISION) {
        return shown == actual;
    }
    let lines = shown.split_inclusive('\n').map(|line| if line.trim() == ELISION { ELISION } else { line });
    let pattern: String = lines.collect();
    fits_pieces(&pattern.split(ELISION).collect::<Vec<_>>(), actual)
}

/// Whether a text consists of these pieces in their order, with anything between them.
fn fits_pieces(pieces: &[&str], actual: &str) -> bool {
    if let [only] = pieces {
        return *only == actual;
    }
    let [first, inner @ .., last] = pieces else { return false };

    let Some(mut rest) = actual.strip_prefix(first) else { return false };
    for piece in inner {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{Exactness, is_same};
    use crate::expect::redact::Redactions;

    #[track_caller]
    fn check(exactness: Exactness, shown: &str, actual: &str, expected: bool) {
        let found = is_same(shown, actual, exactness, &Redactions::new(&[]));
        assert_eq!(found, expected, "{shown:?} {actual:?}");
    }

    #[test]
    fn blanks_that_nobody_sees_do_not_matter() {
        check(Exactness::Exact, "a  \nb\n\n", "\n\na\nb", true);
        check(Exactness::Exact, "  a\n    b\n", "a\n  b\n", true);
        check(Exactness::Exact, "a\n b\n", "a\nb\n", false);
        check(Exactness::Exact, "a\n\nb", "a\nb", false);
        check(Exactness::Exact, "", "\n", true);
        check(Exactness::Exact, "", "a", false);
    }

    #[test]
    fn elisions() {
        check(Exactness::Exact, "a ... c", "a b c", true);
        check(Exactness::Exact, "a ... c", "a b", false);
        check(Exactness::Exact, "a\n...\nc", "a\nc", true);
        check(Exactness::Exact, "a\n...\nc", "a\nb\nb\nc", true);
        check(Exactness::Exact, "a\n  ...\n", "a", true);
        check(Exactness::Exact, "...\nb", "a\nb", true);
        check(Exactness::Exact, "...", "", true);
        check(Exactness::Exact, "ab...ba", "aba", false);
        check(Exactness::Exact, "...a...b...", "xaybz", true);
        check(Exactness::Exact, "...a...b...", "xbya", false);
    }

    #[test]
    fn volatile_parts() {
        check(Exactness::Exact, "<f at 0x0123456789ab>", "<f at 0x7f8b1c2d3e50>", true);
        check(Exactness::Exact, "<f at 0x...>", "<f at 0x7f8b1c2d3e50>", true);
        check(Exactness::Exact, "<f at 0x7f...>\n<g", "<f at 0x1f8b1c2d3e50>\n<g", true);
        check(Exactness::Exact, "took 0.1s", "took 0.12s", true);
        check(Exactness::Exact, "took 1s", "took 2s", false);
    }

    #[test]
    fn what_a_terminal_shows() {
        check(Exactness::Exact, "ok all good\n", "\x1b[1;32mok\x1b[0m all good\n", true);
        check(Exactness::Exact, "bad all good\n", "\x1b[1;32mok\x1b[0m all good\n", false);
        check(Exactness::Exact, "100 %\n", "\r  0 %\r 50 %\r100 %\n", true);
        check(Exactness::Exact, " 90 %\n", "\r  0 %\r 50 %\r100 %\n", false);
    }

    #[test]
    fn places_of_warnings() {
        let actual = "README.md:6: UserWarning: careful\n  f()\n";
        check(Exactness::Exact, "<stdin>:1: UserWarning: careful\n", actual, true);
        check(Exactness::Exact, "<stdin>:1: FutureWarning: careful\n", actual, false);
        check(Exactness::Exact, "<stdin>:1: UserWarning: careless\n", actual, false);
    }

    #[test]
    fn free_lines() {
        let check = |shown: &str, actual: &str, expected| {
            let found = super::is_same_but_for('*', shown, actual, &Redactions::new(&[]));
            assert_eq!(found, expected, "{shown:?} {actual:?}");
        };
        check("12:30\n5\n", "*\n5\n", true);
        check("12:30\n6\n", "*\n5\n", false);
        check("1\n2\n3\n", "*\n*\n3\n", true);
        check("a\n1\nb\n", "a\n*\nb\n", true);
        check("a\n1\nc\n", "a\n*\nb\n", false);
        check("5", "5", true);
    }

    #[test]
    fn sets_have_no_order() {
        check(Exactness::Exact, "{1, 2, 3}", "{3, 1, 2}", true);
        check(Exactness::Exact, "a={'b', 'c'} d", "a={'c', 'b'} d", true);
        check(Exactness::Exact, "{1, 2, 3}", "{3, 1, 4}", false);
        check(Exactness::Exact, "{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", false);
    }

    #[test]
    fn other_ways_to_compare() {
        check(Exactness::IgnoringBlanks, "a b\nc", "a  b c\n", true);
        check(Exactness::IgnoringBlanks, "a ... d", "a b\nc d", true);
        check(Exactness::IgnoringBlanks, "ab", "a b", false);
        check(Exactness::Json, "{\"a\": [1, 2]}", "{\n  \"a\": [\n 1,\n 2]}", true);
        check(Exactness::Json, "{\"a\": [1, 2]}", "{\"a\": [2, 1]}", false);
        check(Exactness::Json, "{\"a\": true}", "{'a': True}", true);
        check(Exactness::Json, "no json", "no json", true);
        check(Exactness::Json, "no json", "none", false);
        check(Exactness::Unordered, "b\na\na", "a\nb\na", true);
        check(Exactness::Unordered, "b\na", "a\nb\na", false);
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let started = std::time::Instant::now();
        check(Exactness::Exact, &"a...".repeat(100_000), &"a".repeat(1 << 20), true);
        check(Exactness::Exact, &"{".repeat(1 << 20), &"{".repeat(1 << 19), false);
        check(Exactness::Exact, &"{1, ".repeat(1 << 18), &"}".repeat(1 << 19), false);
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }
}
