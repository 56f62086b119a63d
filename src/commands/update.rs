//! `update`: snippets run, and what really came out is written into their documents.

use std::collections::BTreeMap;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::Update;
use crate::commands::question::{self, Answer};
use crate::commands::run::selection;
use crate::config::Settings;
use crate::event::{Event, Judged};
use crate::expect::{Record, Scope};
use crate::failure::Failure;
use crate::model::claim::{Claim, ClaimVerdict, Correction};
use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;
use crate::model::verdict::Verdict;
use crate::plan::History;
use crate::report::{self, Color, Progress, Rewrite, counted};
use crate::run::{self, Order, Repetition};
use crate::summary::{Strictness, Summary};
use crate::update::{self, Draft};

pub(super) fn update(words: &Update, settings: &Settings) -> Result<ExitCode, Failure> {
    let order = Order {
        selection: selection(settings, &words.choice.patterns, History::Ignored),
        record: Record::Never,
        scope: Scope::Part,
        repetition: Repetition::ONCE,
    };
    let mut found = Found::default();
    let mut progress = Progress::on_terminal();
    let summary = run::run(settings, &order, &mut |event| {
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consent {
    Given,
    Asked,
    /// Nobody is there to give it.
    Missing,
}

/// What a run leaves to do.
#[derive(Default)]
struct Found {
    documents: BTreeMap<DocumentPath, Wanted>,
    /// Snippets that fail whatever becomes of the documents.
    failing: usize,
    problems: Vec<Problem>,
    notes: Vec<String>,
}

/// What a document is to say.
struct Wanted {
    /// Its text when its snippets ran.
    source: Arc<str>,
    corrections: Vec<Correction>,
}

impl Found {
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

    fn judged(&mut self, judged: &Judged) {
        if judged.verdict == Verdict::Failed && !judged.correctable {
            self.failing += 1;
        }
        let broken = |claim: &&Claim| claim.verdict == ClaimVerdict::Broken && !claim.accepted;
        let corrections = judged.claims.iter().filter(broken).filter_map(|claim| claim.correction.clone());
        let corrections: Vec<Correction> = corrections.collect();
        if !corrections.is_empty() {
            let wanted = self
                .documents
                .entry(judged.path.clone())
                .or_insert_with(|| Wanted { source: Arc::clone(&judged.source), corrections: Vec::new() });
            wanted.corrections.extend(corrections);
        }
    }

    /// One for each document that can be corrected. Why others cannot be is a problem.
    fn drafts(&mut self, settings: &Settings) -> Vec<Draft> {
        let options = &run::reading(settings);
        let mut drafts = Vec::new();
        for (path, wanted) in &self.documents {
            let Wanted { source, corrections } = wanted;
            let order = update::Order { root: &settings.root, path, source, options, corrections };
            match Draft::new(order) {
                Ok(draft) => {
                    self.problems.extend_from_slice(draft.refused());
                    drafts.extend(Some(draft).filter(|draft| !draft.hunks().is_empty()));
                }
                // Reading it before the run may have met the same.
                Err(problem) if self.problems.contains(&problem) => {}
                Err(problem) => self.problems.push(problem),
            }
        }
        drafts
    }

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
            // All that failed has been corrected.
            0
        } else {
            summary.exit_code(Strictness::Lenient)
        }
    }
}

/// Shows each draft and writes those that there is consent for. How many are left as they were.
fn written(
    drafts: Vec<Draft>,
    mut consent: Consent,
    color: Color,
    found: &mut Found,
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
                Answer::Yes => {}
                Answer::No => continue,
                Answer::All => consent = Consent::Given,
                Answer::Quit => return Ok(left),
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
