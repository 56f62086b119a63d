//! What went wrong, in words. Lower case, no final period.

use crate::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::expect::escape::visible;
use crate::expect::transcript::headline;
use crate::outcome::{Cause, CauseKind, Ending, Exception, Outcome};
use crate::snippet::Snippet;

const LONGEST_MESSAGE: usize = 200;

/// With the first line of the message only.
pub(crate) fn raised(exception: &Exception) -> String {
    let headline = headline(exception);
    let first = visible(headline.trim_end().lines().next().unwrap_or_default().trim_end().as_bytes());
    match first.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("raised `{}…`", &first[..end]),
        None => format!("raised `{first}`"),
    }
}

/// Of a claim that is false and that nobody has accepted as such.
pub(crate) fn claim(claim: &Claim) -> Option<String> {
    if claim.verdict != ClaimVerdict::Broken || claim.accepted {
        return None;
    }
    let Claim { line, text, kind, actual, .. } = claim;
    let short = |text: &str| {
        let first = visible(text.trim_end().lines().next().unwrap_or_default().as_bytes());
        match first.char_indices().nth(LONGEST_MESSAGE) {
            Some((end, _)) => format!("`{}…`", &first[..end]),
            None => format!("`{first}`"),
        }
    };
    let actual = actual.as_deref().map_or_else(|| "nothing".to_owned(), short);
    let verb = match kind {
        ClaimKind::Exception => "raises",
        ClaimKind::Output
        | ClaimKind::Value
        | ClaimKind::Binding
        | ClaimKind::Doctest
        | ClaimKind::Shown
        | ClaimKind::Remark => "is",
    };
    Some(format!("line {line} says {}, but it {verb} {actual}", short(text)))
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

/// For an ending whose cause nobody knows.
pub(crate) fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Completed => "completed",
        Ending::Raised => "an exception ended it",
        Ending::Exited => "exited before its last statement",
        Ending::TimedOut => "ran out of time",
        Ending::Killed => "was killed",
        Ending::Deadlocked => "waits for something that can never happen",
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
