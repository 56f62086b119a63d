//! What went wrong, in words. Lower case, no final period.

use crate::expect::escape::visible;
use crate::expect::exception::headline;
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{Cause, CauseKind, Ending, Exception, Outcome};
use crate::model::snippet::{Line, Snippet};

const LONGEST_MESSAGE: usize = 200;

/// The exception with the first line of its message.
pub(crate) fn raised(exception: &Exception) -> String {
    let headline = headline(exception);
    let first = visible(headline.trim_end().lines().next().unwrap_or_default().trim_end().as_bytes());
    match first.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("raised `{}…`", &first[..end]),
        None => format!("raised `{first}`"),
    }
}

/// The sentence about a claim that is false and has not been accepted as such.
pub(crate) fn claim(claim: &Claim) -> Option<String> {
    if claim.verdict != ClaimVerdict::Broken || claim.accepted {
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

    let short = |line: Option<&str>| {
        let Some(line) = line else { return "nothing".to_owned() };
        let line = visible(line.as_bytes());
        match line.char_indices().nth(LONGEST_MESSAGE) {
            Some((end, _)) => format!("`{}…`", &line[..end]),
            None => format!("`{line}`"),
        }
    };

    Some(format!("line {line} says {}, but it {} {}", short(said), claim.verb(), short(is)))
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

pub(crate) fn not_run(snippet: &Snippet, outcome: &Outcome) -> Option<String> {
    match &snippet.directives.skip {
        Some(skip) => skip.why.clone(),
        None => outcome
            .cause
            .as_ref()
            .map(cause)
            .or_else(|| outcome.notes.is_empty().then(|| "not run".to_owned())),
    }
}

/// The sentence about an ending whose cause is unknown.
pub(crate) fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Completed => "completed",
        Ending::Raised => "an exception ended it",
        Ending::Exited => "exited before its last statement",
        Ending::TimedOut => "ran out of time",
        Ending::Killed => "was killed",
        Ending::Deadlocked => "deadlocked: nothing in it could ever run again",
        Ending::NotRun => "not run",
    }
}

pub(crate) fn cause(cause: &Cause) -> String {
    let detail = cause.detail.as_deref();
    match cause.kind {
        CauseKind::Wall
        | CauseKind::Cpu
        | CauseKind::Virtual
        | CauseKind::Memory
        | CauseKind::Processes
        | CauseKind::Output
        | CauseKind::Disk
        | CauseKind::Inodes
        | CauseKind::Descriptors => cause.excess().unwrap_or_default(),
        CauseKind::Signal => format!("killed by {}", detail.unwrap_or("a signal")),
        CauseKind::Exit => {
            let code = cause.used.map_or_else(|| "early".to_owned(), |code| format!("with code {code}"));
            detail.map_or_else(|| format!("exited {code}"), |detail| format!("exited {code}: {detail}"))
        }
        CauseKind::Interactive => match detail {
            Some(what) => format!("`{what}` waits for somebody to type, and nobody is there"),
            None => "waits for somebody to type, and nobody is there".to_owned(),
        },
        CauseKind::MissingPackage => match detail {
            Some(package) => format!("package `{package}` is not installed"),
            None => "a package is not installed".to_owned(),
        },
        CauseKind::Network => match detail {
            Some(what) => format!("needs {what}, which its sandbox does not give"),
            None => "needs a network, which its sandbox does not give".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::claim;
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
        assert_eq!(claim(&broken).as_deref(), Some(expected));
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
