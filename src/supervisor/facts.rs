//! The facts of a step as they arrive. A session may tell more than anybody wants to keep.

use crate::model::outcome::{Exception, Facts};
use crate::model::snippet::Look;
use crate::wire::Fact;

/// Bytes of text that are kept.
const KEPT: usize = 8 << 20;

#[derive(Debug)]
pub(super) struct FactLog {
    pub(super) facts: Facts,
    left: usize,
}

impl Default for FactLog {
    fn default() -> Self {
        Self { facts: Facts::default(), left: KEPT }
    }
}

impl FactLog {
    /// The first one that is too much ends it: of what is kept, nothing is missing in between.
    pub(super) fn add(&mut self, fact: Fact) {
        self.left = self.left.saturating_sub(size(&fact));
        if self.left == 0 {
            return;
        }
        match fact {
            Fact::Value(value) => self.facts.values.push(value),
            Fact::Attempt(attempt) => self.facts.attempts.push(attempt),
            Fact::Survived(survived) => self.facts.survived.push(survived),
            Fact::Example(end) => self.facts.examples.push(end),
        }
    }
}

fn size(fact: &Fact) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match fact {
        Fact::Value(value) => look(&value.look) + text(&value.repr) + text(&value.text),
        Fact::Attempt(attempt) => attempt.exception.as_ref().map_or(0, exception),
        Fact::Survived(survived) => exception(&survived.exception),
        Fact::Example(end) => end.exception.as_ref().map_or(0, exception) + text(&end.headline),
    }
}

fn look(look: &Look) -> usize {
    match look {
        Look::State { name, attribute } => name.len() + attribute.as_ref().map_or(0, String::len),
        Look::References { name } | Look::Leftovers { name } | Look::Attempt { code: name, .. } => name.len(),
        Look::Value | Look::Size | Look::Operations | Look::Output => 0,
    }
}

fn exception(exception: &Exception) -> usize {
    let Exception { kind, bases, message, line: _, frames, traceback, operands } = exception;
    let frames = frames.iter().map(|frame| size_of_val(frame) + frame.file.len() + frame.function.len());
    let bases = bases.iter().map(|base| size_of_val(base) + base.len());
    let operands = operands.iter().map(|operand| {
        let layout = operand.layout.as_ref().map_or(0, String::len);
        size_of_val(operand) + operand.code.len() + operand.value.len() + layout
    });
    kind.len() + message.len() + traceback.len() + frames.chain(bases).chain(operands).sum::<usize>()
}
