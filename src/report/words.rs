//! Numbers as people read them, and how an outcome is put in a phrase.

use std::time::Duration;

use crate::event::Judged;
use crate::model::outcome::{Cause, CauseKind, Ending, Exception, Outcome};
use crate::report::{escape, reason};

/// `1 snippet`, `2 snippets`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// `[   1.234s]`, as wide for all that ends within three hours.
pub(crate) fn stopwatch(time: Duration) -> String {
    format!("[{:>8.3}s]", time.as_secs_f64())
}

/// `12.4 s`, `4.1 min`, `27.8 h`.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 119.95 {
        format!("{seconds:.1} s")
    } else if seconds < 7197.0 {
        format!("{:.1} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

/// The name a snippet has within its document.
pub(crate) fn short_id<'a>(id: &'a str, path: &str) -> &'a str {
    id.strip_prefix(path).and_then(|rest| rest.strip_prefix("::")).unwrap_or(id)
}

/// `path:line`, which terminals and editors make a link of.
pub(crate) fn place(path: &str, line: impl std::fmt::Display) -> String {
    escape::word(&format!("{path}:{line}")).into_owned()
}

/// Why the verdict is what it is, in one phrase.
pub(crate) fn headline(judged: &Judged) -> String {
    match judged.outcome.ending {
        Ending::Completed | Ending::NotRun => {
            let first = reason::sentences(judged).into_iter().next();
            first.map_or_else(|| ending(&judged.outcome), |reason| escape::phrase(&reason))
        }
        Ending::Raised | Ending::Exited | Ending::TimedOut | Ending::Killed | Ending::Deadlocked => {
            ending(&judged.outcome)
        }
    }
}

fn ending(outcome: &Outcome) -> String {
    let cause = outcome.cause.as_ref();
    match outcome.ending {
        Ending::Completed => "completed".to_owned(),
        Ending::NotRun => "did not run".to_owned(),
        Ending::Raised => {
            let raised =
                outcome.exception.as_ref().map_or_else(|| "raised an exception".to_owned(), exception);
            match cause {
                // Its message names the package.
                None | Some(Cause { kind: CauseKind::MissingPackage, .. }) => raised,
                Some(cause) => format!("{raised} ({})", blame(cause)),
            }
        }
        Ending::Exited => "exited early".to_owned() + &cause.map(with).unwrap_or_default(),
        Ending::TimedOut => "timed out".to_owned() + &cause.map(with).unwrap_or_default(),
        Ending::Killed => "killed".to_owned() + &cause.map(with).unwrap_or_default(),
        Ending::Deadlocked => "deadlocked: nothing in it could ever run again".to_owned(),
    }
}

/// The last line of a traceback.
pub(crate) fn exception(exception: &Exception) -> String {
    let Exception { kind, message, .. } = exception;
    if message.trim().is_empty() {
        escape::phrase(kind)
    } else {
        // In one piece, so that what is safe in halves cannot become a command when joined.
        escape::phrase(&format!("{}: {}{}", kind.trim(), message.trim_start(), suggestion(exception)))
    }
}

/// What CPython adds to the message where it knows a similar name: `. Did you mean: 'x'?`
pub(crate) fn suggestion(exception: &Exception) -> &str {
    let Exception { kind, message, traceback, .. } = exception;
    let after = |line: &'_ str| {
        line.strip_prefix(&**kind)?.strip_prefix(": ")?.strip_prefix(&**message).map(str::len)
    };
    let found =
        traceback.lines().rev().find_map(|line| after(line).map(|length| &line[line.len() - length..]));
    found.filter(|rest| rest.starts_with(". Did you ")).unwrap_or_default()
}

fn with(cause: &Cause) -> String {
    let link = if cause.kind == CauseKind::Signal { " by" } else { ":" };
    format!("{link} {}", blame(cause))
}

fn blame(cause: &Cause) -> String {
    let detail = cause.detail.as_deref().map(escape::phrase);
    match cause.kind {
        CauseKind::Wall
        | CauseKind::Cpu
        | CauseKind::Virtual
        | CauseKind::Memory
        | CauseKind::Processes
        | CauseKind::Output
        | CauseKind::Disk
        | CauseKind::Inodes
        | CauseKind::Descriptors => reason::excess(cause).unwrap_or_default(),
        CauseKind::Signal => detail.unwrap_or_else(|| "a signal".to_owned()),
        CauseKind::Exit => {
            let code =
                cause.used.map_or_else(|| "no exit code".to_owned(), |code| format!("exit code {code}"));
            detail.map_or_else(|| code.clone(), |detail| format!("{code}, {detail}"))
        }
        CauseKind::Interactive => "it waits for input".to_owned(),
        CauseKind::MissingPackage => {
            detail.map_or_else(|| "needs a package".to_owned(), |package| format!("needs {package}"))
        }
        CauseKind::Network => {
            format!("it needs {}", detail.unwrap_or_else(|| "the network".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::span;

    #[test]
    fn spans() {
        for (seconds, expected) in
            [(1.0, "1.0 s"), (12.44, "12.4 s"), (119.9, "119.9 s"), (120.0, "2.0 min"), (7200.0, "2.0 h")]
        {
            assert_eq!(span(Duration::from_secs_f64(seconds)), expected);
        }
    }
}
