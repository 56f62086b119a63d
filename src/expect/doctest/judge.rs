//! Compares what a session did with what its block shows.

use std::collections::HashSet;

use crate::directive::Flag;
use crate::expect::doctest::comparison::matches;
use crate::expect::doctest::correction::correction;
use crate::expect::doctest::example_result::ExampleResult;
use crate::expect::doctest::parse::PromptedExample;
use crate::expect::doctest::requirement::Requirement;
use crate::expect::doctest::session::{ConsoleSession, DoctestDialect, RunnableExample, SessionStep};
use crate::model::claim::{Claim, ClaimKind, ClaimVerdict};
use crate::model::outcome::{ExampleEnd, Outcome};

impl ConsoleSession {
    pub(crate) fn judge(&self, outcome: &Outcome) -> Vec<Claim> {
        let mut judge =
            Judge { unmet: HashSet::new(), waiting: String::new(), has_failed: false, is_over: false };
        let mut transcript = Transcript { outcome, next: 0 };
        let mut claims = Vec::new();

        for step in &self.steps {
            match step {
                SessionStep::Aside { .. } => {
                    transcript.take(1);
                }
                SessionStep::Probe { requirement, .. } => {
                    if transcript.take(1).is_some_and(|(end, _)| end.exception.is_some()) {
                        judge.unmet.insert(requirement);
                    }
                }
                SessionStep::Unmet { prompted, need } => claims.push(remark(prompted, need)),
                SessionStep::Example(asked) => {
                    // The aside after the example prints its warnings.
                    let steps = if asked.flags.has(Flag::ShowWarnings) { 2 } else { 1 };
                    let got = transcript.take(steps);
                    claims.extend(judge.claim(asked, got, self.dialect));
                }
            }
        }
        claims
    }
}

/// Hands out the parts of the output, one for each step that ran.
struct Transcript<'a> {
    outcome: &'a Outcome,
    next: usize,
}

impl<'a> Transcript<'a> {
    /// How the next step ended, with what it and the steps after it, `steps` in all, printed. `None` where the step
    /// never ended, or where its output was not kept.
    fn take(&mut self, steps: usize) -> Option<(&'a ExampleEnd, &'a [u8])> {
        let (first, Outcome { facts, stdout, .. }) = (self.next, self.outcome);
        self.next += 1;
        let start = first.checked_sub(1).map_or(Some(&0), |above| stdout.examples.get(above))?;
        let stop = stdout.examples.get(first..)?.iter().take(steps).next_back()?;
        Some((facts.examples.get(first)?, stdout.head.get(*start..*stop)?))
    }
}

struct Judge<'a> {
    unmet: HashSet<&'a Requirement>,
    /// What was printed since the last comparison.
    waiting: String,
    has_failed: bool,
    /// An example with `FAIL_FAST` has failed: no later one is compared.
    is_over: bool,
}

impl Judge<'_> {
    fn claim(
        &mut self,
        asked: &RunnableExample,
        got: Option<(&ExampleEnd, &[u8])>,
        dialect: DoctestDialect,
    ) -> Option<Claim> {
        let RunnableExample { prompted, flags, requirements } = asked;
        if let Some(requirement) = requirements.iter().find(|requirement| self.unmet.contains(requirement)) {
            return Some(remark(prompted, &requirement.to_string()));
        }

        let want = prompted.wanted();
        let Some((end, printed)) = got.filter(|_| !self.is_over) else {
            return (!want.is_empty()).then(|| claim(prompted, ClaimVerdict::NotReached));
        };

        let got = ExampleResult::of(end, printed);
        let mut holds = got.is_wanted(&want, asked);
        if let (DoctestDialect::Xdoctest, ExampleResult::Printed(printed)) = (dialect, &got) {
            self.waiting.push_str(printed);
            holds |= want.is_empty() || matches(&want, &self.waiting, *flags);
        }
        if let ExampleResult::Printed(_) = &got {
            holds |= want.is_empty() && flags.has(Flag::OutputRendered);
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

fn claim(prompted: &PromptedExample, verdict: ClaimVerdict) -> Claim {
    Claim {
        line: if prompted.want.is_empty() { prompted.line } else { prompted.below },
        text: prompted.want.join("\n"),
        kind: ClaimKind::Doctest,
        verdict,
        actual: None,
        accepted: false,
        correction: None,
        doubt: None,
    }
}

/// The claim of an example that is not checked.
fn remark(prompted: &PromptedExample, need: &str) -> Claim {
    Claim {
        line: prompted.line,
        text: prompted.code.clone(),
        kind: ClaimKind::Remark,
        verdict: ClaimVerdict::Remark,
        actual: Some(format!("not checked: needs {need}")),
        accepted: false,
        correction: None,
        doubt: None,
    }
}
