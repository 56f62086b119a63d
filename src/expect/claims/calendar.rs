//! Dates, times of the day, and the names of days and months: outputs that no prose looks like.

use std::sync::LazyLock;

use regex::Regex;

/// `2024-02-29`, `2024-02-29 12:30:00.5+01:00`, `12:30:05`
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?|[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$",
    )
    .expect("the pattern is tested")
});

const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Whether both texts are dates, times or names of one kind, and not the same.
pub(super) fn is_other(said: &str, real: &str) -> bool {
    let are_in = |names: &[&str]| names.contains(&said) && names.contains(&real);
    let are_stamps = STAMP.is_match(said) && STAMP.is_match(real) && shape(said) == shape(real);
    said != real && (are_stamps || are_in(DAYS) || are_in(MONTHS))
}

/// What a date and a time consist of, however exact the time is.
fn shape(stamp: &str) -> (bool, bool) {
    (stamp.contains('-') && stamp.len() >= 10, stamp.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::is_other;

    #[test]
    fn another_date_or_time() {
        for (said, real) in [
            ("2024-03-01", "2024-02-29"),
            ("12:30", "12:31:00"),
            ("2024-03-01 12:30:00", "2024-03-01 12:30:00.000001"),
            ("2024-03-01T12:30:00Z", "2024-03-01T12:30:00+00:00"),
            ("Friday", "Thursday"),
            ("May", "June"),
        ] {
            assert!(is_other(said, real), "{said} | {real}");
        }
        for (said, real) in [
            ("2024-03-01", "2024-03-01"),
            ("2024-03-01", "2024-03-01 12:30:00"),
            ("12:30", "2024-03-01"),
            ("Friday", "June"),
            ("Friday", "Bob"),
            ("the 12:30", "12:31"),
            ("1.26.4", "2.0.1"),
            ("3-4", "4-5"),
        ] {
            assert!(!is_other(said, real), "{said} | {real}");
        }
    }
}
