//! What is known of each statement once its snippet has run.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::outcome::{Attribution, Ending, Exception, Outcome, Survived, Value};
use crate::snippet::{Line, Place};

/// More of what one statement prints is not compared.
const LONGEST: usize = 64 << 10;

#[derive(Debug)]
pub(super) struct Evidence<'a> {
    outcome: &'a Outcome,
    /// Pieces of stdout by the line that wrote them.
    written: BTreeMap<Line, Vec<usize>>,
    attribution: Attribution<'a>,
    values: BTreeMap<Place, Vec<&'a Value>>,
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
            stop: stop(outcome),
        };
        for (number, piece) in outcome.stdout.pieces.iter().enumerate() {
            evidence.written.entry(piece.line).or_default().push(number);
        }
        for value in &outcome.facts.values {
            evidence.values.entry(value.at).or_default().push(value);
        }
        evidence
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
