//! Joins the rooms: documents in, events out. The one place that knows what is expected and how things run.

mod again;
mod desk;
mod fixtures;
mod hearing;
mod hidden;
mod jobs;
mod lanes;
mod measured;
#[cfg(test)]
mod properties;
mod repeats;
mod repetition;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::config::{self, ConfigError, PathsFrom, Settings};
use crate::document::{self, Discovery, Document, NamedBy, Places};
use crate::event::{Event, Finished, Planned};
use crate::expect::{Record, Scope, SnapshotFilesError, SnapshotStore, StoreOptions};
use crate::model::policy::{Chance, Network, SandboxMode, Tier};
use crate::model::verdict::Verdict;
use crate::plan::{self, Memory, Selection};
use crate::report::Diagnosis;
use crate::run::again::Waiting;
use crate::run::desk::Desk;
use crate::run::hearing::{End, Hearing};
pub(crate) use crate::run::hidden::HiddenError;
use crate::run::lanes::Lanes;
use crate::run::measured::Measured;
use crate::run::repeats::Repeats;
pub(crate) use crate::run::repetition::{Conditions, Repetition};
use crate::sandbox;
use crate::summary::Summary;
use crate::supervisor::{self, Examination, Job, Options, Progress, SupervisorError};
use crate::wire::LaneSetup;

/// What a run is asked for, beyond the settings.
pub(crate) struct Order {
    pub(crate) selection: Selection,
    pub(crate) record: Record,
    /// Whether all documents of the project take part.
    pub(crate) scope: Scope,
    pub(crate) repetition: Repetition,
}

/// What a run cannot go on without.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Hidden(#[from] HiddenError),
    #[error(transparent)]
    Supervisor(#[from] SupervisorError),
    /// The machine may have a sandbox without them, which the caller did not want.
    #[error(transparent)]
    NoNamespaces(SupervisorError),
    #[error(transparent)]
    Snapshots(#[from] SnapshotFilesError),
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
        named_by: match settings.paths_from {
            PathsFrom::Caller => NamedBy::Caller,
            PathsFrom::Settings => NamedBy::Project,
            PathsFrom::Defaults => NamedBy::Nobody,
        },
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
        markdown: settings.markdown,
        root: settings.root.clone(),
    }
}

/// Tries the sandbox that a run would use.
pub(crate) fn examine(settings: &Settings) -> Result<Diagnosis, RunError> {
    let Lanes { options, .. } = lanes::prepare(settings, &discover(settings), 1)?;
    let Examination { tier, layers, missing, attacks, breaches } =
        supervisor::examine(&options).map_err(|error| RunError::of(error, settings.sandbox))?;
    let LaneSetup { python, readable, .. } = options.setup;
    let readable = match tier {
        Tier::A | Tier::B => sandbox::system(tier).chain(readable).collect(),
        Tier::Off => Vec::new(),
    };
    let missing = missing.map(|reason| (reason, sandbox::remedy()));
    Ok(Diagnosis { python, tier, layers, missing, attacks, breaches, limits: options.setup.limits, readable })
}

/// Where events go, as they happen. An error ends the run.
pub(crate) type Audience<'a> = &'a mut dyn FnMut(&Event) -> io::Result<()>;

/// Runs what is selected. The last event is told before this returns.
pub(crate) fn run(settings: &Settings, order: &Order, audience: Audience<'_>) -> Result<Summary, RunError> {
    let started = Instant::now();
    let discovery = discover(settings);
    // Interpreters warm up while documents are read.
    let Lanes { mut options, chance, notes } = lanes::prepare(settings, &discovery, order.repetition.times)?;
    let cache = settings.memory.as_deref().and_then(Path::parent);
    let failed = |error| RunError::of(error, settings.sandbox);
    let wanted = if options.lanes == 0 {
        options.tiers[0]
    } else {
        supervisor::tier_that_holds(&options, cache).map_err(failed)?
    };
    options.tiers = vec![wanted];
    let looks = order.repetition.looks(chance);
    options.launches = looks.iter().map(|(_, chance)| chance.launch).collect();
    let mut supervision = Supervision::start(options.clone())?;
    let documents = load(settings, &discovery);
    let mut memory = Memory::open(settings.memory.clone());
    let plan = plan::build(&documents, &order.selection, settings.share, &memory);
    let store = SnapshotStore::open(StoreOptions {
        root: &settings.root,
        snapshots: settings.snapshots,
        claims: settings.claims,
        redactions: &settings.redactions,
        record: order.record,
    })?;
    let expectations = jobs::expectations(&plan, settings.claims);
    let parts = jobs::whole(&plan, &looks);
    let (jobs, unprepared) = jobs::prepare(settings, (&plan, &expectations), &parts);
    supervision.feed(jobs);
    let early = supervision.news.recv().unwrap_or_default();
    if matches!(early[..], [Progress::Finished { result: Err(SupervisorError::Refused { .. }), .. }]) {
        supervisor::forget(cache);
    }
    let mut stage = Stage { audience, summary: Summary::default(), memory: &mut memory };
    stage.show(&Event::Planned(Planned {
        documents: if order.selection.narrows() { plan.documents(documents.len()) } else { documents.len() },
        snippets: plan.judged(),
        sandbox: wanted,
    }))?;
    let document_problems = documents.iter().flat_map(|document| &document.problems);
    let problems = settings.problems.iter().chain(&discovery.problems).chain(document_problems);
    for problem in problems.chain(&plan.problems).chain(&store.problem) {
        stage.show(&Event::Problem(problem.clone()))?;
    }
    for note in plan.notes.iter().chain(&notes) {
        stage.show(&Event::Note(note.clone()))?;
    }
    let mut desks = Desk::all(&documents, &store, &plan, (wanted, order.repetition.conditions));
    for problem in unprepared {
        stage.show(&Event::Problem(problem))?;
    }
    for desk in desks.values_mut() {
        stage.show_all(&desk.begin())?;
    }
    let news = early.into_iter().chain(supervision.news.iter().flatten());
    let waiting = Waiting::with_room(if contained(&options) { again::ROOM } else { 0 });
    let repeats = Repeats::with_room(order.repetition, again::ROOM);
    let told = BTreeMap::new();
    let failures = BTreeMap::new();
    let measured = Measured::with_room(again::ROOM);
    let mut hearing = Hearing {
        plan: &plan,
        expectations: &expectations,
        desks,
        repeats,
        measured,
        waiting,
        told,
        failures,
        stage,
    };
    let mut end = hearing.follow(news, &parts)?;
    supervision.join()?;
    if !end.interrupted && end.result.is_ok() {
        end = measure(&mut hearing, settings, (&options, chance), started.elapsed())?;
    }
    if !end.interrupted && end.result.is_ok() {
        end = look_again(&mut hearing, settings, (&options, chance), started.elapsed())?;
    }
    hearing.close()?;
    end.result.map_err(failed)?;
    let mut stage = hearing.stage;
    let orphans = store.finish(order.scope);
    stage.show_all(&desk::orphans(orphans))?;
    let interrupted = end.interrupted || supervisor::interrupts() > 0;
    stage.show(&Event::Finished(Finished { wall: started.elapsed(), interrupted }))?;
    let summary = stage.summary;
    memory.save(&documents);
    Ok(summary)
}

