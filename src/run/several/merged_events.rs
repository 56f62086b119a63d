//! The events of several runs as those of one: what all of them say is said once, and a snippet waits for its last Python.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::event::{Acceptance, Event, Judged, Planned};
use crate::model::problem::Problem;
use crate::model::python::RunningPython;
use crate::model::snippet::{DocumentPath, Line, SnippetId};
use crate::model::verdict::Verdict;
use crate::run::event_sink::EventSink;
use crate::run::several::groups::{Comparison, Groups, Room};

/// Of a document: the snippets by their first lines.
type Held = BTreeMap<(Line, SnippetId), Groups>;

pub(super) struct MergedEvents<'a> {
    sink: EventSink<'a>,
    pythons: Vec<RunningPython>,
    comparison: Comparison,
    /// What waits for further Pythons, by document.
    held: BTreeMap<DocumentPath, Held>,
    room: Room,
    /// The lines of each document's snippets, and whether they have been told.
    begun: BTreeMap<DocumentPath, Vec<Line>>,
    told: BTreeSet<DocumentPath>,
    /// What has been said already.
    said: Said,
    settled: BTreeSet<SnippetId>,
}

#[derive(Default)]
struct Said {
    problems: BTreeSet<Problem>,
    notes: BTreeSet<String>,
    orphaned: BTreeSet<String>,
    unread: BTreeSet<(DocumentPath, Line)>,
    accepted: BTreeSet<(SnippetId, bool)>,
    interrupted: bool,
}

impl<'a> MergedEvents<'a> {
    pub(super) fn new(sink: EventSink<'a>, pythons: Vec<RunningPython>, comparison: Comparison) -> Self {
        Self {
            sink,
            pythons,
            comparison,
            held: BTreeMap::new(),
            room: Room::default(),
            begun: BTreeMap::new(),
            told: BTreeSet::new(),
            said: Said::default(),
            settled: BTreeSet::new(),
        }
    }

    /// Snippets whose common snapshot belongs to a Python that has run.
    pub(super) fn settled(&self) -> BTreeSet<SnippetId> {
        self.settled.clone()
    }

    /// An event of the run in this Python, counted from 0.
    pub(super) fn take(&mut self, event: &Event, number: usize) -> io::Result<()> {
        let is_last = number + 1 == self.pythons.len();
        match event {
            Event::Planned(planned) if number == 0 => {
                let pythons = self.pythons.clone();
                self.sink.pass(&Event::Planned(Planned { pythons, ..planned.clone() }))
            }
            Event::Judged(judged) => self.judged(judged, is_last),
            Event::DocumentBegins { path, lines } => {
                self.begun.insert(path.clone(), lines.clone());
                if is_last { self.begin(path) } else { Ok(()) }
            }
            Event::DocumentOver { path } if is_last => self.finish(path),
            Event::Planned(_) | Event::DocumentOver { .. } | Event::Finished(_) => Ok(()),
            Event::Running { .. }
            | Event::Problem(_)
            | Event::Accepted { .. }
            | Event::Orphaned { .. }
            | Event::Unread { .. }
            | Event::Interrupted
            | Event::Note(_) => {
                if self.is_new(event) {
                    self.sink.pass(event)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Tells what still waits: no other Python will run.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let waiting: Vec<DocumentPath> = self.begun.keys().cloned().collect();
        waiting.iter().try_for_each(|path| self.finish(path))
    }

    pub(super) fn into_sink(self) -> EventSink<'a> {
        self.sink
    }

    fn is_new(&mut self, event: &Event) -> bool {
        let said = &mut self.said;
        match event {
            Event::Problem(problem) => said.problems.insert(problem.clone()),
            Event::Note(note) => said.notes.insert(note.clone()),
            Event::Orphaned { snapshot } => said.orphaned.insert(snapshot.clone()),
            Event::Unread { path, line, .. } => said.unread.insert((path.clone(), *line)),
            Event::Accepted { id, acceptance } => {
                let moved = *acceptance == Acceptance::Moved;
                said.accepted.insert((id.clone(), moved))
            }
            Event::Interrupted => !std::mem::replace(&mut said.interrupted, true),
            Event::Running { .. }
            | Event::Planned(_)
            | Event::DocumentBegins { .. }
            | Event::DocumentOver { .. }
            | Event::Judged(_)
            | Event::Finished(_) => true,
        }
    }

    fn judged(&mut self, judged: &Judged, is_last: bool) -> io::Result<()> {
        let has_output = match judged.verdict {
            Verdict::Passed | Verdict::Unreviewed => judged.ran(),
            Verdict::Failed => judged.difference.is_some(),
            Verdict::Skipped => false,
        };
        if has_output {
            self.settled.insert(judged.id.clone());
        }

        let held = self.held.entry(judged.path.clone()).or_default();
        let key = (judged.location.code, judged.id.clone());
        let groups = held.entry(key.clone()).or_default();
        groups.add(judged.clone(), &self.comparison, &mut self.room);
        if !is_last {
            return Ok(());
        }
        let groups = held.remove(&key);
        self.tell(groups)
    }

    fn tell(&mut self, groups: Option<Groups>) -> io::Result<()> {
        match groups.and_then(|groups| groups.merged(&mut self.room)) {
            Some(merged) => self.sink.pass(&Event::Judged(Box::new(merged))),
            None => Ok(()),
        }
    }

    fn begin(&mut self, path: &DocumentPath) -> io::Result<()> {
        if !self.told.insert(path.clone()) {
            return Ok(());
        }
        let lines = self.begun.get(path).cloned().unwrap_or_default();
        self.sink.pass(&Event::DocumentBegins { path: path.clone(), lines })
    }

    /// Ends a document, with what waited in vain for its last Python.
    fn finish(&mut self, path: &DocumentPath) -> io::Result<()> {
        self.begin(path)?;
        for groups in self.held.remove(path).unwrap_or_default().into_values() {
            self.tell(Some(groups))?;
        }
        self.begun.remove(path);
        self.sink.pass(&Event::DocumentOver { path: path.clone() })
    }
}
