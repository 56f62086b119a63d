//! Whether the output of an example is what the document shows, as `OutputChecker` decides it.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

use regex::Regex;

use crate::directive::{Flag, Flags};
use crate::expect::doctest::number::{self, Closeness};
use crate::expect::doctest::pattern::pattern;

/// The ASCII characters that `str.isspace` accepts.
const BLANKS: [char; 10] = ['\t', '\n', '\x0b', '\x0c', '\r', '\x1c', '\x1d', '\x1e', '\x1f', ' '];

static BLANKLINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^<BLANKLINE>[\s\x1c-\x1f]*?$"));
static ONLY_BLANKS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^[\t\x0b\x0c\r\x1c-\x1f ]+$"));
static UNICODE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(\W|^)[uU]([rR]?['"])"#));
static BYTES: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(\W|^)[bB]([rR]?['"])"#));

/// Whether `got` is as good as `want`. Both texts end with a line end, unless they are empty.
pub(super) fn matches(want: &str, got: &str, flags: Flags) -> bool {
    if exactly(want, got, flags) {
        return true;
    }

    let prefix = |flag, prefix: &Regex, text: Cow<'_, str>| {
        if flags.has(flag) { prefix.replace_all(&text, "$1$2").into_owned() } else { text.into_owned() }
    };
    let bare = |text: &str| {
        let text = prefix(Flag::AllowUnicode, &UNICODE, Cow::Borrowed(text));
        prefix(Flag::AllowBytes, &BYTES, Cow::Owned(text))
    };

    let (want, mut got) = (bare(want), bare(got));

    for (flag, closeness) in [(Flag::Number, Closeness::AsWritten), (Flag::FloatCmp, Closeness::Relative)] {
        if flags.has(flag) {
            got = number::settled(&want, &got, closeness);
        }
    }
    exactly(&want, &got, flags)
}

fn exactly(want: &str, got: &str, flags: Flags) -> bool {
    let (mut want, mut got) = (ascii(want), ascii(got));
    if want == got {
        return true;
    }

    if !flags.has(Flag::DontAcceptTrueFor1)
        && matches!((&*got, &*want), ("True\n", "1\n") | ("False\n", "0\n"))
    {
        return true;
    }

    if !flags.has(Flag::DontAcceptBlankline) {
        want = Cow::Owned(BLANKLINE.replace_all(&want, "").into_owned());
        got = Cow::Owned(ONLY_BLANKS.replace_all(&got, "").into_owned());
    }
    if flags.has(Flag::NormalizeWhitespace) {
        (want, got) = (Cow::Owned(settled(&want)), Cow::Owned(settled(&got)));
    }

    want == got || flags.has(Flag::Ellipsis) && fits(&want, &got)
}

/// The words of a text with one blank between them.
fn settled(text: &str) -> String {
    text.split(BLANKS).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether `...` can stand for something that makes the texts equal.
fn fits(want: &str, got: &str) -> bool {
    let parts: Vec<&str> = want.split("...").collect();
    let [head, middle @ .., tail] = &parts[..] else { return want == got };
    let Some(mut got) = got.strip_prefix(head).and_then(|got| got.strip_suffix(tail)) else { return false };

    for part in middle {
        let Some(at) = got.find(part) else { return false };
        got = &got[at + part.len()..];
    }
    true
}

/// The text with Python's escapes for letters outside of ASCII: a document may show either.
fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }

    let mut escaped = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        let code = u32::from(letter);
        // A `String` takes whatever is written.
        let _ = match code {
            0..0x80 => escaped.write_char(letter),
            0x80..0x100 => write!(escaped, "\\x{code:02x}"),
            0x100..0x1_0000 => write!(escaped, "\\u{code:04x}"),
            _ => write!(escaped, "\\U{code:08x}"),
        };
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::matches;
    use crate::directive::{Flag, Flags};

    #[track_caller]
    fn check(want: &str, got: &str, flags: &[Flag], expected: bool) {
        let flags = flags.iter().fold(Flags::default(), |flags, flag| flags.with(*flag));
        assert_eq!(matches(want, got, flags), expected, "{want:?} {got:?} {flags:?}");
    }

    #[test]
    fn without_flags() {
        check("1\n", "1\n", &[], true);
        check("1\n", "1 \n", &[], false);
        check("", "", &[], true);
        check("", "1\n", &[], false);
        check("é\n", "\\xe9\n", &[], true);
        check("a\n<BLANKLINE>\nb\n", "a\n\nb\n", &[], true);
        check("a\n<BLANKLINE>  \nb\n", "a\n \t\nb\n", &[], true);
        check("a\n<BLANKLINE>\nb\n", "a\n\nb\n", &[Flag::DontAcceptBlankline], false);
        check("1\n", "True\n", &[], true);
        check("True\n", "1\n", &[], false);
        check("1\n", "True\n", &[Flag::DontAcceptTrueFor1], false);
        check("a...c\n", "abc\n", &[], false);
    }

    #[test]
    fn blanks_and_ellipses() {
        let (blanks, dots) = (Flag::NormalizeWhitespace, Flag::Ellipsis);
        check("a  b\nc\n", "a b c\n", &[blanks], true);
        check("a b\n", "ab\n", &[blanks], false);
        check("a...c\n", "abc\n", &[dots], true);
        check("...\n", "a\nb\n", &[dots], true);
        check("a...a\n", "a\n", &[dots], false);
        check("a......b\n", "ab\n", &[dots], true);
        check("a...b...c\n", "acbc\n", &[dots], true);
        check("a...b...b\n", "ab\n", &[dots], false);
        check(".......\n", "x.\n", &[dots], true);
        check(".......\n", "x\n", &[dots], false);
        check("[0,  ...,\n 9]\n", "[0, 1, 2,  9]\n", &[dots, blanks], true);
    }

    #[test]
    fn prefixes_and_numbers() {
        check("'a'\n", "b'a'\n", &[Flag::AllowBytes], true);
        check("[u'x', b'y']\n", "['x', 'y']\n", &[Flag::AllowUnicode, Flag::AllowBytes], true);
        check("[u'a']\n", "['a']\n", &[Flag::AllowBytes], false);
        check("3.14\n", "3.14159\n", &[Flag::Number], true);
        check("3.15\n", "3.14159\n", &[Flag::FloatCmp], false);
        check("0.3333333\n", "0.33333333333\n", &[Flag::FloatCmp], true);
        check("x 1.0\n", "y 1.0\n", &[Flag::FloatCmp], false);
    }
}
