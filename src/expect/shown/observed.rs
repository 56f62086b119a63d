//! What a snippet and each of its statements really put out.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use crate::expect::redact::Redactions;
use crate::expect::screen::on_screen;
use crate::expect::shown::listing::of_file;
use crate::expect::shown::shown_text::{OutputOwner, ShownStatement};
use crate::model::outcome::{Attribution, Ending, Outcome, Stream, Terminal, Value};
use crate::model::snippet::{Line, Look, Place};

/// What the judgment of shown output needs to know of its snippet.
#[derive(Clone, Debug, Default)]
pub(super) struct SnippetContext {
    /// The first line of code.
    pub(super) code: Option<Line>,
    /// An exception is how the snippet should end.
    pub(super) raises: bool,
    /// The lines of statements whose output may be another one the next time, as their comments say.
    pub(super) varying: Vec<RangeInclusive<Line>>,
}

/// Stands for a line of output that may be any line.
pub(super) const FREE: char = '\u{f8ff}';

/// The output of a snippet that has run.
pub(super) struct Observed<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) redactions: &'a Redactions,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Both streams as a terminal shows them; `None` where there is nothing to put in order.
    pub(super) terminal: Option<String>,
    /// Both streams in the order in which they were written; `None` where that is not known.
    order: Option<Terminal<'a>>,
    /// Nothing of stdout was dropped.
    pub(super) is_whole: bool,
    attribution: Attribution<'a>,
    errors: Attribution<'a>,
    values: HashMap<Place, Vec<&'a Value>>,
    /// Lines that Python did not write: those of child processes and C code.
    unattributed: Vec<String>,
    /// The unattributed lines as a set.
    lines: HashSet<String>,
    /// The line of the snippet at which an exception ended it.
    stop: Option<Line>,
    context: &'a SnippetContext,
    free: OnceCell<Vec<String>>,
}

/// The actual output that a shown text is compared with.
pub(super) struct Output {
    pub(super) reach: OutputReach,
    /// Any of the texts makes the claim true. The first one is the one that a reader expects.
    pub(super) texts: Vec<String>,
    /// There is no other output that may be meant.
    pub(super) is_certain: bool,
}

/// Whether all that is shown could have been printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputReach {
    Whole,
    Partly,
    Not,
}

impl<'a> Observed<'a> {
    pub(super) fn new(outcome: &'a Outcome, redactions: &'a Redactions, context: &'a SnippetContext) -> Self {
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
        let order = Terminal::new(&outcome.stdout, &outcome.stderr);
        let terminal = order.as_ref().filter(|_| !outcome.stderr.head.is_empty());
        let in_order = |terminal: &Terminal<'_>| {
            text(&terminal.pieces().flat_map(|(_, bytes)| bytes).copied().collect::<Vec<_>>())
        };

