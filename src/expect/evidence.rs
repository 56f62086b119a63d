//! What is known about each statement of a snippet after the snippet has run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::expect::screen::on_screen;
use crate::expect::shown::shown_warning;
use crate::model::outcome::{Attempt, Attribution, Ending, Exception, Outcome, Survived, Value};
use crate::model::policy::Clock;
use crate::model::snippet::{Line, Look, Place};

/// Bytes of the output of one statement that are compared.
const LONGEST: usize = 64 << 10;

/// Less CPU time does not show in any duration that a snippet prints.
const COMPUTES: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Evidence<'a> {
    outcome: &'a Outcome,
    /// Indices of pieces of stdout by the line that wrote them.
    written: BTreeMap<Line, Vec<usize>>,
    attribution: Attribution<'a>,
    /// The same for stderr.
    errors: Attribution<'a>,
    values: BTreeMap<Place, Vec<&'a Value>>,
    /// The results of looks other than values.
    looks: BTreeMap<Place, Vec<&'a Value>>,
    /// How far the snippet came.
    stop: StopPoint,
}

/// The line of the module at which a snippet ended, if it ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StopPoint {
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
            errors: Attribution::new(&outcome.stderr),
            values: BTreeMap::new(),
            looks: BTreeMap::new(),
            stop: stop(outcome),
        };

        for (number, piece) in outcome.stdout.pieces.iter().enumerate() {
            evidence.written.entry(piece.line).or_default().push(number);
        }

        for value in &outcome.facts.values {
            let results = match value.look {
                Look::Value => &mut evidence.values,
                _ => &mut evidence.looks,
            };
            results.entry(value.at).or_default().push(value);
        }
        evidence
    }

    /// Whether the snippet spent its time waiting on the virtual clock, so that its durations are the same everywhere.
    pub(super) fn has_only_waited(&self) -> bool {
        self.outcome.timing.clock == Clock::Virtual && self.outcome.usage.cpu < COMPUTES
    }

    /// The output that the lines themselves wrote, each time they ran.
    pub(super) fn written(&self, lines: RangeInclusive<Line>) -> String {
        let mut pieces: Vec<usize> =
            self.written.range(lines).flat_map(|(_, pieces)| pieces).copied().collect();
        pieces.sort_unstable();

        let stdout = &self.outcome.stdout;
        let pieces = pieces.into_iter().filter_map(|number| stdout.pieces.get(number));
        let bytes = pieces.filter_map(|piece| stdout.head.get(piece.start..piece.end)).flatten();
        text(bytes.take(LONGEST).copied().collect())
    }

    /// The output that was written while the lines ran.
    pub(super) fn caused(&self, lines: RangeInclusive<Line>) -> String {
        let mut bytes = self.attribution.written_at(lines);
        bytes.truncate(LONGEST);
        text(bytes)
    }

    /// What was written to stderr while the lines ran.
    pub(super) fn complained(&self, lines: RangeInclusive<Line>) -> String {
        let mut bytes = self.errors.written_at(lines);
        bytes.truncate(LONGEST);
        text(bytes)
    }

    /// The values of the statement that begins at a place, one for each time it ran.
    pub(super) fn values(&self, at: Place) -> &[&'a Value] {
        self.values.get(&at).map_or(&[], Vec::as_slice)
    }

    /// The results of a look at a statement, one for each time it ran.
    pub(super) fn observed(&self, at: Place, look: &Look) -> impl Iterator<Item = &'a Value> {
        let results = self.looks.get(&at).into_iter().flatten();
        results.copied().filter(move |value| value.look == *look)
    }

    /// The result of trying the code in a comment on this line.
    pub(super) fn attempt(&self, line: Line) -> Option<&'a Attempt> {
        self.outcome.facts.attempts.iter().find(|attempt| attempt.line == line)
    }

    /// Whether a statement that begins on this line of the module comes after the exception that ended the snippet.
    pub(super) fn is_after_exception(&self, first: Line) -> bool {
        matches!(self.stop, StopPoint::At(line) if line < first)
    }

    /// What the statements on these lines print in a copy of the process, after the exception that ended the snippet.
    pub(super) fn printed_in_trial(&self, lines: &RangeInclusive<Line>) -> String {
        let (start, end) = (*lines.start(), *lines.end());
        let places = Place { line: start, column: 0 }..=Place { line: end, column: u32::MAX };
        let results = self.looks.range(places).flat_map(|(_, values)| values);
        let texts =
            results.filter(|value| value.look == Look::Output).filter_map(|value| value.text.as_deref());
        texts.collect()
    }

    /// The exception that the snippet survived, of a statement on exactly these lines, or of a line that does not compile.
    pub(super) fn survived(&self, lines: &RangeInclusive<Line>, comment: Line) -> Option<&'a Exception> {
        let here = |survived: &&Survived| {
            survived.first == *lines.start() && survived.last == *lines.end()
                || survived.first == comment && survived.last == comment
        };
        self.outcome.facts.survived.iter().find(here).map(|survived| &survived.exception)
    }

    /// The warnings that were shown while these lines ran: each with its kind and its text, `UserWarning: careful`.
    pub(super) fn warnings(&self, lines: RangeInclusive<Line>) -> Vec<String> {
        self.complained(lines).lines().filter_map(shown_warning).map(str::to_owned).collect()
    }

    /// The exception that ended the snippet on these lines of the module.
    pub(super) fn ended_by(&self, lines: &RangeInclusive<Line>) -> Option<&'a Exception> {
        match self.stop {
            StopPoint::At(line) if lines.contains(&line) => self.outcome.exception.as_ref(),
            StopPoint::At(_) | StopPoint::End | StopPoint::Unknown => None,
        }
    }

    /// The exception that ended the snippet, if it passed these lines; they may be those of a function.
    pub(super) fn left_by(&self, lines: &RangeInclusive<Line>) -> Option<&'a Exception> {
        let exception = self.outcome.exception.as_ref()?;
        let mut frames = exception.frames.iter().filter(|frame| frame.document);
        frames.any(|frame| lines.contains(&Line(frame.line))).then_some(exception)
    }

    /// Whether the snippet came past a statement of the module that ends on this line.
    pub(super) fn passed(&self, last: Line) -> bool {
        match self.stop {
            StopPoint::End => true,
            StopPoint::At(line) => last < line,
            StopPoint::Unknown => false,
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    match on_screen(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(shown) => shown,
    }
}

fn stop(outcome: &Outcome) -> StopPoint {
    match outcome.ending {
        Ending::Completed => StopPoint::End,
        Ending::Raised | Ending::Exited | Ending::TimedOut | Ending::Killed | Ending::Deadlocked => {
            let exception = outcome.exception.as_ref();
            let outermost = exception
                .and_then(|exception| exception.frames.iter().find(|frame| frame.document))
                .map(|frame| Line(frame.line));

            // Of code that cannot be compiled no line was reached.
            let compiled =
                exception.filter(|exception| !exception.bases.iter().any(|base| base == "SyntaxError"));
            outermost
                .or(compiled.and_then(|exception| exception.line))
                .map_or(StopPoint::Unknown, StopPoint::At)
        }
        Ending::NotRun => StopPoint::Unknown,
    }
}
