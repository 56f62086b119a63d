//! False claims in words.

use crate::model::claim::{Claim, ClaimKind};
use crate::model::snippet::Line;
use crate::report::reason::contrast::{Contrast, contrast, differ_in_blanks};
use crate::report::reason::literal::{both_quoted, quoted};

/// False, and nobody has accepted that.
pub(crate) fn is_false(claim: &Claim) -> bool {
    claim.is_false()
}

/// The sentence about a claim that is false and has not been accepted as such.
pub(crate) fn sentence(claim: &Claim) -> Option<String> {
    if !is_false(claim) {
        return None;
    }

    let (line, text) = claim.said();
    let truth = claim.truth().unwrap_or_default();
    if text == truth && !text.is_empty() {
        return Some(same_words(claim));
    }
    let side_by_side = truth.lines().collect::<Vec<_>>().join(", ");

    let Contrast { below, said, is } = match claim.kind {
        // A comment on one line may speak of several lines of output.
        ClaimKind::Output | ClaimKind::Value if text.lines().count() == 1 => {
            let is = Some(side_by_side).filter(|lines| !lines.is_empty());
            Contrast { below: 0, said: Some(text.to_owned()), is }
        }
        ClaimKind::Output
        | ClaimKind::Value
        | ClaimKind::Binding
        | ClaimKind::Exception
        | ClaimKind::Doctest
        | ClaimKind::Shown
        | ClaimKind::Traceback
        | ClaimKind::Remark => contrast(text, truth),
    };

    let line = Line(line.0.saturating_add(below));
    let (said, is) = both_quoted(said.as_deref(), is.as_deref());
    let verb = verb(claim);
    let sentence = match said {
        Some(said) => format!("line {line} says {said}, but it {verb} {}", is.unwrap_or_else(nothing)),
        None if claim.kind == ClaimKind::Doctest && text.is_empty() => {
            format!("line {line} shows no output, but it {verb} {}", is.unwrap_or_else(nothing))
        }
        None => format!("line {line} says nothing, but it {verb} {}", is.unwrap_or_else(nothing)),
    };
    match advice(claim) {
        Some(advice) => Some(format!("{sentence}; {advice}")),
        None => Some(sentence),
    }
}

fn nothing() -> String {
    "nothing".to_owned()
}

/// What would make the claim hold, where that is an option of its example.
pub(crate) fn advice(claim: &Claim) -> Option<&'static str> {
    let truth = claim.actual.as_deref().unwrap_or_default();
    if claim.kind != ClaimKind::Doctest || claim.text.is_empty() || !differ_in_blanks(&claim.text, truth) {
        return None;
    }
    Some(if truth.contains('\t') {
        "tabs of an example count as blanks, and `# doctest: +NORMALIZE_WHITESPACE` compares any blanks as equal"
    } else {
        "`# doctest: +NORMALIZE_WHITESPACE` compares any blanks as equal"
    })
}

/// The truth about a claim that takes one line, to be read beside it.
pub(crate) fn truth(claim: &Claim) -> String {
    let verb = verb(claim);
    let (_, text) = claim.said();
    match claim.truth() {
        Some(truth) if truth == text => as_it_is(claim).to_owned(),
        Some(truth) => {
            let (_, is) = both_quoted(Some(text), Some(truth.lines().next().unwrap_or_default()));
            match is {
                Some(is) => format!("it {verb} {is}"),
                None => format!("it {verb} nothing"),
            }
        }
        None => format!("it {verb} nothing"),
    }
}

/// The sentence about a claim whose words are those of what happened.
fn same_words(claim: &Claim) -> String {
    let (last, text) = claim.said();
    let (shown, actual) = (&claim.text, claim.actual.as_deref().unwrap_or_default());
    if is_traceback(shown) && is_traceback(actual) {
        let ((above, shown), (_, actual)) = (messages(shown), messages(actual));
        let Contrast { below, said, is } = contrast(shown, actual);
        if said != is {
            let line = Line(claim.line.0.saturating_add(above).saturating_add(below));
            let (said, is) = both_quoted(said.as_deref(), is.as_deref());
            let [said, is] = [said, is].map(|text| text.unwrap_or_else(nothing));
            // Lines below the exception are its notes.
            let verb = if below > 0 { "is" } else { "raises" };
            return format!("line {line} says {said}, but it {verb} {is}");
        }
    }
    format!("line {last} says {}, but {}", quoted(text), as_it_is(claim))
}

