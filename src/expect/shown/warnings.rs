//! Warnings as Python shows them: the place is that of the author's file, the kind and the text are what a document says.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// `a.py:3: UserWarning: careful` (warnings.formatwarning).
static WARNING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<place>\s*[^\s:][^:\n]*:[0-9]+: )(?P<said>[A-Za-z_][\w.]*Warning: )")
        .expect("the pattern is tested")
});

/// The kind and the text of the warning that a line shows.
pub(in crate::expect) fn shown_warning(line: &str) -> Option<&str> {
    if !line.contains("Warning: ") {
        return None;
    }
    WARNING.captures(line).map(|found| line[found["place"].len()..].trim_end())
}

/// The text without the places of warnings, and without the lines of code that are shown below them.
pub(super) fn without_places(text: &str) -> Cow<'_, str> {
    if !text.contains("Warning: ") {
        return Cow::Borrowed(text);
    }

    let mut rest = String::with_capacity(text.len());
    let mut is_below = false;
    for line in text.split_inclusive('\n') {
        let found = WARNING.captures(line);
        let is_code = is_below && is_code(line);
        is_below = found.is_some();
        match found {
            Some(found) => rest.push_str(&line[found["place"].len()..]),
            None if is_code => {}
            None => rest.push_str(line),
        }
    }
    Cow::Owned(rest)
}

/// The actual text with the places of the warnings that are shown; `None` where there are more warnings than places.
pub(super) fn with_places<'a>(actual: &'a str, shown: &str) -> Option<Cow<'a, str>> {
    if !actual.contains("Warning: ") {
        return Some(Cow::Borrowed(actual));
    }

    let mut places = places(shown).into_iter();
    let mut text = String::with_capacity(actual.len());
    let mut is_below = false;
    for line in actual.split_inclusive('\n') {
        let Some(found) = WARNING.captures(line) else {
            if !(is_below && is_code(line)) {
                text.push_str(line);
            }
            is_below = false;
            continue;
        };

        let (place, code) = places.next()?;
        let said = &line[found["place"].len()..];
        text.extend([place, said, if said.ends_with('\n') { "" } else { "\n" }, code]);
        is_below = true;
    }
    Some(Cow::Owned(text))
}

/// The places of the warnings in a text, each with the line of code below it, if there is one.
fn places(shown: &str) -> Vec<(&str, &str)> {
    let mut places: Vec<(&str, &str)> = Vec::new();
    let mut is_below = false;
    for line in shown.split_inclusive('\n') {
        let found = WARNING.captures(line);
        if let (true, true, Some((_, code))) = (is_below, is_code(line), places.last_mut()) {
            *code = line;
        }
        is_below = found.is_some();
        places.extend(found.map(|found| (&line[..found["place"].len()], "")));
    }
    places
}

/// Whether a line below a warning is the code that gave it.
fn is_code(line: &str) -> bool {
    line.starts_with("  ") && !line.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::{with_places, without_places};

    #[test]
    fn places_do_not_count() {
        for (text, expected) in [
            ("<stdin>:1: UserWarning: careful\n", "UserWarning: careful\n"),
            ("/a b/c.py:12: my.OldWarning: x: y\n  f(1)\nz\n", "my.OldWarning: x: y\nz\n"),
            ("UserWarning: careful\n", "UserWarning: careful\n"),
            ("a.py:3: UserError: x\n  y\n", "a.py:3: UserError: x\n  y\n"),
            ("12:30:01: Warning: x\n  y", "12:30:01: Warning: x\n  y"),
        ] {
            assert_eq!(without_places(text), expected);
        }
    }

    #[test]
    fn places_are_kept() {
        let actual = "b.md:4: FutureWarning: soon\n  f()\nx\n";
        for (shown, expected) in [
            ("<stdin>:1: UserWarning: careful\n", Some("<stdin>:1: FutureWarning: soon\nx\n")),
            ("a.py:3: UserWarning: x\n  g()\n", Some("a.py:3: FutureWarning: soon\n  g()\nx\n")),
            ("UserWarning: careful\n", None),
        ] {
            assert_eq!(with_places(actual, shown).as_deref(), expected);
        }
        assert_eq!(with_places("a\n", "b\n").as_deref(), Some("a\n"));
    }
}
