//! Numbers of the output that are close enough to those of the document.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::expect::doctest::pattern::pattern;

/// Matches numbers with a fraction or an exponent. Whole numbers are compared as text.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"[+-]?\d*\.(?P<fraction>\d+)(?:[Ee](?P<power>[+-]?\d+))?",
        r"|[+-]?\d+\.(?:[Ee](?P<power_of_point>[+-]?\d+))?",
        r"|[+-]?\d+[Ee](?P<power_of_whole>[+-]?\d+)",
    ))
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closeness {
    /// To the last digit that the document shows.
    AsWritten,
    /// To about five digits, whatever the magnitude.
    Relative,
}

/// `got` with the numbers of the document in place of those that are close to them. A text with more or fewer numbers
/// than the document stays as it is.
pub(super) fn settled(want: &str, got: &str, closeness: Closeness) -> String {
    let wanted: Vec<_> = NUMBER.captures_iter(want).collect();
    if wanted.len() != NUMBER.find_iter(got).count() {
        return got.to_owned();
    }
    let mut wanted = wanted.iter();
    let settle = |found: &Captures<'_>| match wanted.next() {
        Some(want) if is_close(want, &found[0], closeness) => want[0].to_owned(),
        Some(_) | None => found[0].to_owned(),
    };
    NUMBER.replace_all(got, settle).into_owned()
}

fn is_close(want: &Captures<'_>, got: &str, closeness: Closeness) -> bool {
    // Digits of other scripts are digits for the pattern.
    let (Ok(wanted), Ok(got)) = (want[0].parse::<f64>(), got.parse::<f64>()) else { return false };
    let margin = match closeness {
        Closeness::AsWritten => 10_f64.powi(last_digit(want)),
        Closeness::Relative => 1e-8 + 1e-5 * wanted.abs(),
    };
    #[expect(clippy::float_cmp, reason = "the same infinities are equal and have no distance")]
    let equal = wanted == got;
    equal || (wanted - got).abs() <= margin && got.is_finite()
}

/// The power of ten of a number's last digit.
fn last_digit(number: &Captures<'_>) -> i32 {
    let fraction = number.name("fraction").map_or(0, |digits| digits.len());
    let power = ["power", "power_of_point", "power_of_whole"].iter().find_map(|name| number.name(name));
    let power = power.and_then(|power| power.as_str().parse::<i32>().ok()).unwrap_or(0);
    power.saturating_sub(i32::try_from(fraction).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Closeness, settled};

    #[track_caller]
    fn check(want: &str, got: &str, closeness: Closeness, expected: &str) {
        assert_eq!(settled(want, got, closeness), expected, "{want} {got}");
    }

    #[test]
    fn numbers() {
        let written = Closeness::AsWritten;
        check("[1.5, 2]", "[1.52, 2]", written, "[1.5, 2]");
        check("1.5", "1.62", written, "1.62");
        check("1e3", "1.4e3", written, "1e3");
        check("3.", "3.4", written, "3.");
        check("1.0 2.0", "1.04", written, "1.04");
        check("1", "2", written, "2");
        check("1", "1.0", written, "1.0");
        check("1.0 x", "1.0 y", written, "1.0 y");
        check("1e999", "1e999", written, "1e999");
        let relative = Closeness::Relative;
        check("100000.0", "100000.5", relative, "100000.0");
        check("1.0", "1.1", relative, "1.1");
    }
}
