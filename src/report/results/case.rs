//! A snippet as build servers are told of it, and what is to be said at a line.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use crate::event::Judged;
use crate::model::problem::Problem;
use crate::model::snippet::Line;
use crate::model::verdict::Verdict;
use crate::report::human::failure;
use crate::report::human::style::Style;
use crate::report::reason::{self, is_false};
use crate::report::{escape, python, words};

/// Bytes of a failure's text, and of each of its outputs, that are kept: build servers take no more than some megabytes.
const KEPT: usize = 64 << 10;

/// Text of documents in it is as it was: each format escapes it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) path: String,
    /// Where its code starts.
    pub(crate) line: u32,
    /// Where it fails; its first line where it does not.
    pub(crate) at: Place,
    pub(crate) verdict: Verdict,
    /// Why the verdict is what it is, in one phrase.
    pub(crate) headline: String,
    pub(crate) reasons: Vec<String>,
    /// What people read of a failure.
    pub(crate) text: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) wall: Duration,
    /// It was to run and did not.
    pub(crate) not_run: bool,
}

/// Both counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// Something to be looked at, at a line. The order is that of the documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// `None` for what is wrong with a file as a whole.
    pub(crate) place: Option<Place>,
    pub(crate) level: Level,
    pub(crate) rule: Rule,
    pub(crate) message: String,
    /// Of the snippet.
    pub(crate) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Error,
    Warning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    Failed,
    NotRun,
    Unreviewed,
    Problem,
    Suspicious,
    Orphaned,
}

impl Rule {
    pub(crate) const ALL: [Self; 6] =
        [Self::Failed, Self::NotRun, Self::Unreviewed, Self::Problem, Self::Suspicious, Self::Orphaned];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Failed => "snippet-failed",
            Self::NotRun => "snippet-not-run",
            Self::Unreviewed => "snippet-unreviewed",
            Self::Problem => "problem",
            Self::Suspicious => "block-suspicious",
            Self::Orphaned => "snapshot-orphaned",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Failed => "A snippet does not do what its document promises",
            Self::NotRun => "A snippet was to run and did not",
            Self::Unreviewed => "Nobody has accepted what comes out of a snippet",
            Self::Problem => "A document or a setting is wrong",
            Self::Suspicious => "A block reads like Python and does not run",
            Self::Orphaned => "No snippet uses an accepted snapshot",
        }
    }
}

impl Case {
    pub(crate) fn of(judged: &Judged, style: &Style) -> io::Result<Self> {
        let failed = judged.verdict == Verdict::Failed;
        let mut text = Vec::new();
        let failing = || judged.everywhere().filter(|other| other.verdict == Verdict::Failed);
        for other in failing().filter(|other| other.ran()) {
            failure::write(other, judged, style, &mut text)?;
        }

        let (whole, judged) = (judged, failing().next().unwrap_or(judged));
        let pythons = python::outcomes(judged, whole).map(|outcomes| format!(" ({outcomes})"));
        let in_pythons = |reason: String| format!("{reason}{}", pythons.as_deref().unwrap_or_default());
        let output = |text: String| if failed { kept(text) } else { String::new() };
        Ok(Self {
            id: judged.id.to_string(),
            path: judged.path.0.clone(),
            line: judged.location.code.0,
            at: place(judged),
            verdict: whole.verdict,
            headline: in_pythons(words::headline(judged)),
            reasons: reason::sentences(judged).into_iter().map(in_pythons).collect(),
            text: kept(String::from_utf8_lossy(&text).into_owned()),
            stdout: output(judged.outcome.stdout.text()),
            stderr: output(judged.outcome.stderr.text()),
            wall: judged.outcome.usage.wall,
            not_run: !judged.ran() && whole.verdict != Verdict::Skipped,
        })
    }

    /// That of the documents.
    pub(crate) fn order(&self) -> (&str, u32, &str, &str) {
        (&self.path, self.line, &self.id, &self.headline)
    }

    /// `path::name` without the path.
    pub(crate) fn name(&self) -> &str {
        words::short_id(&self.id, &self.path)
    }

    /// The gravest reason, or how it ended.
    pub(crate) fn message(&self) -> &str {
        self.reasons.first().map_or(&self.headline, String::as_str)
    }

    pub(crate) fn finding(&self) -> Option<Finding> {
        let (level, rule) = match self.verdict {
            Verdict::Failed if self.not_run => (Level::Error, Rule::NotRun),
            Verdict::Failed => (Level::Error, Rule::Failed),
            Verdict::Unreviewed => (Level::Warning, Rule::Unreviewed),
            Verdict::Passed | Verdict::Skipped => return None,
        };
        Some(Finding {
            path: self.path.clone(),
            place: Some(self.at),
            level,
            rule,
            message: self.message().to_owned(),
            id: self.id.clone(),
        })
    }
}

impl Finding {
    pub(crate) fn problem(problem: &Problem) -> Self {
        let Problem { path, line, message, hint } = problem;
        let hint = hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        Self {
            path: path.clone(),
            place: line.map(|line| Place { line: line.0.max(1), column: 1 }),
            level: Level::Error,
            rule: Rule::Problem,
            message: format!("{message}{hint}"),
            id: path.clone(),
        }
    }

    pub(crate) fn orphaned(snapshot: &str) -> Self {
        Self {
            path: snapshot.to_owned(),
            place: None,
            level: Level::Warning,
            rule: Rule::Orphaned,
            message: "no snippet uses this snapshot: `snipcheck accept --prune` removes it".to_owned(),
            id: snapshot.to_owned(),
        }
    }

    pub(crate) fn suspicious(path: &str, line: Line, reason: &str) -> Self {
        Self {
            path: path.to_owned(),
            place: Some(Place { line: line.0.max(1), column: 1 }),
            level: Level::Warning,
            rule: Rule::Suspicious,
            message: reason.to_owned(),
            id: path.to_owned(),
        }
    }

    /// `path:line:column`, as far as it is known.
    pub(crate) fn at(&self) -> String {
        let place = self.place.map(|place| format!(":{}:{}", place.line, place.column));
        escape::word(&format!("{}{}", self.path, place.unwrap_or_default())).into_owned()
    }

    /// In one line of bounded length, harmless wherever it is printed.
    pub(crate) fn phrase(&self) -> String {
        escape::phrase(&self.message)
    }
}

/// Where a reader has to look: the first false claim, the line that raised, or where its main thread hangs.
pub(crate) fn place(judged: &Judged) -> Place {
    let code = judged.location.code;
    let line = match judged.verdict {
        Verdict::Failed => {
            let claim = judged.claims.iter().find(|claim| is_false(claim)).map(|claim| claim.line);
            let raised = judged.outcome.exception.as_ref().and_then(|exception| exception.line);
            let stack = judged.outcome.stacks.first().map(|stack| stack.line);
            claim.or(raised).or(stack).unwrap_or(code)
        }
        Verdict::Passed | Verdict::Unreviewed | Verdict::Skipped => code,
    };
    let text = (line.0 as usize).checked_sub(1).and_then(|above| judged.source.lines().nth(above));
    let indentation = text.map_or(0, |text| text.chars().take_while(|letter| letter.is_whitespace()).count());
    Place { line: line.0.max(1), column: u32::try_from(indentation).unwrap_or(0).saturating_add(1) }
}

/// The beginning, with what is missing counted.
pub(crate) fn kept(mut text: String) -> String {
    if text.len() > KEPT {
        let end = text.floor_char_boundary(KEPT);
        let more = text.len() - end;
        text.truncate(end);
        write!(text, "\n… (+{more} bytes)\n").expect("a string takes any text");
    }
    text
}