        Self {
            outcome,
            redactions,
            lines: unattributed.iter().cloned().collect(),
            stdout: on_screen(&outcome.stdout.text()).into_owned(),
            stderr: on_screen(&outcome.stderr.text()).into_owned(),
            terminal: terminal.map(in_order),
            order,
            is_whole: outcome.stdout.tail.is_empty(),
            attribution: Attribution::new(&outcome.stdout),
            errors: Attribution::new(&outcome.stderr),
            values,
            unattributed,
            stop,
            free: OnceCell::new(),
            context,
        }
    }

    pub(super) fn output(&self, owner: &OutputOwner) -> Output {
        let mut output = self.raw(owner);
        if let (Some(text), Some(code)) = (output.texts.first(), self.context.code)
            && let Some(listing) = of_file(text, code)
        {
            output.texts.insert(0, listing);
        }
        output
    }

    fn raw(&self, owner: &OutputOwner) -> Output {
        match owner {
            OutputOwner::Snippet | OutputOwner::Perhaps => {
                Output { reach: self.end(), texts: self.all(), is_certain: self.is_whole }
            }
            OutputOwner::Statement(statement) => self.of(*statement),
            OutputOwner::Section { statement, lines, is_last } => {
                let mut output = self.of(*statement);

                let mut more = vec![text(&self.attribution.written_at(lines.clone()))];
                more.extend(self.on_terminal(lines));
                if *is_last {
                    more.push(self.stdout.clone());
                    more.extend(self.terminal.clone());
                }
                more.retain(|text| !text.is_empty());

                if output.reach == OutputReach::Not && !more.is_empty() {
                    output.reach = if self.end() == OutputReach::Whole {
                        OutputReach::Whole
                    } else {
                        OutputReach::Partly
                    };
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

    pub(super) fn end(&self) -> OutputReach {
        match self.outcome.ending {
            Ending::Completed | Ending::Exited => OutputReach::Whole,
            Ending::Raised if self.context.raises => OutputReach::Whole,
            Ending::Raised | Ending::TimedOut | Ending::Killed | Ending::Deadlocked => OutputReach::Partly,
            Ending::NotRun => OutputReach::Not,
        }
    }

    fn all(&self) -> Vec<String> {
        let Self { stdout, stderr, terminal, .. } = self;
        let value = self.outcome.value.as_ref();

        let mut texts = Vec::new();
        if !stdout.is_empty() {
            texts.push(stdout.clone());
        }
        texts.extend(value.map(|value| with(stdout, value)));
        if let Some(terminal) = terminal {
            texts.push(terminal.clone());
            texts.extend(value.map(|value| with(terminal, value)));
        }
        if !stderr.is_empty() {
            // As two pipes show them.
            texts.extend([with(stdout, stderr), with(stderr, stdout)]);
        }
        texts.extend(value.filter(|_| !stdout.is_empty()).cloned());
        if texts.is_empty() {
            texts.push(String::new());
        }
        texts
    }

    fn of(&self, statement: ShownStatement) -> Output {
        let written = text(&self.attribution.written_at(statement.first..=statement.last));
        let values = self.values.get(&statement.place).map_or(&[][..], Vec::as_slice);

        let on_terminal = self.on_terminal(&(statement.first..=statement.last));
        let has_run = !written.is_empty() || !values.is_empty() || on_terminal.is_some();
        let was_not_needed = !has_run && self.was_not_needed(statement);
        let is_certain =
            self.is_whole && (!written.is_empty() || self.unattributed.is_empty()) && !was_not_needed;

        let mut texts = vec![written];
        texts.extend(on_terminal);
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
        if reach == OutputReach::Not {
            texts.clear();
        }
        Output { reach, texts, is_certain }
    }

    /// Both streams as a terminal shows what was written while these lines ran; `None` where nothing of it is on stderr.
    fn on_terminal(&self, lines: &RangeInclusive<Line>) -> Option<String> {
        if self.errors.written_at(lines.clone()).is_empty() {
            return None;
        }
        let terminal = self.order.as_ref()?;
        let here = terminal.pieces().filter(|(by, _)| by.iter().any(|line| lines.contains(line)));
        Some(text(&here.flat_map(|(_, bytes)| bytes).copied().collect::<Vec<_>>()))
    }

    /// The snippet's output with a sign in the place of each line that may vary; none where no line may.
    pub(super) fn with_free_lines(&self) -> &[String] {
        self.free.get_or_init(|| self.free_lines())
    }

    fn free_lines(&self) -> Vec<String> {
        let Self { outcome, context, .. } = self;
        if context.varying.is_empty() {
            return Vec::new();
        }

        let nothing = Stream::default();
        let terminals = [&nothing, &outcome.stderr].map(|stderr| Terminal::new(&outcome.stdout, stderr));
        let free = |terminal: Terminal<'_>| {
            let mut bytes = Vec::new();
            for (lines, piece) in terminal.pieces() {
                if lines.iter().any(|line| self.varies(*line..=*line)) {
                    let end = if piece.ends_with(b"\n") { "\n" } else { "" };
                    bytes.extend_from_slice(format!("{FREE}{end}").as_bytes());
                } else {
                    // The sign itself may have been printed.
                    let piece = String::from_utf8_lossy(piece).replace(FREE, "\u{fffd}");
                    bytes.extend_from_slice(piece.as_bytes());
                }
            }
            text(&bytes)
        };
        terminals.into_iter().flatten().map(free).collect()
    }

    /// Whether a comment beside one of these lines says that its output may vary.
    pub(super) fn varies(&self, lines: RangeInclusive<Line>) -> bool {
        let is_among =
            |varying: &RangeInclusive<Line>| varying.start() <= lines.end() && lines.start() <= varying.end();
        self.context.varying.iter().any(is_among)
    }

    /// Whether no line of the text was written by code of the document.
    pub(super) fn is_unattributed(&self, shown: &str) -> bool {
        let mut lines = shown.lines().map(str::trim_end).peekable();
        lines.peek().is_some() && lines.all(|line| self.lines.contains(line))
    }

    /// Whether the `try` that has to fail for the statement to run has succeeded.
    fn was_not_needed(&self, statement: ShownStatement) -> bool {
        let passed = |last: Line| match (self.outcome.ending, self.stop) {
            (Ending::Completed, _) => true,
            (Ending::Raised, Some(stop)) => last < stop,
            _ => false,
        };
        statement.rescues.is_some_and(passed)
    }

    fn reach(&self, statement: ShownStatement, has_run: bool) -> OutputReach {
        let is_settled = has_run || !statement.is_nested || self.was_not_needed(statement);
        let ran = if is_settled { OutputReach::Whole } else { OutputReach::Not };
        let ran = if self.is_whole { ran } else { OutputReach::Partly };

        match (self.outcome.ending, self.stop) {
            (Ending::NotRun, _) => OutputReach::Not,
            (Ending::Completed, _) => ran,
            (Ending::Raised, Some(stop)) if statement.last < stop => ran,
            (Ending::Raised, Some(stop)) if statement.first > stop && has_run => ran,
            (Ending::Raised, Some(stop)) if statement.first <= stop => OutputReach::Partly,
            (Ending::Exited, _) if has_run => ran,
            (Ending::Raised | Ending::Exited | Ending::TimedOut | Ending::Killed | Ending::Deadlocked, _) => {
                if has_run {
                    OutputReach::Partly
                } else {
                    OutputReach::Not
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
    on_screen(&String::from_utf8_lossy(bytes)).into_owned()
}

/// The second text after the first, on a line of its own.
fn with(first: &str, second: &str) -> String {
    let end = if first.is_empty() || first.ends_with('\n') { "" } else { "\n" };
    format!("{first}{end}{second}")
}
