//! `review`: snippets run, and what waits for a decision is asked about, one thing after another.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use crate::cli::ReviewArguments;
use crate::commands::run::selection;
use crate::config::{Environment, PathsFrom, Settings};
use crate::document;
use crate::event::{Event, Judged, Unread};
use crate::expect::{self, PendingContents, PendingSnapshot, Record, Scope};
use crate::failure::Failure;
use crate::model::problem::Problem;
use crate::model::reason::Reason;
use crate::model::snippet::{DocumentPath, Line};
use crate::model::verdict::Verdict;
use crate::plan::History;
use crate::report::{self, Color, Progress, counted};
use crate::review::{self, Editor, Ending, Item, Review, Subject, Terminal};
use crate::run::{self, Repetition, RunRequest};

/// The exit code where there is no terminal: the command cannot be used like this.
const NO_TERMINAL: u8 = 2;
const INTERRUPTED: u8 = 130;

pub(super) fn review(
    words: &ReviewArguments,
    settings: &Settings,
    environment: &Environment,
) -> Result<ExitCode, Failure> {
    if !review::is_possible() {
        writeln!(
            stderr(),
            "error: `snipcheck review` asks at a terminal, and this is none\n  hint: `snipcheck pending` shows what \
             waits; `accept`, `reject` and `update --yes` take ids, lines and `-k`"
        )?;
        return Ok(ExitCode::from(NO_TERMINAL));
    }

    let mut found = look(words, settings)?;
    if found.interrupted {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let items = found.items(settings)?;
    let color = words.color.of(&stdout());
    let mut review = Review::new(items, settings.root.clone(), run::reading(settings), color);
    if review.is_empty() {
        writeln!(stdout(), "nothing waits for a review")?;
        return found.closing(0);
    }

    let interrupted = loop {
        let ending = {
            let terminal = Terminal::enter(run::is_interrupted)?;
            review.ask(&terminal)?
        };
        match ending {
            Ending::Quit => break false,
            Ending::Interrupted => break true,
            Ending::Edit(path, line) => match edited(&path, line, settings, environment) {
                Ok(false) => review.say(format!("{} was not changed", report::path(path.as_str()))),
                Ok(true) => {
                    let mut again = look(words, &only(settings, &path))?;
                    if again.interrupted {
                        break true;
                    }
                    let items = again.items(settings)?;
                    review.say(format!(
                        "{} ran again: {} there",
                        report::path(path.as_str()),
                        counted(items.len(), "question")
                    ));
                    review.replace(&path, items);
                    found.take(&path, again);
                }
                Err(words) => review.say(words),
            },
        }
    };

    writeln!(stdout(), "{}", review.tally())?;
    let closing = found.closing(review.waiting())?;
    Ok(if interrupted { ExitCode::from(INTERRUPTED) } else { closing })
}

/// Opens a document in the editor. Returns whether its text is another one afterwards.
fn edited(
    path: &DocumentPath,
    line: Line,
    settings: &Settings,
    environment: &Environment,
) -> Result<bool, String> {
    let Some(editor) = &environment.editor else {
        return Err("no editor is known: set VISUAL or EDITOR".to_owned());
    };
    let file = settings.root.join(path.as_str());
    let text =
        || document::present(&file).ok_or_else(|| format!("cannot read {}", report::path(path.as_str())));
    let before = text()?;
    Editor(editor.clone()).open(&file, line).map_err(|error| format!("the editor did not start: {error}"))?;
    Ok(text()? != before)
}

/// The settings of a run of one document, all of it: what the caller has named by its line stands elsewhere now.
fn only(settings: &Settings, path: &DocumentPath) -> Settings {
    let mut settings = settings.clone();
    settings.paths = vec![path.0.clone()];
    settings.places.clear();
    settings.paths_from = PathsFrom::Caller;
    settings
}

/// What a run has found.
#[derive(Default)]
struct Findings {
    /// Snippets with something to decide.
    judged: Vec<Judged>,
    fences: Vec<(DocumentPath, Line, String)>,
    /// Documents with snippets that fail for reasons that no decision removes.
    failing: BTreeMap<DocumentPath, usize>,
    problems: Vec<Problem>,
    interrupted: bool,
}

/// Runs what is chosen.
fn look(words: &ReviewArguments, settings: &Settings) -> Result<Findings, Failure> {
    let request = RunRequest {
        selection: selection(settings, &words.choice.patterns, History::Ignored),
        record: Record::Pending,
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
    found.interrupted = summary.interrupted;
    Ok(found)
}

impl Findings {
    fn record(&mut self, event: &Event) {
        match event {
            Event::Judged(judged) => {
                let waits = judged.everywhere().any(|part| part.difference.is_some())
                    || judged.worst_claims().iter().any(|claim| claim.is_false());
                if waits {
                    self.judged.push((**judged).clone());
                } else if judged.verdict == Verdict::Failed {
                    *self.failing.entry(judged.path.clone()).or_default() += 1;
                }
            }
            Event::Unread { unread: Unread::Suspicious, path, line, reason } => {
                self.fences.push((path.clone(), *line, reason.clone()));
            }
            Event::Problem(problem) => self.problems.push(problem.clone()),
            Event::Note(_)
            | Event::Planned(_)
            | Event::Running { .. }
            | Event::Accepted { .. }
            | Event::Orphaned { .. }
            | Event::Unread { unread: Unread::NotRunnable, .. }
            | Event::DocumentBegins { .. }
            | Event::DocumentOver { .. }
            | Event::Interrupted
            | Event::Finished(_) => {}
        }
    }

    /// A question for everything that waits, in the order of the documents and their lines.
    fn items(&mut self, settings: &Settings) -> Result<Vec<Item>, Failure> {
        let waiting = expect::pending(&settings.root)?;
        let waiting: BTreeMap<&str, &PendingSnapshot> =
            waiting.iter().map(|pending| (pending.file.as_str(), pending)).collect();

        let mut items = Vec::new();
        for judged in &self.judged {
            let before = items.len();
            items.extend(claims(judged));
            // An output that nobody may accept, an exception or one that the document contradicts, waits nowhere.
            for contents in judged.everywhere().filter_map(|part| snapshot(part, &waiting, settings)) {
                match contents {
                    Ok(item) => items.push(item),
                    Err(problem) => self.problems.push(problem),
                }
            }
            if items.len() == before && judged.verdict == Verdict::Failed {
                *self.failing.entry(judged.path.clone()).or_default() += 1;
            }
        }
        for (path, line, reason) in &self.fences {
            let bytes = document::present(&settings.root.join(path.as_str())).unwrap_or_default();
            let source = String::from_utf8(bytes).unwrap_or_default();
            items.push(Item {
                id: None,
                path: path.clone(),
                line: *line,
                source: source.into(),
                subject: Subject::Fence { reason: reason.clone() },
                decision: None,
            });
        }
        items.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
        Ok(items)
    }

    /// What another run of one document has found takes the place of what was known of it.
    fn take(&mut self, path: &DocumentPath, other: Self) {
        self.failing.remove(path);
        self.failing.extend(other.failing);
        self.problems.retain(|problem| problem.path != path.0);
        self.problems.extend(other.problems);
    }

    /// Says what no decision removes, and gives the exit code.
    fn closing(&self, waiting: usize) -> Result<ExitCode, Failure> {
        let problems: Vec<&Problem> = self.problems.iter().collect();
        report::problems(&problems, Color::for_stream(&stderr()), &mut stderr())?;

        let failing: usize = self.failing.values().sum();
        if failing > 0 {
            let snippets = counted(failing, "snippet");
            writeln!(stderr(), "failed for other reasons: {snippets}; `snipcheck run` says more")?;
        }
        let is_done = waiting + failing + problems.len() == 0;
        Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The output that waits to be the snapshot of a snippet.
fn snapshot(
    judged: &Judged,
    waiting: &BTreeMap<&str, &PendingSnapshot>,
    settings: &Settings,
) -> Option<Result<Item, Problem>> {
    let contents = waiting_output(judged, waiting, settings)?;
    Some(contents.map(|contents| item(judged, judged.location.code, Subject::Snapshot(Box::new(contents)))))
}

/// What waits for a decision about this snippet, among all that waits by the names of its files.
pub(super) fn waiting_output(
    judged: &Judged,
    waiting: &BTreeMap<&str, &PendingSnapshot>,
    settings: &Settings,
) -> Option<Result<PendingContents, Problem>> {
    let difference = judged.difference.as_ref()?;
    let pending = waiting.get(format!("{}.new", difference.snapshot).as_str())?;
    let earlier = judged.reasons.iter().find_map(|reason| {
        if let Reason::EarlierName { file } = reason { Some(file.as_str()) } else { None }
    });
    Some(PendingContents::read(&settings.root, pending, earlier))
}

/// The false words of the document about a snippet; what one correction cures is one question. One that would be false in
/// another Python of the run is not offered.
fn claims(judged: &Judged) -> Vec<Item> {
    let corrections = judged.corrections();
    let mut corrected = BTreeSet::new();
    let mut items = Vec::new();
    for claim in judged.worst_claims().into_iter().filter(|claim| claim.is_false()) {
        let correction = claim.correction.clone().filter(|correction| corrections.contains(&correction));
        if let Some(correction) = &correction
            && !corrected.insert((correction.first, correction.count, correction.lines.clone()))
        {
            continue;
        }
        let subject = Subject::Claim {
            said: claim.text.clone(),
            actual: claim.actual.clone().unwrap_or_default(),
            correction,
        };
        items.push(item(judged, claim.line, subject));
    }
    items
}

fn item(judged: &Judged, line: Line, subject: Subject) -> Item {
    Item {
        id: Some(judged.id.clone()),
        path: judged.path.clone(),
        line,
        source: judged.source.clone(),
        subject,
        decision: None,
    }
}
