//! What is known of each statement once its snippet has run.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::model::outcome::{Attempt, Attribution, Ending, Exception, Outcome, Survived, Value};
use crate::model::policy::Clock;
use crate::model::snippet::{Line, Look, Place};

/// More of what one statement prints is not compared.
const LONGEST: usize = 64 << 10;

/// Less CPU time shows in no duration.
const COMPUTES: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Evidence<'a> {
    outcome: &'a Outcome,
    /// Pieces of stdout by the line that wrote them.
    written: BTreeMap<Line, Vec<usize>>,
    attribution: Attribution<'a>,
    values: BTreeMap<Place, Vec<&'a Value>>,
    /// What else was looked at.
    looks: BTreeMap<Place, Vec<&'a Value>>,
    /// The line of the module at which it ended early.
    stop: Stop,
}

/// How far a snippet came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    End,
    At(Line),
    Unknown,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(outcome: &'a Outcome) -> Self {
        let mut evidence = Self {
            outcome,
            written: BTreeMap::new(),
            attribution: Attribution::new(&outcome.stdout),
            values: BTreeMap::new(),
            looks: BTreeMap::new(),
            stop: stop(outcome),
        };
        for (number, piece) in outcome.stdout.pieces.iter().enumerate() {
            evidence.written.entry(piece.line).or_default().push(number);
        }
        for value in &outcome.facts.values {
            let told = match value.look {
                Look::Value => &mut evidence.values,
                _ => &mut evidence.looks,
            };
            told.entry(value.at).or_default().push(value);
        }
        evidence
    }

    /// Whether the time that it took is what it was told to wait for, and not what this machine computes in.
    pub(super) fn has_only_waited(&self) -> bool {
        self.outcome.timing.clock == Clock::Virtual && self.outcome.usage.cpu < COMPUTES
    }

    /// What the lines wrote themselves, each time they ran.
    pub(super) fn written(&self, lines: RangeInclusive<Line>) -> String {
        let mut pieces: Vec<usize> =
            self.written.range(lines).flat_map(|(_, pieces)| pieces).copied().collect();
        pieces.sort_unstable();
        let stdout = &self.outcome.stdout;
        let pieces = pieces.into_iter().filter_map(|number| stdout.pieces.get(number));
        let bytes = pieces.filter_map(|piece| stdout.head.get(piece.start..piece.end)).flatten();
        text(bytes.take(LONGEST).copied().collect())
    }

    /// Everything that was written while they ran.
    pub(super) fn caused(&self, lines: RangeInclusive<Line>) -> String {
        let mut bytes = self.attribution.written_at(lines);
        bytes.truncate(LONGEST);
        text(bytes)
    }

    /// Of the statement that begins there, one each time it ran.
    pub(super) fn values(&self, at: Place) -> &[&'a Value] {
        self.values.get(&at).map_or(&[], Vec::as_slice)
    }

    /// What was seen of a statement, each time it ran.
    pub(super) fn seen(&self, at: Place, look: &Look) -> impl Iterator<Item = &'a Value> {
        let told = self.looks.get(&at).into_iter().flatten();
        told.copied().filter(move |value| value.look == *look)
    }

    /// What became of code that stands in a comment on this line.
    pub(super) fn attempt(&self, line: Line) -> Option<&'a Attempt> {
        self.outcome.facts.attempts.iter().find(|attempt| attempt.line == line)
    }

    /// Whether a statement that begins on this line of the module comes behind the exception that ended the snippet.
    pub(super) fn is_beyond(&self, first: Line) -> bool {
        matches!(self.stop, Stop::At(line) if line < first)
    }

    /// What the statements on these lines print in a copy of the process, behind that exception.
    pub(super) fn aside(&self, lines: &RangeInclusive<Line>) -> String {
        let (start, end) = (*lines.start(), *lines.end());
        let places = Place { line: start, column: 0 }..=Place { line: end, column: u32::MAX };
        let told = self.looks.range(places).flat_map(|(_, values)| values);
        let texts = told.filter(|value| value.look == Look::Output).filter_map(|value| value.text.as_deref());
        texts.collect()
    }

    pub(super) fn survived(&self, lines: &RangeInclusive<Line>) -> Option<&'a Exception> {
        let here = |survived: &&Survived| survived.first == *lines.start() && survived.last == *lines.end();
        self.outcome.facts.survived.iter().find(here).map(|survived| &survived.exception)
    }

    /// The exception that ended the snippet on these lines of the module.
    pub(super) fn ended_by(&self, lines: &RangeInclusive<Line>) -> Option<&'a Exception> {
        match self.stop {
            Stop::At(line) if lines.contains(&line) => self.outcome.exception.as_ref(),
            Stop::At(_) | Stop::End | Stop::Unknown => None,
        }
    }

    /// The exception that ended the snippet and passed these lines, of a function perhaps.
    pub(super) fn left_by(&self, lines: &RangeInclusive<Line>) -> Option<&'a Exception> {
        let exception = self.outcome.exception.as_ref()?;
        let mut frames = exception.frames.iter().filter(|frame| frame.document);
        frames.any(|frame| lines.contains(&Line(frame.line))).then_some(exception)
    }

    /// Whether a statement of the module that ends on this line was left behind.
    pub(super) fn passed(&self, last: Line) -> bool {
        match self.stop {
            Stop::End => true,
            Stop::At(line) => last < line,
            Stop::Unknown => false,
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn stop(outcome: &Outcome) -> Stop {
    match outcome.ending {
        Ending::Completed => Stop::End,
        Ending::Raised | Ending::Exited | Ending::TimedOut | Ending::Killed | Ending::Deadlocked => {
            let exception = outcome.exception.as_ref();
            let outermost = exception
                .and_then(|exception| exception.frames.iter().find(|frame| frame.document))
                .map(|frame| Line(frame.line));
            // The line of code that cannot be compiled was not reached: nothing was.
            let compiled =
                exception.filter(|exception| !exception.bases.iter().any(|base| base == "SyntaxError"));
            outermost.or(compiled.and_then(|exception| exception.line)).map_or(Stop::Unknown, Stop::At)
        }
        Ending::NotRun => Stop::Unknown,
    }
}
