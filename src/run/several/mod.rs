//! A run in several Pythons, one after the other, and one stream of events for all of them.

mod groups;
mod merged_events;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::config::Settings;
use crate::event::{Event, Finished};
use crate::model::python::RunningPython;
use crate::model::snippet::{Snippet, SnippetId};
use crate::plan::Memory;
use crate::run::environment;
use crate::run::error::RunError;
use crate::run::event_sink::{Audience, EventSink};
use crate::run::one_python::{RunRequest, discover, load, run_in_one};
use crate::run::repetition::Conditions;
use crate::run::several::groups::Comparison;
use crate::run::several::merged_events::MergedEvents;
use crate::summary::Summary;

/// Runs what is selected in each Python. Lanes of one are gone before those of the next one start, so that there are never
/// more of them than `jobs`. What happened to a snippet is told once, when its last Python has told it.
pub(super) fn run(
    each: &[Settings],
    request: &RunRequest,
    audience: Audience<'_>,
) -> Result<Summary, RunError> {
    let began = Instant::now();
    let pythons: Vec<RunningPython> = each.iter().map(environment::running).collect::<Result<_, _>>()?;
    let mut memory = each.first().map_or_else(Memory::default, |first| Memory::open(first.memory.clone()));
    let comparison = Comparison { snippets: compared(each, request.repetition.conditions) };
    let mut merged = MergedEvents::new(EventSink::new(audience, &mut memory), pythons, comparison);

    let mut documents = Vec::new();
    let mut interrupted = false;
    for (number, settings) in each.iter().enumerate() {
        let left = settings.run_timeout.map(|most| most.saturating_sub(began.elapsed()));
        let mut settings = settings.clone();
        settings.run_timeout = left;
        let settled = merged.settled();

        let ended = match run_in_one(&settings, request, settled, &mut |event| merged.take(event, number)) {
            Ok(ended) => ended,
            // What earlier Pythons have found is told all the same.
            Err(error) => {
                merged.close()?;
                let finished = Finished { wall: began.elapsed(), interrupted: false };
                merged.into_sink().show(&Event::Finished(finished))?;
                memory.save(&documents);
                return Err(error);
            }
        };
        documents = ended.documents;
        interrupted = ended.summary.interrupted;
        if interrupted {
            break;
        }
    }

    merged.close()?;
    let mut sink = merged.into_sink();
    sink.show(&Event::Finished(Finished { wall: began.elapsed(), interrupted }))?;
    let summary = sink.into_summary();
    memory.save(&documents);
    Ok(summary)
}

/// The snippets whose output is compared between Pythons: all of them where differences are wanted.
fn compared(each: &[Settings], conditions: Conditions) -> BTreeMap<SnippetId, Snippet> {
    let (Some(first), Conditions::Varied) = (each.first(), conditions) else { return BTreeMap::new() };
    let mut snippets = BTreeMap::new();
    for document in load(first, &discover(first)) {
        let blocks = document.blocks.iter().filter(|block| block.is_python());
        snippets.extend(blocks.map(|block| (block.id.clone(), block.snippet(&document.path))));
    }
    snippets
}
