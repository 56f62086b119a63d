//! How people write a time span, wherever they write one: `3s`, `500ms`, `2m`, `1.5` (seconds).

use std::time::Duration;

/// What a message asks for where [`parse`] finds nothing.
pub(crate) const EXPECTED: &str = "a duration such as `3s`, `500ms` or `2m`";

/// Positive spans of up to a year.
pub(crate) fn parse(word: &str) -> Option<Duration> {
    const YEAR: f64 = 365.0 * 24.0 * 3600.0;
    let unit = word.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number: f64 = word[..word.len() - unit.len()].parse().ok()?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "" | "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return None,
    };
    let span = (seconds <= YEAR).then(|| Duration::from_secs_f64(seconds))?;
    (!span.is_zero()).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("3 s", None),
            ("3sec", None),
            ("1e9s", None),
            ("99999h", None),
            ("inf", None),
        ] {
            assert_eq!(parse(word), milliseconds.map(Duration::from_millis), "{word}");
        }
    }
}
