//! Why a place is unstable, and a guess by the look of its texts where no change of conditions has shown it.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use crate::variation::difference::{OutcomeDifference, is_reordered};

/// The reason why a place is unstable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VariationCause {
    /// The order of sets, which depends on the hashes of texts.
    Order,
    Random,
    Time,
    /// The addresses of objects in memory.
    Address,
    Pid,
    /// The name of a temporary file or folder.
    Path,
    /// Another version of Python does something else.
    PythonVersion,
    Unknown,
}

impl VariationCause {
    /// The causes that a run can change on purpose.
    pub(crate) const CONDITIONS: [Self; 4] = [Self::Order, Self::Random, Self::Time, Self::Address];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Random => "random",
            Self::Time => "time",
            Self::Address => "address",
            Self::Pid => "pid",
            Self::Path => "path",
            Self::PythonVersion => "Python version",
            Self::Unknown => "unknown",
        }
    }
}

/// Addresses at which Linux has the heap, the libraries and the stacks of a process.
const OF_MEMORY: std::ops::Range<u64> = 0x5000_0000_0000..0x8000_0000_0000;

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b0x[0-9a-fA-F]{6,16}\b"));
static PATH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\btmp[a-z0-9_]{8}\b|/tmp/"));
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}|\b[0-9]{1,2}:[0-9]{2}\b|\b(1[6-9]|2[0-3])[0-9]{8}\b")
});
static SPAN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[^0-9]*[0-9]+(\.[0-9]+)?(e-?[0-9]+)? ?([mnuµμ]?s|m?secs?|[a-z]*seconds?)\b"));
static PID: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)(\bp?pid|process[a-z]*)\W{0,3}$"));
static TAKEN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(took|taken|elapsed|time|duration|seconds|now|today)\b\W{0,3}$"));
static DRAWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\W*([0-9a-f]{8,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|-?[0-9]+\.[0-9]{8,}(e-?[0-9]+)?)\W*$",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is tested")
}

pub(super) fn shape(difference: &OutcomeDifference) -> VariationCause {
    let OutcomeDifference { before, after, leading, trailing, .. } = difference;
    let both = |pattern: &Regex| pattern.is_match(before) && pattern.is_match(after);
    let spans = [before, after].map(|text| format!("{text}{trailing}"));
    let is_number = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_address = |text: &String| text.parse().is_ok_and(|number| OF_MEMORY.contains(&number));

    if is_reordered(before.as_bytes(), after.as_bytes()) {
        VariationCause::Order
    } else if both(&PATH) {
        VariationCause::Path
    } else if both(&ADDRESS) || is_address(before) && is_address(after) {
        VariationCause::Address
    } else if is_number(before) && is_number(after) && PID.is_match(leading) {
        VariationCause::Pid
    } else if both(&DATE) || spans.iter().all(|span| SPAN.is_match(span)) || TAKEN.is_match(leading) {
        VariationCause::Time
    } else if both(&DRAWN) {
        VariationCause::Random
    } else {
        VariationCause::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variation::aspect::Aspect;

    #[test]
    fn shapes() {
        let check = |leading: &str, [before, after]: [&str; 2], trailing: &str, expected| {
            let [before, after, leading, trailing] = [before, after, leading, trailing].map(str::to_owned);
            let said = format!("{before} {after}");
            let range = 0..before.len();
            let difference = OutcomeDifference {
                aspect: Aspect::Stdout,
                line: None,
                range,
                before,
                after,
                leading,
                trailing,
            };
            assert_eq!(shape(&difference), expected, "{said}");
        };
        check("<A at ", ["0x7f6ffa81000", "0x7f6ffa81010"], ">", VariationCause::Address);
        check("", ["140737343900208", "140737343900288"], "", VariationCause::Address);
        check("pid: ", ["4711", "4712"], "", VariationCause::Pid);
        check("left ", ["4711", "4712"], "", VariationCause::Unknown);
        check("took ", ["0.51", "0.53"], "", VariationCause::Time);
        check("", ["0.51", "0.53"], " seconds", VariationCause::Time);
        check("", ["2ms", "3ms"], "", VariationCause::Time);
        check("", ["2026-01-01T00:00:00", "2026-02-01T00:00:00"], "", VariationCause::Time);
        check("", ["1767225600", "1770768811"], "", VariationCause::Time);
        check("", ["12:30:01", "12:30:02"], "", VariationCause::Time);
        check("", ["0.6535430090118174", "0.13631721601854307"], "", VariationCause::Random);
        check("", ["4084559d", "cb094b3f"], "", VariationCause::Random);
        check(
            "",
            ["07c7d8e6-9bc6-4c43-a606-bb00e46d9d19", "a33e7307-46b9-4f76-99e7-a104b940f138"],
            "",
            VariationCause::Random,
        );
        check("", ["/tmp/tmplbv8izgt/x", "/tmp/tmpab12_xyz/x"], "", VariationCause::Path);
        check("{", ["a, b", "b, a"], "}", VariationCause::Order);
        check("", ["yes", "no"], "", VariationCause::Unknown);
    }
}
