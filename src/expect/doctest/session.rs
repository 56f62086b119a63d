//! The examples of one block: which of them run, under which flags and requirements.

use std::collections::HashSet;

use crate::directive::{Flag, Flags};
use crate::expect::doctest::comments::{self, OptionChange, OptionChanges};
use crate::expect::doctest::ipython::is_only_for_ipython;
use crate::expect::doctest::joined::{dots_of_output, joined};
use crate::expect::doctest::parse::{Complaint, PromptedExample, parse};
use crate::expect::doctest::requirement::{Met, Requirement};
use crate::model::problem::Problem;
use crate::model::snippet::{Example, Line, Snippet};

/// Runs before an example whose warnings are output. Shows no value.
const RECORD: &str = "__snipcheck__ = __import__('warnings').catch_warnings(record=True); \
                      __snipcheck_seen__ = __snipcheck__.__enter__(); \
                      __import__('warnings').simplefilter('always')";
/// Runs after an example whose warnings are output, and prints them. Shows no value.
const REPLAY: &str = "__snipcheck__.__exit__(None, None, None); \
                      print(end=''.join(f'{seen.category.__name__}: {seen.message}\\n' for seen in __snipcheck_seen__)); \
                      del __snipcheck__, __snipcheck_seen__";

/// Requirements that apply at a time; further ones are ignored. Each one costs time for every example below it.
const MOST_REQUIREMENTS: usize = 16;

#[derive(Debug)]
pub(crate) struct ConsoleSession {
    /// The steps in document order, without skipped examples.
    pub(super) steps: Vec<SessionStep>,
    pub(super) dialect: DoctestDialect,
    /// What is wrong with the prompts and the comments after them.
    pub(crate) problems: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DoctestDialect {
    Standard,
    /// The text below an example may be the output of several examples.
    Xdoctest,
}

#[derive(Debug)]
pub(super) enum SessionStep {
    Example(RunnableExample),
    /// Code of this program that raises where the requirement is not met.
    Probe {
        requirement: Requirement,
        code: String,
        line: Line,
    },
    /// Code of this program before or after an example.
    Aside {
        code: &'static str,
        line: Line,
    },
    /// An example that cannot run here.
    Unmet {
        prompted: PromptedExample,
        need: String,
    },
}

/// An example that runs.
#[derive(Debug)]
pub(super) struct RunnableExample {
    pub(super) prompted: PromptedExample,
    pub(super) flags: Flags,
    /// Requirements that the session answers; a probe of each one runs before the example.
    pub(super) requirements: Vec<Requirement>,
}

impl ConsoleSession {
    pub(crate) fn read(snippet: &Snippet) -> Self {
        let flags = snippet.directives.flags;
        let (examples, mut complaints) = parse(&snippet.code, snippet.location.code);
        let takes_statements = flags.has(Flag::PromptedLines) || flags.has(Flag::Xdoctest);
        let (whole, refused): (Vec<_>, Vec<_>) =
            joined(&examples).into_iter().partition(|joined| joined.further == 0 || takes_statements);
        complaints.extend(refused.iter().map(|joined| prompted_lines(&joined.example)));
        let mut examples: Vec<_> = whole.into_iter().map(|joined| joined.example).collect();
        if flags.has(Flag::PromptedLines) && examples.last().is_some_and(leaves) {
            examples.pop();
        }
        let changes: Vec<OptionChanges> =
            examples.iter().map(|example| comments::read(&example.code, &example.wanted())).collect();

        let mut reader = StepReader {
            state: ExampleContext::default(),
            steps: Vec::new(),
            probed: HashSet::new(),
            complaints,
        };
        reader.state.flags = flags;

        let mut dialect = DoctestDialect::Standard;
        if flags.has(Flag::Xdoctest) || changes.iter().any(|changes| changes.is_xdoctest) {
            dialect = DoctestDialect::Xdoctest;
            reader.state.flags = reader.state.flags.with(Flag::Ellipsis).with(Flag::NormalizeWhitespace);
        }

        for (prompted, changes) in examples.into_iter().zip(changes) {
            reader.take(prompted, changes);
        }

        let problem = |Complaint { line, message, hint }| Problem {
            path: snippet.path.0.clone(),
            line: Some(line),
            message,
            hint,
        };

        Self { steps: reader.steps, dialect, problems: reader.complaints.into_iter().map(problem).collect() }
    }

