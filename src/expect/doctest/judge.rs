//! What a session did beside what its block shows.

use std::collections::HashSet;

use crate::directive::Flag;
use crate::expect::doctest::check::matches;
use crate::expect::doctest::condition::Condition;
use crate::expect::doctest::correct::{correction, shown};
use crate::expect::doctest::parse::Prompted;
use crate::expect::doctest::session::{Asked, Dialect, Session, Step};
use crate::expect::doctest::traceback::{self, HEADER, STACK};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{ExampleEnd, Outcome};

/// What an example did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Got {
    /// Its last line is ended.
    Printed(String),
    /// Name and message, each line ended.
    Raised(String),
}

impl Session {
    pub(crate) fn judge(&self, outcome: &Outcome) -> Vec<Claim> {
        let mut judge =
            Judge { unmet: HashSet::new(), waiting: String::new(), has_failed: false, is_over: false };
        let mut transcript = Transcript { outcome, next: 0 };
        let mut claims = Vec::new();
        for step in &self.steps {
            match step {
                Step::Aside { .. } => {
                    transcript.take(1);
                }
                Step::Probe { condition, .. } => {
                    if transcript.take(1).is_some_and(|(end, _)| end.exception.is_some()) {
                        judge.unmet.insert(condition);
                    }
                }
                Step::Unmet { prompted, need } => claims.push(remark(prompted, need)),
                Step::Example(asked) => {
                    // The aside behind it prints its warnings.
                    let steps = if asked.flags.has(Flag::ShowWarnings) { 2 } else { 1 };
                    let got = transcript.take(steps);
                    claims.extend(judge.claim(asked, got, self.dialect));
                }
            }
        }
        claims
    }
}

/// The parts of the output, one for each step that ran.
struct Transcript<'a> {
    outcome: &'a Outcome,
    next: usize,
}

impl<'a> Transcript<'a> {
    /// Of the next step, with what all `steps` from it on printed. `None` where it never ended, or where its output was
    /// not kept.
    fn take(&mut self, steps: usize) -> Option<(&'a ExampleEnd, &'a [u8])> {
        let (first, Outcome { facts, stdout, .. }) = (self.next, self.outcome);
        self.next += 1;
        let start = first.checked_sub(1).map_or(Some(&0), |above| stdout.examples.get(above))?;
        let stop = stdout.examples.get(first..)?.iter().take(steps).next_back()?;
        Some((facts.examples.get(first)?, stdout.head.get(*start..*stop)?))
    }
}

struct Judge<'a> {
    unmet: HashSet<&'a Condition>,
    /// What was printed since something was last compared.
    waiting: String,
    has_failed: bool,
    /// `FAIL_FAST`: nothing counts any more.
    is_over: bool,
}

impl Judge<'_> {
    fn claim(&mut self, asked: &Asked, got: Option<(&ExampleEnd, &[u8])>, dialect: Dialect) -> Option<Claim> {
        let Asked { prompted, flags, conditions } = asked;
        if let Some(condition) = conditions.iter().find(|condition| self.unmet.contains(condition)) {
            return Some(remark(prompted, &condition.to_string()));
        }
        let want = prompted.wanted();
        let Some((end, printed)) = got.filter(|_| !self.is_over) else {
            return (!want.is_empty()).then(|| claim(prompted, ClaimVerdict::NotReached));
        };
        let got = Got::of(end, printed);
        let mut holds = got.is_wanted(&want, asked);
        if let (Dialect::Xdoctest, Got::Printed(printed)) = (dialect, &got) {
            self.waiting.push_str(printed);
            holds |= want.is_empty() || matches(&want, &self.waiting, *flags);
        }
        if !want.is_empty() {
            self.waiting.clear();
        }
        self.has_failed |= !holds;
        self.is_over = self.has_failed && flags.has(Flag::FailFast);
        let actual = got.shown(asked);
        if !holds {
            let correction = correction(asked, &got);
            return Some(Claim { actual, correction, ..claim(prompted, ClaimVerdict::Broken) });
        }
        (!want.is_empty()).then(|| Claim { actual, ..claim(prompted, ClaimVerdict::Holds) })
    }
}

impl Got {
    fn of(end: &ExampleEnd, printed: &[u8]) -> Self {
        if let Some(headline) = traceback::headline(end) {
            return Self::Raised(headline);
        }
        let mut text = String::from_utf8_lossy(printed).into_owned();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self::Printed(text)
    }

    pub(super) fn is_wanted(&self, want: &str, asked: &Asked) -> bool {
        let flags = asked.flags;
        match self {
            Self::Printed(printed) => flags.has(Flag::IgnoreOutput) || matches(want, printed, flags),
            Self::Raised(headline) => traceback::is_announced(want, headline, flags),
        }
    }

    /// As a document would show it; `None` for nothing.
    fn shown(&self, asked: &Asked) -> Option<String> {
        match self {
            Self::Printed(printed) if printed.is_empty() => None,
            Self::Printed(printed) => {
                let lines = printed.lines().map(|line| shown(line, asked).unwrap_or_default());
                Some(lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Raised(headline) => Some(format!("{HEADER}\n{STACK}\n{}", headline.trim_end_matches('\n'))),
        }
    }
}

fn claim(prompted: &Prompted, verdict: ClaimVerdict) -> Claim {
    Claim {
        line: if prompted.want.is_empty() { prompted.line } else { prompted.below },
        text: prompted.want.join("\n"),
        kind: ClaimKind::Doctest,
        verdict,
        actual: None,
        accepted: false,
        correction: None,
    }
}

/// Of an example that means nothing here.
fn remark(prompted: &Prompted, need: &str) -> Claim {
    Claim {
        line: prompted.line,
        text: prompted.code.clone(),
        kind: ClaimKind::Remark,
        verdict: ClaimVerdict::Remark,
        actual: Some(format!("not checked: needs {need}")),
        accepted: false,
        correction: None,
    }
}
