//! Where events are shown, counted and remembered.

use std::io;

use crate::event::Event;
use crate::model::verdict::Verdict;
use crate::plan::Memory;
use crate::run::error::RunError;
use crate::run::max_fail::MaxFail;
use crate::summary::Summary;

/// Where events go, as they happen. An error ends the run.
pub(crate) type Audience<'a> = &'a mut dyn FnMut(&Event) -> io::Result<()>;

pub(super) struct EventSink<'a> {
    audience: Audience<'a>,
    summary: Summary,
    memory: &'a mut Memory,
    max_fail: Option<MaxFail>,
}

impl<'a> EventSink<'a> {
    pub(super) fn new(audience: Audience<'a>, memory: &'a mut Memory) -> Self {
        Self { audience, summary: Summary::default(), memory, max_fail: None }
    }

    /// The failures that it counts may end the run.
    pub(super) fn ending_at(self, max_fail: Option<MaxFail>) -> Self {
        Self { max_fail, ..self }
    }

    pub(super) fn show(&mut self, event: &Event) -> Result<(), RunError> {
        Ok(self.pass(event)?)
    }

    /// As [`EventSink::show`], for an audience of another run.
    pub(super) fn pass(&mut self, event: &Event) -> io::Result<()> {
        self.summary.record(event);
        if let Some(max_fail) = &self.max_fail {
            max_fail.look(&self.summary);
        }
        if let Event::Judged(judged) = event
            && judged.verdict != Verdict::Skipped
        {
            self.memory.record(&judged.id, judged.verdict, judged.outcome.usage.wall);
        }
        (self.audience)(event)
    }

    pub(super) fn show_all(&mut self, events: impl IntoIterator<Item = Event>) -> Result<(), RunError> {
        events.into_iter().try_for_each(|event| self.show(&event))
    }

    /// The counts of all events that were shown.
    pub(super) fn into_summary(self) -> Summary {
        self.summary
    }
}
