//! Values that settings may have.

use crate::directive;
use crate::directive::Flags;

/// Bytes of a text. A short expression may ask for any length: `"x" * 10 ** 9`.
pub(super) const LONGEST: usize = 1 << 20;

/// The flags of doctest by their bits.
const BITS: [&str; 6] = [
    "DONT_ACCEPT_TRUE_FOR_1",
    "DONT_ACCEPT_BLANKLINE",
    "NORMALIZE_WHITESPACE",
    "ELLIPSIS",
    "SKIP",
    "IGNORE_EXCEPTION_DETAIL",
];

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
    Nothing,
    Flags(Flags),
    List(Vec<Self>),
}

/// As `str` shows it.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Truth(true) => Some("True".to_owned()),
        Value::Truth(false) => Some("False".to_owned()),
        Value::Nothing => Some("None".to_owned()),
        Value::Flags(_) | Value::List(_) => None,
    }
}

/// The option flags that a value stands for.
pub(super) fn as_flags(value: &Value) -> Option<Flags> {
    match value {
        Value::Flags(flags) => Some(*flags),
        Value::Number(bits) => {
            let set = BITS.iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0);
            let known = set.filter_map(|(_, name)| directive::parse_flag(name));
            Some(known.fold(Flags::default(), Flags::with))
        }
        Value::Text(_) | Value::Truth(_) | Value::Nothing | Value::List(_) => None,
    }
}
