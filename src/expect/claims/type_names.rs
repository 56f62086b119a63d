//! Comments that name the type of a value by its bare name: `print(type(x))  # int`.

use crate::expect::claims::comparison::Match;

/// Names of types that are hardly anything else after a question for a type.
const TYPES: &[&str] = &[
    "int",
    "float",
    "complex",
    "bool",
    "str",
    "bytes",
    "bytearray",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "range",
    "function",
    "generator",
    "module",
    "type",
    "object",
];
/// Names of the same types in prose.
const IN_PROSE: &[(&str, &str)] =
    &[("integer", "int"), ("string", "str"), ("boolean", "bool"), ("dictionary", "dict")];
/// Beginnings of the names of numpy's types.
const NUMBERS: &[&str] = &["int", "uint", "float", "complex", "datetime", "timedelta"];

/// Whether code asks for the type of a value.
pub(super) fn asks(code: &str) -> bool {
    ["type(", ".__class__", ".dtype"].iter().any(|word| code.contains(word))
}

/// Compares the name in a comment with a type in writing.
pub(super) fn compare(said: &str, real: &str) -> Match {
    let said = said.trim().trim_end_matches(['!', '.']);
    let said = said.split_once(" (").map_or(said, |(name, _)| name);
    let (Some(stated), Some(actual)) = (stated(said), actual(real.trim())) else { return Match::Unrelated };
    if stated == actual { Match::Same } else { Match::Other }
}

/// The type that a comment names; `None` for a comment that may be about something else.
fn stated(name: &str) -> Option<&str> {
    let is_name = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'));
    let known = IN_PROSE.iter().find(|(prose, _)| *prose == name).map(|(_, known)| *known);
    let last = name.rsplit('.').next().unwrap_or(name);
    let is_type = TYPES.contains(&last)
        || is_numeric(last)
        || last.chars().next().is_some_and(char::is_uppercase) && last.len() > 2;
    known.or_else(|| (is_name && is_type).then_some(last))
}

/// The bare name of a type that was observed: a class, a type of numpy, or the name of one.
fn actual(text: &str) -> Option<&str> {
    let class = text.strip_prefix("<class '").and_then(|rest| rest.strip_suffix("'>"));
    let numeric = text.strip_prefix("dtype('").and_then(|rest| rest.strip_suffix("')"));
    let bare = text.trim_matches(['\'', '"']);
    let bare = (TYPES.contains(&bare) || is_numeric(bare)).then_some(bare);
    class.or(numeric).or(bare).map(|name| name.rsplit('.').next().unwrap_or(name))
}

/// `float64`
fn is_numeric(name: &str) -> bool {
    let digits = |kind: &str| name.strip_prefix(kind).unwrap_or_default();
    NUMBERS.iter().any(|kind| matches!(digits(kind), "8" | "16" | "32" | "64" | "128"))
}

#[cfg(test)]
mod tests {
    use super::{Match, asks, compare};

    #[test]
    fn names() {
        for (said, real, expected) in [
            ("int", "<class 'int'>", Match::Same),
            ("list", "<class 'str'>", Match::Other),
            ("string", "<class 'str'>", Match::Same),
            ("dictionary", "<class 'list'>", Match::Other),
            ("float64", "dtype('float64')", Match::Same),
            ("int64", "float64", Match::Other),
            ("Decimal", "<class 'decimal.Decimal'>", Match::Same),
            ("Fraction", "<class 'decimal.Decimal'>", Match::Other),
            ("shop.Cart", "<class '__main__.Cart'>", Match::Same),
            ("int (always)", "<class 'float'>", Match::Other),
            ("str", "'int'", Match::Other),
            ("surprise", "<class 'int'>", Match::Unrelated),
            ("an int", "<class 'str'>", Match::Unrelated),
            ("int or float", "<class 'str'>", Match::Unrelated),
            ("int", "3", Match::Unrelated),
            ("OK", "<class 'str'>", Match::Unrelated),
        ] {
            assert_eq!(compare(said, real), expected, "{said} | {real}");
        }
        assert!(asks("print(type(x))") && asks("a.dtype") && !asks("print(x)"));
    }
}