/// Runs what may be a matter of the clock on the real one.
fn measure(
    hearing: &mut Hearing<'_>,
    settings: &Settings,
    (options, usual): (&Options, Chance),
    first: Duration,
) -> Result<End, RunError> {
    let parts = hearing.measured.parts(usual);
    let run_timeout = options.run_timeout.map(|most| most.saturating_sub(first));
    if parts.is_empty() || run_timeout.is_some_and(|left| left.is_zero()) {
        return Ok(End { interrupted: false, result: Ok(()) });
    }
    let (lanes, launches) = (settings.jobs.min(parts.len()), vec![usual.launch]);
    let mut supervision = Supervision::start(Options { lanes, launches, run_timeout, ..options.clone() })?;
    // What is wrong with their fixtures has been said.
    let (mut jobs, _) = jobs::prepare(settings, (hearing.plan, hearing.expectations), &parts);
    hearing.measured.wind(&mut jobs, &parts);
    supervision.feed(jobs);
    let end = hearing.follow(supervision.news.iter().flatten(), &parts)?;
    supervision.join()?;
    Ok(end)
}

/// Looks again at what may have been chance, for as long as the first look took.
fn look_again(
    hearing: &mut Hearing<'_>,
    settings: &Settings,
    (options, usual): (&Options, Chance),
    first: Duration,
) -> Result<End, RunError> {
    let started = Instant::now();
    let mut end = End { interrupted: false, result: Ok(()) };
    let mut chances: Vec<Chance> = again::chances(usual).collect();
    while !chances.is_empty() {
        // Lanes that would have nothing to do take the looks that may follow.
        let waiting = hearing.waiting.sessions().max(1);
        let looks = (settings.jobs / waiting).clamp(1, chances.len());
        let tried: Vec<Chance> = chances.drain(..looks).collect();
        let parts = hearing.waiting.parts(&tried);
        let spent = started.elapsed();
        let run_timeout = options.run_timeout.map(|most| most.saturating_sub(first + spent));
        let is_over = spent > first || run_timeout.is_some_and(|left| left.is_zero());
        if parts.is_empty() || is_over || end.interrupted || end.result.is_err() {
            break;
        }
        let lanes = settings.jobs.min(parts.len());
        let launches = tried.iter().map(|chance| chance.launch).collect();
        let mut supervision =
            Supervision::start(Options { lanes, launches, run_timeout, ..options.clone() })?;
        // What is wrong with their fixtures has been said.
        let (jobs, _) = jobs::prepare(settings, (hearing.plan, hearing.expectations), &parts);
        supervision.feed(jobs);
        end = hearing.follow(supervision.news.iter().flatten(), &parts)?;
        supervision.join()?;
    }
    Ok(end)
}

/// A supervisor in a thread of its own.
struct Supervision {
    jobs: Option<UnboundedSender<Job>>,
    news: Receiver<Vec<Progress>>,
    thread: JoinHandle<()>,
}

impl Supervision {
    fn start(options: Options) -> Result<Self, SupervisorError> {
        let (jobs, arriving) = unbounded_channel();
        let (progress, news) = channel();
        let execute = move || supervisor::execute(options, arriving, progress);
        let thread = thread::Builder::new().spawn(execute).map_err(SupervisorError::Start)?;
        Ok(Self { jobs: Some(jobs), news, thread })
    }

    /// All jobs that it will ever get.
    fn feed(&mut self, works: Vec<Job>) {
        let Some(jobs) = self.jobs.take() else { return };
        for job in works {
            // A supervisor that has ended says why as its last word.
            let _ = jobs.send(job);
        }
    }

    fn join(self) -> Result<(), RunError> {
        let joined = self.thread.join();
        joined.map_err(|_| SupervisorError::Start(io::Error::other("the supervisor broke off")).into())
    }
}

/// What runs again must not do again what it has done to the machine or to the network.
fn contained(options: &Options) -> bool {
    let has_sandbox = options.tiers.iter().all(|tier| match tier {
        Tier::A | Tier::B => true,
        Tier::Off => false,
    });
    has_sandbox && options.setup.network == Network::Loopback
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
