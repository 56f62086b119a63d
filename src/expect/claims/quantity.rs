//! Numbers with units, and numbers that are only roughly meant.

/// The share by which a rough amount of memory or time may miss the actual one: machines differ.
const TOLERANCE: f64 = 0.25;
/// The same for other numbers, and for those that end in zeros: `about 100`.
const OF_NUMBERS: f64 = 0.05;
const OF_ROUND_NUMBERS: f64 = 0.1;

/// An amount in a comment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantity {
    number: f64,
    /// Half of the value of the last digit.
    precision: f64,
    unit: MeasureUnit,
    rough: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    /// Nothing but a number.
    None,
    Memory,
    /// Differs from machine to machine.
    Time,
    Share,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct MeasureUnit {
    dimension: Dimension,
    factor: f64,
}

const BARE: MeasureUnit = MeasureUnit { dimension: Dimension::None, factor: 1.0 };

impl Quantity {
    /// The quantity with which a text begins, and the rest of the text.
    pub(super) fn front(text: &str) -> Option<(Self, &str)> {
        let (rest, rough) = rough(text);
        let (number, precision, rest) = number(rest)?;
        let (unit, rest) = unit(rest);
        // A number alone is a literal.
        (rough || unit.dimension != Dimension::None)
            .then_some((Self { number, precision, unit, rough }, rest))
    }

    pub(super) fn is_rough(&self) -> bool {
        self.rough
    }

    pub(super) fn dimension(&self) -> Dimension {
        self.unit.dimension
    }

    /// Whether the number in `real` is this one; `None` where `real` has no such number, or several.
    pub(super) fn is(&self, real: &str) -> Option<bool> {
        let found = amounts(real);
        let fitting: Vec<f64> = found
            .iter()
            .filter(|(_, unit)| unit.dimension == self.unit.dimension)
            .map(|(number, unit)| number * unit.factor)
            .collect();

        let real = match (fitting[..].first(), fitting.len(), &found[..]) {
            (Some(only), 1, _) => *only,
            // For an output without a unit the document names it: `28  # 28 bytes`.
            (None, _, [(number, BARE)]) if self.may_be(real.trim()) => match self.unit.dimension {
                Dimension::Time => number * self.unit.factor,
                Dimension::None | Dimension::Memory | Dimension::Share => *number,
            },
            _ => return None,
        };

        let (said, precision) = (self.number * self.unit.factor, self.precision * self.unit.factor);
        let off = (said - real).abs();
        // A number in a larger unit is rounded to its digits.
        let exactly = if self.unit.factor > 1.0 { precision } else { said.abs() * 1e-9 };

        let share = match self.unit.dimension {
            Dimension::Memory | Dimension::Time => TOLERANCE,
            Dimension::None | Dimension::Share if self.number % 10.0 == 0.0 => OF_ROUND_NUMBERS,
            Dimension::None | Dimension::Share => OF_NUMBERS,
        };
        let allowed = if self.rough { precision.max(said.abs() * share) } else { exactly };
        Some(off <= allowed * (1.0 + 1e-9))
    }
}

impl Quantity {
    /// Whether a number without a unit may be in this unit. A whole number is seldom the time that a function took.
    fn may_be(&self, real: &str) -> bool {
        let whole = real.bytes().all(|byte| byte.is_ascii_digit());
        real.parse::<f64>().is_ok() && !(whole && self.unit.dimension == Dimension::Time)
    }
}

/// Whether both texts give a time in the same words, however long it is.
pub(super) fn is_same_timing(said: &str, real: &str) -> bool {
    let words = wording(said);
    amounts(said).iter().any(|(_, unit)| unit.dimension == Dimension::Time)
        && real.lines().any(|line| wording(line) == words)
}

/// A text without its numbers.
fn wording(text: &str) -> String {
    let of_number = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',');
    text.trim().replace(of_number, "")
}

/// Whether the text begins with a sign or a word that makes numbers rough.
fn rough(text: &str) -> (&str, bool) {
    let text = text.trim_start();
    let words = ["~", "≈", "about ", "around ", "roughly ", "approximately ", "approx. ", "approx ", "ca. "];
    for word in words {
        if let Some(start) = text.get(..word.len())
            && start.eq_ignore_ascii_case(word)
        {
            return (text[word.len()..].trim_start(), true);
        }
    }
    (text, false)
}

fn number(text: &str) -> Option<(f64, f64, &str)> {
    let digits = |character: char| character.is_ascii_digit() || matches!(character, '.' | ',' | '_');
    let end = text.find(|character| !digits(character)).unwrap_or(text.len());
    let written = text[..end].trim_end_matches([',', '.', '_']);
    let plain = written.replace([',', '_'], "");
    let number: f64 = plain.parse().ok()?;

    let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let decimals = i32::try_from(decimals.min(30)).unwrap_or_default();
    Some((number, 0.5 * 10_f64.powi(-decimals), &text[written.len()..]))
}

