//! How people write a time span, wherever they write one: `3s`, `500ms`, `2m`, `1.5` (seconds).

use std::time::Duration;

/// What a message asks for where [`parse`] finds nothing.
pub(crate) const EXPECTED: &str = "a duration such as `3s`, `500ms` or `2m`";

/// The longest span that a flag or a setting takes: more than anybody waits for.
pub(crate) const LONGEST: Duration = Duration::from_hours(365 * 24);
/// A shorter span is taken for a slip.
const SHORTEST: Duration = Duration::from_millis(1);

/// Why a word is no time span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DurationError {
    Unreadable,
    /// Shorter than 1 ms, or longer than what the caller allows.
    OutOfRange,
}

/// Reads a number and its unit, with or without blanks between and around them.
pub(crate) fn parse(word: &str, longest: Duration) -> Result<Duration, DurationError> {
    let word = word.trim();
    let digits = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let second = match &word[digits.len()..] {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(DurationError::Unreadable),
    };

    // `f64::from_str` also takes exponents and `inf`.
    let digits = digits.trim_end();
    let plain = digits.strip_prefix('-').unwrap_or(digits);
    if !plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(DurationError::Unreadable);
    }
    let number: f64 = digits.parse().map_err(|_| DurationError::Unreadable)?;

    let span = Duration::try_from_secs_f64(number * second).map_err(|_| DurationError::OutOfRange)?;
    if (SHORTEST..=longest).contains(&span) { Ok(span) } else { Err(DurationError::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{LONGEST, parse};

    #[test]
    fn spans() {
        for (word, milliseconds) in [
            ("3", Some(3000)),
            ("3s", Some(3000)),
            ("1.5s", Some(1500)),
            ("500ms", Some(500)),
            ("2m", Some(120_000)),
            ("1h", Some(3_600_000)),
            ("", None),
            ("s", None),
            ("0s", None),
            ("-1s", None),
            ("1.2.3s", None),
            ("3 s", Some(3000)),
            (" 3s ", Some(3000)),
            ("0.5ms", None),
            ("3sec", None),
            ("1e9s", None),
            ("99999h", None),
            ("inf", None),
        ] {
            assert_eq!(parse(word, LONGEST).ok(), milliseconds.map(Duration::from_millis), "{word}");
        }
    }
}
