//! False claims in words.

use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::snippet::Line;
use crate::report::reason::literal::quoted;

/// False, and nobody has accepted that.
pub(crate) fn is_false(claim: &Claim) -> bool {
    claim.verdict == ClaimVerdict::Broken && !claim.accepted
}

/// The sentence about a claim that is false and has not been accepted as such.
pub(super) fn sentence(claim: &Claim) -> Option<String> {
    if !is_false(claim) {
        return None;
    }

    let (line, text) = claim.said();
    let truth = claim.truth().unwrap_or_default();
    let side_by_side = truth.lines().collect::<Vec<_>>().join(", ");

    let (below, said, is) = match claim.kind {
        // A comment on one line may speak of several lines of output.
        ClaimKind::Output | ClaimKind::Value if text.lines().count() == 1 => {
            (0, Some(text), Some(side_by_side.as_str()).filter(|lines| !lines.is_empty()))
        }
        ClaimKind::Output
        | ClaimKind::Value
        | ClaimKind::Binding
        | ClaimKind::Exception
        | ClaimKind::Doctest
        | ClaimKind::Shown
        | ClaimKind::Traceback
        | ClaimKind::Remark => first_difference(text, truth),
    };

    let line = Line(line.0.saturating_add(u32::try_from(below).unwrap_or(u32::MAX)));

    let short = |line: Option<&str>| line.map_or_else(|| "nothing".to_owned(), quoted);
    Some(format!("line {line} says {}, but it {} {}", short(said), verb(claim), short(is)))
}

/// The first lines that differ, and how many equal lines are above them.
fn first_difference<'a>(text: &'a str, actual: &'a str) -> (usize, Option<&'a str>, Option<&'a str>) {
    let (mut said, mut is) = (text.lines(), actual.lines());
    let mut below = 0;
    loop {
        match (said.next(), is.next()) {
            (Some(said), Some(is)) if said == is => below += 1,
            (None, None) => return (0, text.lines().next(), actual.lines().next()),
            (said, is) => return (below, said, is),
        }
    }
}

/// The word before what happened in a message: `raises ValueError`, `is 4`.
pub(crate) fn verb(claim: &Claim) -> &'static str {
    let is_raised = |text: &str| text.starts_with(Claim::TRACEBACK);

    match claim.kind {
        ClaimKind::Exception | ClaimKind::Traceback => "raises",
        ClaimKind::Output
        | ClaimKind::Value
        | ClaimKind::Binding
        | ClaimKind::Doctest
        | ClaimKind::Shown
        | ClaimKind::Remark => {
            if is_raised(claim.actual.as_deref().unwrap_or(&claim.text)) {
                "raises"
            } else {
                "is"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
    use crate::model::snippet::Line;

    #[track_caller]
    fn check(text: &str, actual: Option<&str>, expected: &str) {
        let broken = Claim {
            line: Line(5),
            text: text.to_owned(),
            kind: ClaimKind::Doctest,
            verdict: ClaimVerdict::Broken,
            actual: actual.map(str::to_owned),
            accepted: false,
            correction: None,
        };
        assert_eq!(sentence(&broken).as_deref(), Some(expected));
    }

    #[test]
    fn claims_are_shown_where_they_fail() {
        check("1", Some("2"), "line 5 says `1`, but it is `2`");
        check("1", None, "line 5 says `1`, but it is nothing");
        check("", Some("1"), "line 5 says nothing, but it is `1`");
        check("a\nb\nc", Some("a\nx\nc"), "line 6 says `b`, but it is `x`");
        check("a\nb", Some("a"), "line 6 says `b`, but it is nothing");
        check("a", Some("a "), "line 5 says `a`, but it is `a\\u{20}`");
        check("a", Some("a"), "line 5 says `a`, but it is `a`");
        let raised = "Traceback (most recent call last):\n    ...\nE: no\n";
        check("1", Some(raised), "line 5 says `1`, but it raises `E: no`");
        check("", Some(raised), "line 5 says nothing, but it raises `E: no`");
        check(raised, Some("1"), "line 7 says `E: no`, but it is `1`");
        check(raised, None, "line 7 says `E: no`, but it raises nothing");
        let shown = "Traceback (most recent call last):\n  File \"x\"\n  ...\nE: yes";
        check(shown, Some(raised), "line 8 says `E: yes`, but it raises `E: no`");
    }
}
