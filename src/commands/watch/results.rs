//! What the last runs have told of each document, to be told again beside what a new one has to tell.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::event::{Event, Finished, Judged, Planned};
use crate::model::snippet::DocumentPath;
use crate::model::verdict::Verdict;
use crate::summary::Summary;

/// The news of one run.
#[derive(Debug, Default)]
pub(super) struct RunNews {
    planned: Option<Planned>,
    finished: Option<Finished>,
    events: Vec<Event>,
}

impl RunNews {
    pub(super) fn record(&mut self, event: &Event) {
        match event {
            Event::Planned(planned) => self.planned = Some(planned.clone()),
            Event::Finished(finished) => self.finished = Some(*finished),
            Event::Running { .. } | Event::Interrupted => {}
            Event::Problem(_)
            | Event::DocumentBegins { .. }
            | Event::Judged(_)
            | Event::Accepted { .. }
            | Event::Orphaned { .. }
            | Event::Unread { .. }
            | Event::DocumentOver { .. }
            | Event::Note(_) => self.events.push(event.clone()),
        }
    }
}

/// Which documents a run was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    All,
    Some,
}

/// What is known of all documents.
#[derive(Debug, Default)]
pub(super) struct Results {
    documents: BTreeMap<DocumentPath, Vec<Event>>,
    /// Problems and notes of no document, and snapshots of none.
    elsewhere: Vec<Event>,
    planned: Option<Planned>,
    finished: Option<Finished>,
}

impl Results {
    /// What a run has told takes the place of what was known of its documents.
    pub(super) fn take(&mut self, news: RunNews, ran: &BTreeSet<DocumentPath>, reach: Reach) {
        match reach {
            Reach::All => *self = Self::default(),
            Reach::Some => {}
        }
        for path in ran {
            self.documents.insert(path.clone(), Vec::new());
        }
        for event in news.events {
            let of_document = place(&event).and_then(|path| self.documents.get_mut(&path));
            if let Some(events) = of_document {
                events.push(event);
            } else if !self.is_told(&event) {
                self.elsewhere.push(event);
            }
        }
        (self.planned, self.finished) = (news.planned, news.finished);
    }

    /// Problems of the settings and the like are found by every run.
    fn is_told(&self, event: &Event) -> bool {
        self.elsewhere.iter().any(|known| match (event, known) {
            (Event::Problem(problem), Event::Problem(known)) => problem == known,
            (Event::Note(note), Event::Note(known)) => note == known,
            (_, _) => false,
        })
    }

    /// Forgets documents that are there no longer. Returns how many.
    pub(super) fn keep(&mut self, there: &BTreeSet<DocumentPath>) -> usize {
        let before = self.documents.len();
        self.documents.retain(|path, _| there.contains(path));
        before - self.documents.len()
    }

    pub(super) fn knows(&self, path: &DocumentPath) -> bool {
        self.documents.contains_key(path)
    }

    /// Documents with something that fails.
    pub(super) fn failing(&self) -> BTreeSet<DocumentPath> {
        let fails = |event: &Event| {
            matches!(event, Event::Judged(judged) if judged.verdict == Verdict::Failed)
                || matches!(event, Event::Problem(_))
        };
        let failing = self.documents.iter().filter(|(_, events)| events.iter().any(fails));
        failing.map(|(path, _)| path.clone()).collect()
    }

    /// All snippets, in the order of documents and lines.
    pub(super) fn judged(&self) -> impl Iterator<Item = &Judged> {
        let events = self.documents.values().flatten();
        events.filter_map(|event| if let Event::Judged(judged) = event { Some(&**judged) } else { None })
    }

    /// Tells of all documents as one run would that had run them all.
    pub(super) fn replay(&self, tell: &mut dyn FnMut(&Event) -> io::Result<()>) -> io::Result<Summary> {
        let mut summary = Summary::default();
        let planned = self.planned.clone().map(|planned| {
            let snippets = self.judged().filter(|judged| judged.ran()).count().max(planned.snippets);
            Event::Planned(Planned { documents: self.documents.len(), snippets, ..planned })
        });
        let finished = self.finished.map(Event::Finished);
        let all =
            planned.iter().chain(&self.elsewhere).chain(self.documents.values().flatten()).chain(&finished);
        for event in all {
            summary.record(event);
            tell(event)?;
        }
        Ok(summary)
    }
}

/// The document that an event is about.
fn place(event: &Event) -> Option<DocumentPath> {
    match event {
        Event::Problem(problem) => Some(DocumentPath(problem.path.clone())),
        Event::Judged(judged) => Some(judged.path.clone()),
        Event::Running { path, .. }
        | Event::DocumentBegins { path, .. }
        | Event::Unread { path, .. }
        | Event::DocumentOver { path } => Some(path.clone()),
        Event::Planned(_)
        | Event::Accepted { .. }
        | Event::Orphaned { .. }
        | Event::Interrupted
        | Event::Note(_)
        | Event::Finished(_) => None,
    }
}
