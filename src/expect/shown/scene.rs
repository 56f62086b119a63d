//! What a snippet really showed: all of it, and of each statement.

use std::collections::{HashMap, HashSet};

use crate::expect::redact::Redactions;
use crate::expect::shown::listing::of_file;
use crate::expect::shown::{Origin, Shown, Statement};
use crate::model::outcome::{Attribution, Ending, Outcome, Stream, Value};
use crate::model::snippet::{Line, Look, Place};

pub(super) struct Scene<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) redactions: &'a Redactions,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Nothing of stdout was dropped.
    pub(super) is_whole: bool,
    attribution: Attribution<'a>,
    values: HashMap<Place, Vec<&'a Value>>,
    /// Lines that were written behind Python's back: by child processes and C code.
    unattributed: Vec<String>,
    /// The same, to look one up.
    lines: HashSet<String>,
    /// Where an exception left the snippet.
    stop: Option<Line>,
    raises: bool,
    code: Option<Line>,
}

/// What a promise is held against.
pub(super) struct Output {
    pub(super) reach: Reach,
    /// Each of them keeps the promise. A reader expects the first.
    pub(super) texts: Vec<String>,
    /// There is no other output that may be meant.
    pub(super) is_certain: bool,
}

/// Whether all that is shown could have been printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Whole,
    Partly,
    Not,
}

impl<'a> Scene<'a> {
    pub(super) fn new(outcome: &'a Outcome, redactions: &'a Redactions, shown: &Shown) -> Self {
        let mut values: HashMap<Place, Vec<&Value>> = HashMap::new();
        for value in outcome.facts.values.iter().filter(|value| value.look == Look::Value) {
            values.entry(value.at).or_default().push(value);
        }
        let exception = outcome.exception.as_ref();
        let stop = exception.and_then(|exception| {
            let outermost = exception.frames.iter().find(|frame| frame.document);
            outermost.map(|frame| Line(frame.line)).or(exception.line)
        });
        let unattributed = unattributed(&outcome.stdout);
        Self {
            outcome,
            redactions,
            lines: unattributed.iter().cloned().collect(),
            stdout: outcome.stdout.text(),
            stderr: outcome.stderr.text(),
            is_whole: outcome.stdout.tail.is_empty(),
            attribution: Attribution::new(&outcome.stdout),
            values,
            unattributed,
            stop,
            raises: shown.raises,
            code: shown.code,
        }
    }

    pub(super) fn output(&self, origin: &Origin) -> Output {
        let mut output = self.raw(origin);
        if let (Some(text), Some(code)) = (output.texts.first(), self.code)
            && let Some(listing) = of_file(text, code)
        {
            output.texts.insert(0, listing);
        }
        output
    }

    fn raw(&self, origin: &Origin) -> Output {
        match origin {
            Origin::Snippet | Origin::Perhaps => {
                Output { reach: self.end(), texts: self.all(), is_certain: self.is_whole }
            }
            Origin::Statement(statement) => self.of(*statement),
            Origin::Section { statement, lines, is_last } => {
                let mut output = self.of(*statement);
                let mut more = vec![text(&self.attribution.written_at(lines.clone()))];
                if *is_last {
                    more.push(self.stdout.clone());
                }
                more.retain(|text| !text.is_empty());
                if output.reach == Reach::Not && !more.is_empty() {
                    output.reach = if self.end() == Reach::Whole { Reach::Whole } else { Reach::Partly };
                }
                output.texts.extend(more);
                output.texts.sort_by_key(String::is_empty);
                output
            }
        }
    }

    /// Whether nothing was written.
    pub(super) fn is_mute(&self) -> bool {
        self.stdout.trim().is_empty() && self.stderr.trim().is_empty()
    }

    pub(super) fn end(&self) -> Reach {
        match self.outcome.ending {
            Ending::Completed | Ending::Exited => Reach::Whole,
            Ending::Raised if self.raises => Reach::Whole,
            Ending::Raised | Ending::TimedOut | Ending::Killed | Ending::Deadlocked => Reach::Partly,
            Ending::NotRun => Reach::Not,
        }
    }

    fn all(&self) -> Vec<String> {
        let Self { stdout, stderr, .. } = self;
        let value = self.outcome.value.as_ref();
        let mut texts = Vec::new();
        if !stdout.is_empty() {
            texts.push(stdout.clone());
        }
        texts.extend(value.map(|value| with(stdout, value)));
        if !stderr.is_empty() {
            texts.push(with(stdout, stderr));
        }
        texts.extend(value.filter(|_| !stdout.is_empty()).cloned());
        if texts.is_empty() {
            texts.push(String::new());
        }
        texts
    }

    fn of(&self, statement: Statement) -> Output {
        let written = text(&self.attribution.written_at(statement.first..=statement.last));
        let values = self.values.get(&statement.place).map_or(&[][..], Vec::as_slice);
        let has_run = !written.is_empty() || !values.is_empty();
        let is_certain = self.is_whole && (!written.is_empty() || self.unattributed.is_empty());
        let mut texts = vec![written];
        let reprs: Vec<&str> = values.iter().filter_map(|value| value.repr.as_deref()).collect();
        if reprs.iter().any(|repr| *repr != "None") {
            let of = |value: &&'a Value| value.text.as_deref().or(value.repr.as_deref());
            let strings: Vec<&str> = values.iter().filter_map(of).collect();
            let reprs = reprs.join("\n");
            texts.extend([with(&texts[0], &reprs), reprs, strings.join("\n")]);
        }
        if !has_run && !self.unattributed.is_empty() {
            texts.push(self.unattributed.join("\n"));
        }
        texts.sort_by_key(String::is_empty);
        let reach = self.reach(statement, has_run);
        if reach == Reach::Not {
            texts.clear();
        }
        Output { reach, texts, is_certain }
    }

    /// Whether each of these lines came from nobody in the document.
    pub(super) fn is_unattributed(&self, shown: &str) -> bool {
        let mut lines = shown.lines().map(str::trim_end).peekable();
        lines.peek().is_some() && lines.all(|line| self.lines.contains(line))
    }

    fn reach(&self, statement: Statement, has_run: bool) -> Reach {
        let ran = if has_run || !statement.is_nested { Reach::Whole } else { Reach::Not };
        let ran = if self.is_whole { ran } else { Reach::Partly };
        match (self.outcome.ending, self.stop) {
            (Ending::NotRun, _) => Reach::Not,
            (Ending::Completed, _) => ran,
            (Ending::Raised, Some(stop)) if statement.last < stop => ran,
            (Ending::Raised, Some(stop)) if statement.first > stop && has_run => ran,
            (Ending::Raised, Some(stop)) if statement.first <= stop => Reach::Partly,
            (Ending::Exited, _) if has_run => ran,
            (Ending::Raised | Ending::Exited | Ending::TimedOut | Ending::Killed | Ending::Deadlocked, _) => {
                if has_run {
                    Reach::Partly
                } else {
                    Reach::Not
                }
            }
        }
    }
}

fn unattributed(stream: &Stream) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut end = 0;
    for piece in &stream.pieces {
        gaps.extend_from_slice(stream.head.get(end..piece.start).unwrap_or_default());
        end = piece.end.max(end);
    }
    gaps.extend_from_slice(stream.head.get(end..).unwrap_or_default());
    text(&gaps).lines().map(|line| line.trim_end().to_owned()).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One behind the other, the second on a line of its own.
fn with(first: &str, second: &str) -> String {
    let end = if first.is_empty() || first.ends_with('\n') { "" } else { "\n" };
    format!("{first}{end}{second}")
}
