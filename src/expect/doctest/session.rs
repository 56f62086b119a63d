//! The examples of one block: which of them run, under which flags and conditions.

use std::collections::HashSet;

use crate::directive::{Flag, Flags};
use crate::expect::doctest::comments::{self, Wish, Wishes};
use crate::expect::doctest::condition::{Condition, Met};
use crate::expect::doctest::parse::{Complaint, Prompted, parse};
use crate::model::problem::Problem;
use crate::model::snippet::{Example, Line, Snippet};

/// In front of an example whose warnings are output, and behind it. Neither shows a value.
const RECORD: &str = "__snipcheck__ = __import__('warnings').catch_warnings(record=True); \
                      __snipcheck_seen__ = __snipcheck__.__enter__(); \
                      __import__('warnings').simplefilter('always')";
const REPLAY: &str = "__snipcheck__.__exit__(None, None, None); \
                      print(end=''.join(f'{seen.category.__name__}: {seen.message}\\n' for seen in __snipcheck_seen__)); \
                      del __snipcheck__, __snipcheck_seen__";

/// More at a time would take time for each of many examples. Those above hold.
const MOST_CONDITIONS: usize = 16;

#[derive(Debug)]
pub(crate) struct Session {
    /// In document order. What is skipped is not here.
    pub(super) steps: Vec<Step>,
    pub(super) dialect: Dialect,
    /// What is wrong with the prompts and the comments behind them.
    pub(crate) problems: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Standard,
    /// What is shown may be the output of several examples.
    Xdoctest,
}

#[derive(Debug)]
pub(super) enum Step {
    Example(Asked),
    /// Code of ours that raises where the condition is not met.
    Probe {
        condition: Condition,
        code: String,
        line: Line,
    },
    /// Code of ours around an example.
    Aside {
        code: &'static str,
        line: Line,
    },
    /// An example that cannot run here.
    Unmet {
        prompted: Prompted,
        need: String,
    },
}

/// An example that runs.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) prompted: Prompted,
    pub(super) flags: Flags,
    /// Each has a probe in front.
    pub(super) conditions: Vec<Condition>,
}

impl Session {
    pub(crate) fn read(snippet: &Snippet) -> Self {
        let (examples, complaints) = parse(&snippet.code, snippet.location.code);
        let wishes: Vec<Wishes> =
            examples.iter().map(|example| comments::read(&example.code, &example.wanted())).collect();
        let mut reader =
            Reader { state: State::default(), steps: Vec::new(), probed: HashSet::new(), complaints };
        reader.state.flags = snippet.directives.flags;
        let mut dialect = Dialect::Standard;
        if wishes.iter().any(|wishes| wishes.kind) {
            dialect = Dialect::Xdoctest;
            reader.state.flags = reader.state.flags.with(Flag::Ellipsis).with(Flag::NormalizeWhitespace);
        }
        for (prompted, wishes) in examples.into_iter().zip(wishes) {
            reader.take(prompted, wishes);
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
        let run = |step: &Step| {
            let (line, code) = match step {
                Step::Example(asked) => (asked.prompted.line, format!("{}\n", asked.prompted.code)),
                Step::Probe { line, code, .. } => (*line, code.clone()),
                Step::Aside { line, code } => (*line, (*code).to_owned()),
                Step::Unmet { .. } => return None,
            };
            Some(Example { line, code })
        };
        self.steps.iter().filter_map(run).collect()
    }
}

/// What holds from one example to the next.
#[derive(Clone, Debug, Default)]
struct State {
    flags: Flags,
    conditions: Vec<Condition>,
}

impl State {
    fn apply(&mut self, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::With(flag) => self.flags = self.flags.with(flag),
                Wish::Without(flag) => self.flags = self.flags.without(flag),
                Wish::Requires(condition) => {
                    if self.conditions.len() < MOST_CONDITIONS && !self.conditions.contains(&condition) {
                        self.conditions.push(condition);
                    }
                }
                Wish::RequiresNoMore(condition) => self.conditions.retain(|known| *known != condition),
            }
        }
    }
}

struct Reader {
    state: State,
    steps: Vec<Step>,
    probed: HashSet<Condition>,
    complaints: Vec<Complaint>,
}

impl Reader {
    fn take(&mut self, prompted: Prompted, Wishes { all: wishes, slips, .. }: Wishes) {
        let line = prompted.line;
        for slip in slips {
            let below = u32::try_from(slip.below).unwrap_or(u32::MAX);
            self.complaints.push(Complaint {
                line: Line(line.0.saturating_add(below)),
                message: format!("unknown option `{}`", slip.word),
                hint: slip.hint,
            });
        }
        if prompted.after_prose {
            self.state.flags = self.state.flags.without(Flag::SkipBlock);
        }
        if prompted.is_comment() {
            self.state.apply(wishes);
            return;
        }
        let mut state = self.state.clone();
        state.apply(wishes);
        if state.flags.has(Flag::SkipBlock) {
            self.state.flags = self.state.flags.with(Flag::SkipBlock);
        }
        if state.flags.has(Flag::Skip) || state.flags.has(Flag::SkipBlock) {
            return;
        }
        if let Some(need) = state.unmet() {
            self.steps.push(Step::Unmet { prompted, need });
            return;
        }
        state.conditions.retain(|condition| condition.known().is_none());
        for condition in &state.conditions {
            if let Some(code) = condition.probe().filter(|_| self.probed.insert(condition.clone())) {
                self.steps.push(Step::Probe { condition: condition.clone(), code, line });
            }
        }
        let State { flags, conditions } = state;
        let aside = |code| flags.has(Flag::ShowWarnings).then_some(Step::Aside { code, line });
        self.steps.extend(aside(RECORD));
        self.steps.push(Step::Example(Asked { prompted, flags, conditions }));
        self.steps.extend(aside(REPLAY));
    }
}

impl State {
    /// What an example needs and cannot have here.
    fn unmet(&self) -> Option<String> {
        if self.flags.has(Flag::RemoteData) {
            return Some("a network".to_owned());
        }
        self.conditions.iter().find(|condition| condition.known() == Some(Met::No)).map(ToString::to_string)
    }
}