fn as_it_is(claim: &Claim) -> &'static str {
    let actual = claim.actual.as_deref().unwrap_or_default();
    match (is_traceback(&claim.text), is_traceback(actual)) {
        (false, true) => "it is raised: a traceback begins with `Traceback (most recent call last):`",
        (true, false) => "it is no exception: nothing raises it",
        (true, true) | (false, false) => "it is the same text in another layout",
    }
}

fn is_traceback(text: &str) -> bool {
    text.starts_with(Claim::TRACEBACK)
}

/// What a traceback has below its stack, as doctest finds it, and how many lines are above that.
fn messages(text: &str) -> (u32, &str) {
    let (mut above, mut rest) = (0, text);
    while let Some((line, after)) = rest.split_once('\n') {
        if above > 0 && !line.starts_with([' ', '\t']) {
            break;
        }
        (above, rest) = (above + 1, after);
    }
    (above, rest)
}

/// The word before what happened in a message: `raises ValueError`, `is 4`.
pub(crate) fn verb(claim: &Claim) -> &'static str {
    let actual = claim.actual.as_deref().unwrap_or_default();

    match claim.kind {
        // The exception is the right one, and a line below it is not: that of a note.
        ClaimKind::Traceback
            if actual.lines().count() > 1 && actual.lines().next() == claim.text.lines().next() =>
        {
            "is"
        }
        ClaimKind::Exception | ClaimKind::Traceback => "raises",
        ClaimKind::Output
        | ClaimKind::Value
        | ClaimKind::Binding
        | ClaimKind::Doctest
        | ClaimKind::Shown
        | ClaimKind::Remark => {
            if is_traceback(claim.actual.as_deref().unwrap_or(&claim.text)) {
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
            doubt: None,
        };
        assert_eq!(sentence(&broken).as_deref(), Some(expected));
    }

    #[test]
    fn claims_are_shown_where_they_fail() {
        check("1", Some("2"), "line 5 says `1`, but it is `2`");
        check("1", None, "line 5 says `1`, but it is nothing");
        check("", Some("1"), "line 5 shows no output, but it is `1`");
        check("a\nb\nc", Some("a\nx\nc"), "line 6 says `b`, but it is `x`");
        check("a\nb", Some("a"), "line 6 says `b`, but it is nothing");
        let blanks = "; `# doctest: +NORMALIZE_WHITESPACE` compares any blanks as equal";
        check("a", Some("a "), &format!("line 5 says `a`, but it is `a\\u{{20}}`{blanks}"));
        check("a", Some("a"), "line 5 says `a`, but it is the same text in another layout");
        let raised = "Traceback (most recent call last):\n    ...\nE: no\n";
        check("1", Some(raised), "line 5 says `1`, but it raises `E: no`");
        check("", Some(raised), "line 5 shows no output, but it raises `E: no`");
        check(
            "E: no",
            Some(raised),
            "line 5 says `E: no`, but it is raised: a traceback begins with `Traceback (most recent call last):`",
        );
        let chain = "Traceback (most recent call last):\n  ...\nF: x\n\nThe above\n\nTraceback (most recent call last):\n  ...\nE: no\n";
        check(chain, Some(raised), "line 7 says `F: x`, but it raises `E: no`");
        check(raised, Some("1"), "line 7 says `E: no`, but it is `1`");
        check(raised, None, "line 7 says `E: no`, but it raises nothing");
        let tabs = "; tabs of an example count as blanks, and `# doctest: +NORMALIZE_WHITESPACE` compares any blanks as equal";
        check("a       b", Some("a\tb"), &format!("line 5 says `a       b`, but it is `a\\tb`{tabs}"));
        check(
            "a  b",
            Some("a b"),
            "line 5 says `a  b`, but it is `a b`; `# doctest: +NORMALIZE_WHITESPACE` compares any blanks as equal",
        );
        let (long, other) = (format!("{}b", "a".repeat(300)), format!("{}c", "a".repeat(300)));
        let (long_end, other_end) = (format!("`…{}b`", "a".repeat(40)), format!("`…{}c`", "a".repeat(40)));
        check(&long, Some(&other), &format!("line 5 says {long_end}, but it is {other_end}"));
        check(
            "{\n  'a': 1,\n  'url': 'x/2/y',\n}",
            Some("{\"a\": 1, \"url\": \"x/2.14/y\"}"),
            "line 7 says `  'url': 'x/2/y',`, but it is `\"url\": \"x/2.14/y\"`",
        );
        let shown = "Traceback (most recent call last):\n  File \"x\"\n  ...\nE: yes";
        check(shown, Some(raised), "line 8 says `E: yes`, but it raises `E: no`");
    }
}
