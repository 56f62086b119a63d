//! `update`: snippets run, and what really came out is written into their documents.

use std::collections::BTreeMap;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::UpdateArguments;
use crate::commands::question::{self, Permission};
use crate::commands::run::selection;
use crate::config::Settings;
use crate::event::{Event, Judged};
use crate::expect::{Record, Scope};
use crate::failure::Failure;
use crate::model::claim::Correction;
use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;
use crate::model::verdict::Verdict;
use crate::plan::History;
use crate::report::{self, Color, Progress, Rewrite, counted};
use crate::run::{self, Repetition, RunRequest};
use crate::summary::{Strictness, Summary};
use crate::update::{self, Draft};

pub(super) fn update(words: &UpdateArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let request = RunRequest {
        selection: selection(settings, &words.choice.patterns, History::Ignored),
        record: Record::Never,
        scope: Scope::Part,
        repetition: Repetition::ONCE,
        max_fail: None,
    };

    let mut found = Findings::default();
    let mut progress = Progress::on_terminal();
    let summary = run::run(settings, &request, &mut |event| {
        progress.record(event);
        found.record(event);
        if matches!(event, Event::Interrupted) {
            progress.aside(|| writeln!(stderr(), "{}", report::INTERRUPTED))?;
        }
        Ok(())
    })?;
    drop(progress);

    for note in &found.notes {
        writeln!(stderr(), "note: {}", report::harmless(note))?;
    }
    if summary.interrupted {
        writeln!(stderr(), "interrupted: nothing was written")?;
        return Ok(ExitCode::from(summary.exit_code(Strictness::Lenient)));
    }

    let consent = match (words.yes, question::can_be_asked()) {
        (true, _) => Consent::Given,
        (false, true) => Consent::Asked,
        (false, false) => Consent::Missing,
    };
    let drafts = found.drafts(settings);
    let left = written(drafts, consent, words.color.of(&stdout()), &mut found)?;
    found.closing(left, consent)?;

    Ok(ExitCode::from(found.exit_code(left, &summary)))
}

/// Whether documents may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consent {
    Given,
    /// Each document needs an answer at the terminal.
    Asked,
    /// There is neither `--yes` nor a terminal.
    Missing,
}

/// What a run has found: documents to correct, and what no correction cures.
#[derive(Default)]
pub(super) struct Findings {
    documents: BTreeMap<DocumentPath, Rewriting>,
    /// Snippets that fail for reasons that no correction of a document removes.
    failing: usize,
    pub(super) problems: Vec<Problem>,
    notes: Vec<String>,
}

/// A document to correct.
struct Rewriting {
    /// The document's text when its snippets ran.
    source: Arc<str>,
    corrections: Vec<Correction>,
}

impl Findings {
    fn record(&mut self, event: &Event) {
        match event {
            Event::Judged(judged) => self.judged(judged),
            Event::Problem(problem) => self.problems.push(problem.clone()),
            Event::Note(note) => self.notes.push(note.clone()),
            Event::Planned(_)
            | Event::Running { .. }
            | Event::Accepted { .. }
            | Event::Orphaned { .. }
            | Event::Unread { .. }
            | Event::DocumentBegins { .. }
            | Event::DocumentOver { .. }
            | Event::Interrupted
            | Event::Finished(_) => {}
        }
    }

    pub(super) fn judged(&mut self, judged: &Judged) {
        if judged.verdict == Verdict::Failed && !judged.correctable {
            self.failing += 1;
        }

        let corrections: Vec<Correction> = judged.corrections().into_iter().cloned().collect();
        if !corrections.is_empty() {
            let wanted = self
                .documents
                .entry(judged.path.clone())
                .or_insert_with(|| Rewriting { source: Arc::clone(&judged.source), corrections: Vec::new() });
            wanted.corrections.extend(corrections);
        }
    }

    /// A draft for each document that can be corrected, and a problem for each that cannot.
    pub(super) fn drafts(&mut self, settings: &Settings) -> Vec<Draft> {
        let options = &run::reading(settings);
        let mut drafts = Vec::new();

        for (path, wanted) in &self.documents {
            let Rewriting { source, corrections } = wanted;
            let order = update::DraftOrder { root: &settings.root, path, source, options, corrections };
            match Draft::new(order) {
                Ok(draft) => {
                    self.problems.extend_from_slice(draft.refused());
                    drafts.extend(Some(draft).filter(|draft| !draft.hunks().is_empty()));
                }
                // Reading the document before the run may have met the same problem.
                Err(problem) if self.problems.contains(&problem) => {}
                Err(problem) => self.problems.push(problem),
            }
        }

        drafts
    }

    /// Says what is left to do.
    fn closing(&self, left: usize, consent: Consent) -> Result<(), Failure> {
        if self.documents.is_empty() {
            writeln!(stdout(), "nothing to update")?;
        }

        let problems: Vec<&Problem> = self.problems.iter().collect();
        report::problems(&problems, Color::for_stream(&stderr()), &mut stderr())?;
        if self.failing > 0 {
            let snippets = counted(self.failing, "snippet");
            writeln!(stderr(), "failed for other reasons: {snippets}; `snipcheck run` says more")?;
        }

        if left > 0 && consent == Consent::Missing {
            let documents = counted(left, "document");
            writeln!(stderr(), "nothing was written: `snipcheck update --yes` would update {documents}")?;
        }
        Ok(())
    }

    fn exit_code(&self, left: usize, summary: &Summary) -> u8 {
        if left + self.failing + self.problems.len() > 0 {
            1
        } else if summary.failed > 0 {
            // Every snippet that failed has its correction written.
            0
        } else {
            summary.exit_code(Strictness::Lenient)
        }
    }
}

/// Shows each draft and writes those that there is consent for. Returns how many documents stay as they were.
fn written(
    drafts: Vec<Draft>,
    mut consent: Consent,
    color: Color,
    found: &mut Findings,
) -> Result<usize, Failure> {
    let mut left = drafts.len();
    for draft in drafts {
        for hunk in draft.hunks() {
            let (path, line) = (draft.path().as_str(), hunk.line);
            report::rewrite(&Rewrite { path, line, old: &hunk.old, new: &hunk.new }, color, &mut stdout())?;
        }

        match consent {
            Consent::Given => {}
            Consent::Missing => continue,
            Consent::Asked => match question::ask(draft.path())? {
                Permission::Yes => {}
                Permission::No => continue,
                Permission::All => consent = Consent::Given,
                Permission::Quit => return Ok(left),
            },
        }

        match draft.write() {
            Ok(()) => {
                left -= 1;
                let path = report::path(draft.path().as_str());
                writeln!(stdout(), "updated {path}: {}", counted(draft.lines(), "line"))?;
            }
            Err(problem) => found.problems.push(problem),
        }
    }

    Ok(left)
}
