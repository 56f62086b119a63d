//! A run in one Python: documents in, events out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use crate::config::{PathsFrom, Settings, Warm};
use crate::document::{self, Discovery, Document, Exclusion, NamedBy, Places};
use crate::event::{Event, Finished, Planned};
use crate::expect::{Record, Scope, SnapshotStore, StoreOptions};
use crate::model::policy::Tier;
use crate::model::problem::Problem;
use crate::model::python::RunningPython;
use crate::model::snippet::SnippetId;
use crate::plan::{self, Memory, Plan, Selection};
use crate::run::environment;
use crate::run::error::RunError;
use crate::run::event_sink::Audience;
use crate::run::event_sink::EventSink;
use crate::run::first_pass::FirstPass;
use crate::run::further_passes::FurtherPasses;
use crate::run::jobs::{self, JobSource, PreparedJobs};
use crate::run::max_fail::MaxFail;
use crate::run::packages;
use crate::run::repetition::Repetition;
use crate::run::reuse::{Recalled, Reuse};
use crate::run::supervision;
use crate::run::verify::cold::Cold;
use crate::run::verify::document_judge::{self, Circumstances, DocumentJudge};
use crate::run::verify::held;
use crate::run::verify::other_seeds::OtherSeeds;
use crate::run::verify::pipeline::Pipeline;
use crate::run::verify::real_clock::RealClock;
use crate::run::verify::repeats::Repeats;
use crate::summary::Summary;
use crate::supervisor;

/// What a run is asked for, beyond the settings.
pub(crate) struct RunRequest {
    pub(crate) selection: Selection,
    pub(crate) record: Record,
    /// Whether all documents of the project take part.
    pub(crate) scope: Scope,
    pub(crate) repetition: Repetition,
    /// After so many failures no further session starts; counted anew in each Python.
    pub(crate) max_fail: Option<usize>,
}

/// Finds the documents of the settings' paths.
pub(crate) fn discover(settings: &Settings) -> Discovery {
    let targets: Vec<PathBuf> = settings.paths.iter().map(PathBuf::from).collect();
    let places = Places {
        root: &settings.root,
        base: &settings.root,
        exclude: &settings.exclude,
        exclusion: if settings.force_exclude { Exclusion::Named } else { Exclusion::Found },
        named_by: match settings.paths_from {
            PathsFrom::Caller => NamedBy::Caller,
            PathsFrom::Settings => NamedBy::Project,
            PathsFrom::Defaults => NamedBy::Nobody,
        },
    };
    document::discover(&targets, places)
}

/// Reads the documents, all at once.
pub(crate) fn load(settings: &Settings, discovery: &Discovery) -> Vec<Document> {
    document::load(&discovery.files, &reading(settings))
}

/// How documents are read.
pub(crate) fn reading(settings: &Settings) -> document::Options {
    document::Options {
        directives: settings.directives.clone(),
        python: settings.version(),
        allowed: settings.allowed.clone(),
        markdown: settings.markdown,
        unlabelled: settings.unlabelled,
        root: settings.root.clone(),
    }
}

/// What a run in one Python leaves.
pub(super) struct Ended {
    pub(super) summary: Summary,
    pub(super) documents: Vec<Document>,
    pub(super) memory: Memory,
}

