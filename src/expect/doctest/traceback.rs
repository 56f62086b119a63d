//! Exceptions as a document shows them: a header, a stack that nobody compares, the line that counts.

use std::sync::LazyLock;

use regex::Regex;

use crate::directive::{Flag, Flags};
use crate::expect::doctest::check::{matches, pattern};
use crate::model::outcome::ExampleEnd;

pub(super) const HEADER: &str = "Traceback (most recent call last):";
pub(super) const STACK: &str = "    ...";

static SHOWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\A(?ms:Traceback \((?:most recent call last|innermost last)\):\s*$.*?^(?P<message>\w+.*))")
});

/// Where in a want the message of its traceback begins; `None` for a want that shows no exception.
pub(super) fn message(want: &str) -> Option<usize> {
    SHOWN.captures(want)?.name("message").map(|message| message.start())
}

/// Name and message of the exception that ended an example, without the excerpt that a syntax error has in front.
pub(super) fn headline(end: &ExampleEnd) -> Option<String> {
    let exception = end.exception.as_ref()?;
    let whole = end.headline.clone().unwrap_or_else(|| {
        let colon = if exception.message.is_empty() { "" } else { ": " };
        format!("{}{colon}{}\n", exception.kind, exception.message)
    });
    if !exception.bases.iter().any(|base| base == "SyntaxError") {
        return Some(whole);
    }
    let name = exception.kind.rsplit('.').next().unwrap_or_default();
    let names = |line: &str| {
        [name, &exception.kind]
            .iter()
            .any(|name| line.strip_prefix(*name).is_some_and(|rest| rest.starts_with(':')))
    };
    let starts = std::iter::once(0).chain(whole.match_indices('\n').map(|(end, _)| end + 1));
    let start = starts.into_iter().find(|start| names(&whole[*start..])).unwrap_or(0);
    Some(whole[start..].to_owned())
}

pub(super) fn is_announced(want: &str, headline: &str, flags: Flags) -> bool {
    let Some(start) = message(want) else { return false };
    let announced = &want[start..];
    matches(announced, headline, flags)
        || flags.has(Flag::IgnoreExceptionDetail) && matches(class(announced), class(headline), flags)
}

/// Without module, message and further lines.
fn class(headline: &str) -> &str {
    let end = headline.find('\n').unwrap_or(headline.len());
    let end = headline[..end].find(':').unwrap_or(end);
    let start = headline[..end].rfind('.').map_or(0, |dot| dot + 1);
    &headline[start..end]
}

#[cfg(test)]
mod tests {
    use super::{class, is_announced};
    use crate::directive::{Flag, Flags};

    const WANT: &str = "Traceback (most recent call last):\n  File \"x\", line 1\n    ...\nValueError: no\n";

    #[test]
    fn announced_exceptions() {
        let none = Flags::default();
        assert!(is_announced(WANT, "ValueError: no\n", none));
        assert!(!is_announced(WANT, "ValueError: yes\n", none));
        assert!(is_announced(WANT, "a.b.ValueError: yes\n", none.with(Flag::IgnoreExceptionDetail)));
        assert!(!is_announced(WANT, "KeyError: no\n", none.with(Flag::IgnoreExceptionDetail)));
        assert!(!is_announced("ValueError: no\n", "ValueError: no\n", none));
        assert!(is_announced("Traceback (innermost last):\nE\n", "E\n", none));
        assert!(is_announced("Traceback (most recent call last):\nE: a\nb\n", "E: a\nb\n", none));
    }

    #[test]
    fn classes() {
        for (headline, expected) in
            [("a.b.E: c.d\n", "E"), ("E\n", "E"), ("E: x\ny: z", "E"), ("E", "E"), ("", ""), ("E.\n", "")]
        {
            assert_eq!(class(headline), expected, "{headline}");
        }
    }
}