    pub(crate) fn examples(&self) -> Vec<Example> {
        let run = |step: &SessionStep| {
            let (line, code) = match step {
                SessionStep::Example(asked) => (asked.prompted.line, format!("{}\n", asked.prompted.code)),
                SessionStep::Probe { line, code, .. } => (*line, code.clone()),
                SessionStep::Aside { line, code } => (*line, (*code).to_owned()),
                SessionStep::Unmet { .. } => return None,
            };
            Some(Example { line, code })
        };
        self.steps.iter().filter_map(run).collect()
    }
}

/// The complaint about a statement that `doctest` would refuse line by line.
fn prompted_lines(example: &PromptedExample) -> Complaint {
    let last =
        example.line.0.saturating_add(u32::try_from(example.code.matches('\n').count()).unwrap_or(u32::MAX));
    Complaint {
        line: example.line,
        message: format!("one statement with `>>>` before each line, up to line {last}: it does not run"),
        hint: Some(
            "doctest needs `...` before its further lines; `[tool.xdoctest]` in pyproject.toml says that xdoctest is used"
                .to_owned(),
        ),
    }
}

/// Whether an example ends the session that somebody has pasted.
fn leaves(example: &PromptedExample) -> bool {
    matches!(example.code.trim(), "exit()" | "quit()" | "exit" | "quit") && example.want.is_empty()
}

/// Flags and requirements that apply from one example to the next.
#[derive(Clone, Debug, Default)]
struct ExampleContext {
    flags: Flags,
    requirements: Vec<Requirement>,
}

impl ExampleContext {
    fn apply(&mut self, changes: Vec<OptionChange>) {
        for change in changes {
            match change {
                OptionChange::With(flag) => self.flags = self.flags.with(flag),
                OptionChange::Without(flag) => self.flags = self.flags.without(flag),
                OptionChange::Requires(requirement) => {
                    if self.requirements.len() < MOST_REQUIREMENTS
                        && !self.requirements.contains(&requirement)
                    {
                        self.requirements.push(requirement);
                    }
                }
                OptionChange::RequiresNoMore(requirement) => {
                    self.requirements.retain(|known| *known != requirement);
                }
            }
        }
    }
}

struct StepReader {
    state: ExampleContext,
    steps: Vec<SessionStep>,
    probed: HashSet<Requirement>,
    complaints: Vec<Complaint>,
}

impl StepReader {
    fn take(
        &mut self,
        prompted: PromptedExample,
        OptionChanges { all: changes, unknown, .. }: OptionChanges,
    ) {
        let line = prompted.line;
        for option in unknown {
            let below = u32::try_from(option.below).unwrap_or(u32::MAX);
            self.complaints.push(Complaint {
                line: Line(line.0.saturating_add(below)),
                message: format!("unknown option `{}`", option.word),
                hint: option.hint,
            });
        }

        if prompted.after_prose {
            self.state.flags = self.state.flags.without(Flag::SkipBlock);
        }

        if prompted.is_comment() {
            self.state.apply(changes);
            return;
        }

        let mut state = self.state.clone();
        state.apply(changes);
        if state.flags.has(Flag::SkipBlock) {
            self.state.flags = self.state.flags.with(Flag::SkipBlock);
        }
        if state.flags.has(Flag::Skip) || state.flags.has(Flag::SkipBlock) {
            return;
        }

        if prompted.is_of_ipython() && is_only_for_ipython(&prompted.code) {
            let need = "IPython".to_owned();
            self.steps.push(SessionStep::Unmet { prompted, need });
            return;
        }

        if let Some(need) = state.unmet() {
            self.steps.push(SessionStep::Unmet { prompted, need });
            return;
        }

        state.requirements.retain(|requirement| requirement.known().is_none());
        for requirement in &state.requirements {
            if let Some(code) = requirement.probe().filter(|_| self.probed.insert(requirement.clone())) {
                self.steps.push(SessionStep::Probe { requirement: requirement.clone(), code, line });
            }
        }

        self.complaints.extend(dots_of_output(&prompted).map(|(line, text)| Complaint {
            line,
            message: format!("`... {text}` continues the statement above it, as doctest reads dots"),
            hint: Some("an output cannot begin with dots: let other text of the line come first".to_owned()),
        }));

        let ExampleContext { flags, requirements } = state;
        let aside = |code| flags.has(Flag::ShowWarnings).then_some(SessionStep::Aside { code, line });
        self.steps.extend(aside(RECORD));
        self.steps.push(SessionStep::Example(RunnableExample { prompted, flags, requirements }));
        self.steps.extend(aside(REPLAY));
    }
}

impl ExampleContext {
    /// A requirement of an example that is known not to be met, in words.
    fn unmet(&self) -> Option<String> {
        if self.flags.has(Flag::RemoteData) {
            return Some("a network".to_owned());
        }
        self.requirements
            .iter()
            .find(|requirement| requirement.known() == Some(Met::No))
            .map(ToString::to_string)
    }
}