/// Runs what is selected in the first Python of the settings. `settled` are the snippets whose common snapshot belongs to
/// another Python of the run.
pub(super) fn run_in_one(
    settings: &Settings,
    request: &RunRequest,
    settled: BTreeSet<SnippetId>,
    audience: Audience<'_>,
) -> Result<Ended, RunError> {
    // Interpreters warm up while documents are read, unless it may turn out that none is needed.
    let began = Instant::now();
    let discovery = discover(settings);
    let max_fail = request.max_fail.map(MaxFail::new);
    let mut first_pass = FirstPass::prepare(settings, &discovery, request.repetition, max_fail.as_ref())?;
    let reuse = Reuse::new(settings, &first_pass.options, first_pass.tier, first_pass.passes.len())?;
    if reuse.is_none() {
        first_pass.start()?;
    }

    // What is to run, and what is expected of it.
    let documents = load(settings, &discovery);
    let mut memory = Memory::open(settings.memory.clone());
    let plan = plan::build(&documents, &request.selection, settings.share, &memory);
    let store = open_store(settings, request.record, settled)?;
    let expectations = jobs::expectations(&plan, settings.claims, settings.version());
    let parts = jobs::whole(&plan, &first_pass.passes);
    let source = JobSource { settings, plan: &plan, expectations: &expectations };
    let PreparedJobs { jobs, problems } = jobs::prepare(source, &parts);
    let Recalled { mut jobs, known, recorder } = match reuse {
        Some(reuse) => reuse.recall(jobs, &parts, &documents),
        None => Recalled { jobs, known: Vec::new(), recorder: None },
    };
    if settings.warm == Warm::Auto && first_pass.passes.len() == 1 {
        packages::assign(&mut jobs, first_pass.options.lanes);
    }
    first_pass.feed(jobs)?;

    // What is known before anything has run.
    let mut sink = EventSink::new(audience, &mut memory).ending_at(max_fail);
    let unread = documents.iter().flat_map(|document| &document.problems);
    let found = settings.problems.iter().chain(&discovery.problems).chain(unread);
    let found = found.chain(&plan.problems).chain(&store.problem);
    let python = environment::running(settings)?;
    let minor = python.minor();
    let planned = planned(request, &plan, documents.len(), (first_pass.tier, python));
    let read = documents.iter().flat_map(|document| &document.notes);
    announce(&mut sink, planned, found, read.chain(&plan.notes))?;
    sink.show_all(problems.into_iter().map(Event::Problem))?;

    let conditions = request.repetition.conditions;
    let circumstances = Circumstances { tier: first_pass.tier, conditions, python: minor };
    let mut judges = DocumentJudge::all(&documents, &store, &plan, circumstances);
    for judge in judges.values_mut() {
        sink.show_all(judge.begin())?;
    }

    // Outcomes become verdicts as they come, or after further passes.
    let may_run_again = supervision::contained(&first_pass.options);
    let mut pipeline = Pipeline {
        plan: &plan,
        expectations: &expectations,
        judges,
        cold: Cold::default(),
        repeats: Repeats::with_room(request.repetition, held::ROOM),
        real_clock: RealClock::with_room(held::ROOM),
        other_seeds: OtherSeeds::with_room(if may_run_again { held::ROOM } else { 0 }),
        reported: BTreeMap::new(),
        failures: BTreeMap::new(),
        cached: BTreeSet::new(),
        recorder,
        sink,
    };
    let (options, usual) = (first_pass.options.clone(), first_pass.usual);
    let further_passes = FurtherPasses { settings, options, usual, began };
    for (part, outcomes) in known {
        pipeline.take_cached(part, outcomes)?;
    }
    let mut end = first_pass.follow(&mut pipeline, &parts)?;
    if end.goes_on() {
        end = further_passes.cold(&mut pipeline)?;
    }
    if end.goes_on() {
        end = further_passes.on_real_clock(&mut pipeline)?;
    }
    if end.goes_on() {
        end = further_passes.with_other_seeds(&mut pipeline)?;
    }
    pipeline.close()?;
    end.result.map_err(|error| RunError::of(error, settings.sandbox))?;

    // What is left over, and for the next run.
    let mut sink = pipeline.sink;
    sink.show_all(document_judge::orphans(store.finish(request.scope)))?;
    let interrupted = end.interrupted || supervisor::interrupts() > 0;
    sink.show(&Event::Finished(Finished { wall: began.elapsed(), interrupted }))?;
    let summary = sink.into_summary();
    Ok(Ended { summary, documents, memory })
}

fn open_store(
    settings: &Settings,
    record: Record,
    settled: BTreeSet<SnippetId>,
) -> Result<SnapshotStore, RunError> {
    let options = StoreOptions {
        root: &settings.root,
        snapshots: settings.snapshots,
        claims: settings.claims,
        redactions: &settings.redactions,
        record,
        python: settings.version(),
        settled,
    };
    Ok(SnapshotStore::open(options)?)
}

fn planned(
    request: &RunRequest,
    plan: &Plan<'_>,
    documents: usize,
    (sandbox, python): (Tier, RunningPython),
) -> Planned {
    let documents = if request.selection.narrows() { plan.documents(documents) } else { documents };
    Planned { documents, snippets: plan.judged(), sandbox, pythons: vec![python] }
}

fn announce<'a>(
    sink: &mut EventSink<'_>,
    planned: Planned,
    problems: impl Iterator<Item = &'a Problem>,
    notes: impl Iterator<Item = &'a String>,
) -> Result<(), RunError> {
    sink.show(&Event::Planned(planned))?;
    sink.show_all(problems.cloned().map(Event::Problem))?;
    sink.show_all(notes.cloned().map(Event::Note))
}
