//! Remedies for an unstable place: a redaction for the settings, a marker for the document.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use crate::model::snippet::Form;
use crate::variation::cause::VariationCause;
use crate::variation::difference::OutcomeDifference;

/// A redaction as the settings spell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SuggestedRedaction {
    pub(crate) pattern: String,
    pub(crate) replacement: String,
}

/// Patterns that may be replaced anywhere, the most special first.
const ANYWHERE: [&str; 6] = [
    r"\b0x[0-9a-fA-F]{4,16}\b",
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?",
    r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b",
    r"\b[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\b",
    r"\btmp[a-z0-9_]{8}\b",
];

/// Patterns that have a meaning elsewhere, and are replaced only after the same words.
const AFTER_WORDS: [&str; 3] =
    [r"[0-9]+\.[0-9]+(?:e[+-]?[0-9]+)?", r"\b[0-9a-f]{8,64}\b", r"\b[0-9]{1,20}\b"];

static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[^\W\d_][^\W\d_]+\W{1,4}$"));
static MARKED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)#.*\b(?:may vary|random)\b"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is tested")
}

/// A redaction that fits this difference and hardly anything else; `None` where there is none.
pub(super) fn redaction(difference: &OutcomeDifference) -> Option<SuggestedRedaction> {
    let anywhere = ANYWHERE.iter().find_map(|shape| between(shape, "", difference));
    anywhere.or_else(|| {
        let word = WORD.find(&difference.leading)?.as_str();
        AFTER_WORDS.iter().find_map(|shape| between(shape, word, difference))
    })
}

/// A redaction of this shape, if both texts have it and differ in nothing else.
fn between(
    shape: &str,
    leading: &str,
    OutcomeDifference { before, after, .. }: &OutcomeDifference,
) -> Option<SuggestedRedaction> {
    let known = pattern(shape);
    let (one, two) = (known.find(before)?, known.find(after)?);

    let around = |text: &str, found: regex::Match<'_>| {
        (text[..found.start()].to_owned(), text[found.end()..].to_owned())
    };
    let (start, end) = around(before, one);
    if around(after, two) != (start.clone(), end.clone()) {
        return None;
    }

    // An address or a date needs no context.
    let (start, end) =
        if leading.is_empty() { (String::new(), String::new()) } else { (leading.to_owned() + &start, end) };

    let placeholder = if one.as_str().starts_with("0x") { "0x…" } else { "…" };
    Some(SuggestedRedaction {
        pattern: format!("{}{shape}{}", regex::escape(&start), regex::escape(&end)),
        replacement: format!("{start}{placeholder}{end}").replace('$', "$$"),
    })
}

/// The comment that a document can add after code, or after the output that it shows.
pub(super) fn marker(form: Form, cause: VariationCause) -> &'static str {
    match (form, cause) {
        (
            Form::Console,
            VariationCause::Random
            | VariationCause::Time
            | VariationCause::Address
            | VariationCause::Pid
            | VariationCause::Path,
        ) => "# doctest: +ELLIPSIS",
        (Form::Console, VariationCause::Order | VariationCause::PythonVersion | VariationCause::Unknown)
        | (Form::Script, _) => "# may vary",
    }
}

/// Whether a line of code has a comment which says that its result is unstable.
pub(super) fn is_marked(line: &str) -> bool {
    MARKED.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variation::aspect::Aspect;
    use crate::variation::difference;

    #[track_caller]
    fn check(one: &str, two: &str, expected: Option<(&str, &str)>) {
        let found = difference::compared(Aspect::Stdout, one.as_bytes(), two.as_bytes());
        let redaction = redaction(&found[0]);
        let pair = redaction.as_ref().map(|found| (&*found.pattern, &*found.replacement));
        assert_eq!(pair, expected, "{one} {two}");
        if let Some(SuggestedRedaction { pattern, replacement }) = &redaction {
            let replaced = |text| Regex::new(pattern).unwrap().replace_all(text, replacement).into_owned();
            assert_eq!(replaced(one), replaced(two));
        }
    }

    #[test]
    fn redactions() {
        check("<A at 0x7f12>", "<A at 0x7f92>", Some((r"\b0x[0-9a-fA-F]{4,16}\b", "0x…")));
        check("score: 0.51", "score: 0.53", Some((r"score: [0-9]+\.[0-9]+(?:e[+-]?[0-9]+)?", "score: …")));
        check("cost $12,", "cost $17,", Some((r"cost \$\b[0-9]{1,20}\b", "cost $$…")));
        check("on 2026-01-01.", "on 2026-02-01.", Some((r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b", "…")));
        check("12", "17", None);
        check("yes", "no", None);
        check("{a, b}", "{b, a}", None);
    }

    #[test]
    fn marked_lines() {
        assert!(is_marked("print(x)  # may vary") && is_marked("f()  # Random"));
        assert!(!is_marked("random.random()") && !is_marked("print(x)  # 3"));
    }
}