/// The unit that a text begins with.
fn unit(text: &str) -> (MeasureUnit, &str) {
    let start = text.trim_start_matches([' ', '-']);
    let end = start.find(|character: char| !(character.is_alphabetic() || matches!(character, '%' | 'µ')));
    let (word, rest) = start.split_at(end.unwrap_or(start.len()));

    let (dimension, factor) = match word {
        "B" | "byte" | "bytes" => (Dimension::Memory, 1.0),
        "KB" | "kB" => (Dimension::Memory, 1e3),
        "KiB" => (Dimension::Memory, 1024.0),
        "MB" => (Dimension::Memory, 1e6),
        "MiB" => (Dimension::Memory, 1_048_576.0),
        "GB" => (Dimension::Memory, 1e9),
        "GiB" => (Dimension::Memory, 1_073_741_824.0),
        "ns" => (Dimension::Time, 1e-9),
        "µs" | "us" => (Dimension::Time, 1e-6),
        "ms" | "milliseconds" => (Dimension::Time, 1e-3),
        "s" | "sec" | "second" | "seconds" => (Dimension::Time, 1.0),
        "min" | "minutes" => (Dimension::Time, 60.0),
        "%" => (Dimension::Share, 1.0),
        _ => return (BARE, text),
    };

    (MeasureUnit { dimension, factor }, rest)
}

/// The numbers of a text with their units. More than a few are not needed: then it is uncertain which one is meant.
fn amounts(text: &str) -> Vec<(f64, MeasureUnit)> {
    const MOST: usize = 4;

    let mut found = Vec::new();
    let mut rest = text;
    let mut glued = false;
    while let Some(first) = rest.chars().next() {
        let (unit, after) = match number(rest).filter(|_| first.is_ascii_digit() && !glued) {
            Some((number, _, after)) => {
                let (unit, after) = unit(after);
                found.push((number, unit));
                (Some(unit), after)
            }
            None => (None, &rest[first.len_utf8()..]),
        };

        if found.len() > MOST {
            break;
        }
        glued = unit.is_none() && (first.is_alphanumeric() || first == '_');
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Quantity, is_same_timing};

    #[track_caller]
    fn check(said: &str, real: &str, expected: Option<bool>) {
        let (quantity, rest) = Quantity::front(said).unwrap();
        assert_eq!((quantity.is(real), rest), (expected, ""), "{said} | {real}");
    }

    #[test]
    fn amounts_are_compared() {
        check("28 bytes", "28", Some(true));
        check("28 bytes", "29", Some(false));
        check("~120 bytes", "Size: 104 bytes", Some(true));
        check("~120 bytes", "Size: 296 bytes", Some(false));
        check("~120 bytes", "Size: unknown", None);
        check("~120 bytes", "from 1 to 104 bytes", Some(true));
        check("~120 bytes", "12 bytes of 104 bytes", None);
        check("8 MB", "8,448,728 bytes", Some(true));
        check("8.4 MB", "8,448,728 bytes", Some(true));
        check("8.0 MB", "8,448,728 bytes", Some(false));
        check("~3 seconds", "took 2.95s", Some(true));
        check("~0.5s", "500 ms", Some(true));
        check("~0.5", "0.4999", Some(true));
        check("about 5", "7", Some(false));
        check("about 120", "100.0", Some(false));
        check("~22.9", "21.09", Some(false));
        check("about 100", "99.7", Some(true));
        check("roughly 1,000", "1087", Some(true));
        check("~3.14", "3.14159", Some(true));
        check("~40%", "52%", Some(false));
        check("~3 seconds", "832040", None);
        check("~3 seconds", "3.02", Some(true));
        check("50%", "50.0%", Some(true));
    }

    #[test]
    fn timings() {
        for (said, real, expected) in [
            ("took 1.50s", "took 2s\n", true),
            ("took 1.50s", "begins\ntook 12.345s\n", true),
            ("took 1.50s", "lasted 1.51s\n", false),
            ("row 3", "row 4\n", false),
            ("done", "done\n", false),
        ] {
            assert_eq!(is_same_timing(said, real), expected, "{said} | {real}");
        }
    }

    #[test]
    fn other_words_are_no_units() {
        assert_eq!(Quantity::front("3 retries"), None);
        assert_eq!(Quantity::front("3"), None);
        assert_eq!(Quantity::front("~three"), None);
        assert_eq!(Quantity::front("~4x").map(|(_, rest)| rest), Some("x"));
    }
}
