//! What an example did, whether that is what it should, and how a document shows it.

use crate::directive::Flag;
use crate::expect::doctest::comparison::matches;
use crate::expect::doctest::session::RunnableExample;
use crate::expect::doctest::traceback::{self, STACK};
use crate::expect::exception::TRACEBACK_HEADER;
use crate::model::outcome::ExampleEnd;

const BLANKLINE: &str = "<BLANKLINE>";

/// What an example did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExampleResult {
    /// What the example printed, with a line end after the last line.
    Printed(String),
    /// Name and message of the exception, with a line end after each line.
    Raised(String),
}

impl ExampleResult {
    pub(super) fn of(end: &ExampleEnd, printed: &[u8]) -> Self {
        if let Some(headline) = traceback::headline(end) {
            return Self::Raised(headline);
        }
        let mut text = String::from_utf8_lossy(printed).into_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self::Printed(text)
    }

    pub(super) fn is_wanted(&self, want: &str, asked: &RunnableExample) -> bool {
        let flags = asked.flags;
        match self {
            Self::Printed(printed) => flags.has(Flag::IgnoreOutput) || matches(want, printed, flags),
            Self::Raised(headline) => traceback::is_announced(want, headline, flags),
        }
    }

    /// The result as a document would show it; `None` for an example that printed nothing.
    pub(super) fn shown(&self, asked: &RunnableExample) -> Option<String> {
        match self {
            Self::Printed(printed) if printed.is_empty() => None,
            Self::Printed(printed) => {
                let lines = printed.lines().map(|line| shown_line(line, asked).unwrap_or_default());
                Some(lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Raised(headline) => {
                Some(format!("{TRACEBACK_HEADER}\n{STACK}\n{}", headline.trim_end_matches('\n')))
            }
        }
    }
}

/// One line of output as an example shows it; `None` where no example can.
pub(super) fn shown_line(line: &str, asked: &RunnableExample) -> Option<String> {
    match (line.trim().is_empty(), asked.flags.has(Flag::DontAcceptBlankline)) {
        (false, _) => Some(line.to_owned()),
        (true, false) => Some(BLANKLINE.to_owned()),
        (true, true) => None,
    }
}
