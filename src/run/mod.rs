//! Joins the rooms: documents in, events out. The one place that knows what is expected and how things run.

mod desk;
mod fixtures;
mod jobs;
mod lanes;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use tokio::sync::mpsc::unbounded_channel;

use crate::config::{self, ConfigError, Settings};
use crate::document::{self, Discovery, Document, NamedBy, Places};
use crate::event::{Event, Finished, Planned};
use crate::expect::{self, DiskError, Expectations, Promises, Record, Scope};
use crate::plan::{self, Memory, Selection};
use crate::policy::{SandboxMode, Tier};
use crate::report::Diagnosis;
use crate::run::desk::Desk;
use crate::run::lanes::Lanes;
use crate::sandbox;
use crate::summary::Summary;
use crate::supervisor::{self, Examination, Progress, SupervisorError};
use crate::verdict::Verdict;
use crate::wire::LaneSetup;

/// What a run is asked for, beyond the settings.
pub(crate) struct Order {
    pub(crate) selection: Selection,
    pub(crate) record: Record,
    /// Whether all documents of the project take part.
    pub(crate) scope: Scope,
}

/// What a run cannot go on without.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Supervisor(#[from] SupervisorError),
    /// The machine may have a sandbox without them, which the caller did not want.
    #[error(transparent)]
    NoNamespaces(SupervisorError),
    #[error(transparent)]
    Expectations(#[from] DiskError),
    #[error("cannot write the report")]
    Report(#[from] io::Error),
}

impl RunError {
    fn of(error: SupervisorError, mode: SandboxMode) -> Self {
        match (error, mode) {
            (error @ SupervisorError::Refused { .. }, SandboxMode::RequireA) => Self::NoNamespaces(error),
            (error, SandboxMode::Auto | SandboxMode::RequireA | SandboxMode::Off) => Self::Supervisor(error),
        }
    }
}

/// Finds the documents of the settings' paths.
pub(crate) fn discover(settings: &Settings) -> Discovery {
    let targets: Vec<PathBuf> = settings.paths.iter().map(PathBuf::from).collect();
    let places = Places {
        root: &settings.root,
        base: &settings.root,
        exclude: &settings.exclude,
        named_by: if settings.asked { NamedBy::Caller } else { NamedBy::Project },
    };
    document::discover(&targets, places)
}

/// Reads them, all at once.
pub(crate) fn load(settings: &Settings, discovery: &Discovery) -> Vec<Document> {
    document::load(&discovery.files, &reading(settings))
}

/// How documents are read.
pub(crate) fn reading(settings: &Settings) -> document::Options {
    document::Options {
        directives: settings.directives.clone(),
        python: config::built_for(),
        allowed: settings.allowed.clone(),
        markdown: match settings.markdown {
            config::Markdown::Auto => document::Markdown::Auto,
            config::Markdown::Commonmark => document::Markdown::CommonMark,
            config::Markdown::Mkdocs => document::Markdown::MkDocs,
        },
        root: settings.root.clone(),
    }
}

/// Tries the sandbox that a run would use.
pub(crate) fn examine(settings: &Settings) -> Result<Diagnosis, RunError> {
    let Lanes { options, .. } = lanes::prepare(settings, &discover(settings))?;
    let Examination { tier, layers, missing, attacks, breaches } =
        supervisor::examine(&options).map_err(|error| RunError::of(error, settings.sandbox))?;
    let LaneSetup { python, readable, .. } = options.setup;
    let readable = match tier {
        Tier::A | Tier::B => sandbox::system(tier).chain(readable).collect(),
        Tier::Off => Vec::new(),
    };
    let missing = missing.map(|reason| (reason, sandbox::remedy()));
    Ok(Diagnosis { python, tier, layers, missing, attacks, breaches, limits: options.limits, readable })
}

/// Where events go, as they happen. An error ends the run.
pub(crate) type Audience<'a> = &'a mut dyn FnMut(&Event) -> io::Result<()>;

/// Runs what is selected. The last event is told before this returns.
pub(crate) fn run(settings: &Settings, order: &Order, audience: Audience<'_>) -> Result<Summary, RunError> {
    let started = Instant::now();
    let discovery = discover(settings);
    let (jobs, arriving) = unbounded_channel();
    let (progress, news) = channel();
    // Interpreters warm up while documents are read.
    let Lanes { mut options, notes } = lanes::prepare(settings, &discovery)?;
    let cache = settings.memory.as_deref().and_then(Path::parent);
    let failed = |error| RunError::of(error, settings.sandbox);
    let wanted = if options.lanes == 0 {
        options.tiers[0]
    } else {
        supervisor::tier_that_holds(&options, cache).map_err(failed)?
    };
    options.tiers = vec![wanted];
    let supervisor = thread::spawn(move || supervisor::execute(options, arriving, progress));
    let documents = load(settings, &discovery);
    let mut memory = Memory::open(settings.memory.clone());
    let plan = plan::build(&documents, &order.selection, settings.share, &memory);
    let expectations = Expectations::open(expect::Options {
        root: &settings.root,
        snapshots: settings.snapshots,
        claims: settings.claims,
        redactions: &settings.redactions,
        record: order.record,
    })?;
    let promises = jobs::promises(&plan, settings.claims);
    let (works, unprepared) = jobs::prepare(settings, &plan, &promises);
    for job in works {
        // A supervisor that has ended says why as its last word.
        let _ = jobs.send(job);
    }
    drop(jobs);
    let early = news.recv().unwrap_or_default();
    if matches!(early[..], [Progress::Finished { result: Err(SupervisorError::Refused { .. }), .. }]) {
        supervisor::forget(cache);
    }
    let mut stage = Stage { audience, summary: Summary::default(), memory: &mut memory };
    stage.show(&Event::Planned(Planned {
        documents: documents.len(),
        snippets: plan.judged(),
        sandbox: wanted,
    }))?;
    let document_problems = documents.iter().flat_map(|document| &document.problems);
    let problems = settings.problems.iter().chain(&discovery.problems).chain(document_problems);
    for problem in problems.chain(&plan.problems).chain(&expectations.problem) {
        stage.show(&Event::Problem(problem.clone()))?;
    }
    for note in plan.notes.iter().chain(&notes) {
        stage.show(&Event::Note(note.clone()))?;
    }
    let mut desks = Desk::all(&documents, &expectations, &plan, wanted);
    for problem in unprepared {
        stage.show(&Event::Problem(problem))?;
    }
    for desk in desks.values_mut() {
        stage.show_all(&desk.begin())?;
    }
    let news = early.into_iter().chain(news.iter().flatten());
    let finished = follow(news, (&plan, &promises), &mut desks, &mut stage)?;
    if supervisor.join().is_err() {
        return Err(SupervisorError::Start(io::Error::other("the supervisor broke off")).into());
    }
    finished.result.map_err(failed)?;
    let orphans = expectations.finish(order.scope);
    stage.show_all(&desk::orphans(orphans))?;
    stage.show(&Event::Finished(Finished { wall: started.elapsed(), interrupted: finished.interrupted }))?;
    let summary = stage.summary;
    memory.save(&documents);
    Ok(summary)
}

struct End {
    interrupted: bool,
    result: Result<(), SupervisorError>,
}

/// Turns raw news into judged news until there is no more.
fn follow(
    news: impl Iterator<Item = Progress>,
    (plan, promises): (&plan::Plan<'_>, &[Vec<Promises>]),
    desks: &mut BTreeMap<&str, Desk<'_>>,
    stage: &mut Stage<'_>,
) -> Result<End, RunError> {
    for progress in news {
        match progress {
            Progress::Ready { .. } => {}
            Progress::Started { job, work } => {
                let session = &plan.sessions[job];
                let line = session.snippets[work].snippet.location.code;
                stage.show(&Event::Running { path: session.path.clone(), line })?;
            }
            Progress::Done { job, work, outcome } => {
                let session = &plan.sessions[job];
                let desk = desks.get_mut(session.path.as_str()).expect("every session has its document");
                stage.show_all(&desk.judge(&session.snippets[work], &promises[job][work], *outcome))?;
            }
            Progress::Over { job } => {
                let path = plan.sessions[job].path.as_str();
                let desk = desks.get_mut(path).expect("every session has its document");
                stage.show_all(&desk.close_session())?;
            }
            Progress::Note(note) => stage.show(&Event::Note(note))?,
            Progress::Interrupted => stage.show(&Event::Interrupted)?,
            Progress::Finished { interrupted, result } => return Ok(End { interrupted, result }),
        }
    }
    Ok(End { interrupted: true, result: Ok(()) })
}

/// Where events are shown, counted and remembered.
struct Stage<'a> {
    audience: Audience<'a>,
    summary: Summary,
    memory: &'a mut Memory,
}

impl Stage<'_> {
    fn show(&mut self, event: &Event) -> Result<(), RunError> {
        self.summary.record(event);
        if let Event::Judged(judged) = event
            && judged.verdict != Verdict::Skipped
        {
            self.memory.record(&judged.id, judged.verdict, judged.outcome.usage.wall);
        }
        Ok((self.audience)(event)?)
    }

    fn show_all(&mut self, events: &[Event]) -> Result<(), RunError> {
        events.iter().try_for_each(|event| self.show(event))
    }
}
