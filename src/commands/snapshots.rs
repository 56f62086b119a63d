//! `pending` and `reject`: snapshots that wait for a review.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use crate::cli::{PendingArguments, RejectArguments};
use crate::commands::run::selection;
use crate::config::{PathsFrom, Settings};
use crate::document::Document;
use crate::expect::{self, PendingContents, PendingSnapshot};
use crate::failure::Failure;
use crate::model::problem::Problem;
use crate::model::snippet::{DocumentPath, Line, SnippetId};
use crate::plan::{self, History, Memory, Purpose};
use crate::report::{self, Color, Pending};
use crate::run;

pub(super) fn pending(words: &PendingArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let Chosen { pending, owners, mut problems } = chosen(settings, &words.choice.patterns)?;

    let mut shown = Vec::new();
    for waiting in pending {
        let contents = match PendingContents::read(&settings.root, &waiting, None) {
            Ok(contents) => contents,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let owner = name(&waiting).and_then(|name| owners.get(&name));
        shown.push(Pending {
            id: owner.map(|(id, _)| id.clone()),
            line: owner.map(|(_, line)| *line),
            path: waiting.document,
            snapshot: contents.snapshot,
            waiting: waiting.file,
            accepted: contents.accepted,
            actual: contents.actual,
        });
    }

    let mut out = stdout().lock();
    words.format.write(&shown, words.color.of(&stdout()), &mut out)?;
    complain(&problems)
}

pub(super) fn reject(words: &RejectArguments, settings: &Settings) -> Result<ExitCode, Failure> {
    let Chosen { pending, owners: _, problems } = chosen(settings, &words.choice.patterns)?;
    expect::reject(&settings.root, &pending)?;

    let mut out = stdout().lock();
    for gone in &pending {
        writeln!(out, "rejected {}", report::path(&gone.file))?;
    }
    complain(&problems)
}

fn complain(problems: &[Problem]) -> Result<ExitCode, Failure> {
    let all: Vec<&Problem> = problems.iter().collect();
    report::problems(&all, Color::for_stream(&stderr()), &mut stderr())?;
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A document and the name of a snapshot in it.
type SnapshotName = (DocumentPath, String);

/// The pending snapshots that the words name.
struct Chosen {
    pending: Vec<PendingSnapshot>,
    /// The snippets of their documents, by snapshot.
    owners: BTreeMap<SnapshotName, (SnippetId, Line)>,
    problems: Vec<Problem>,
}

/// Without words all of them, also those of documents that are gone.
fn chosen(settings: &Settings, patterns: &[String]) -> Result<Chosen, Failure> {
    let mut pending = expect::pending(&settings.root)?;
    let documents = documents(settings, &pending);

    let mut problems = Vec::new();
    let by_paths = settings.paths_from == PathsFrom::Caller;
    if by_paths || !patterns.is_empty() {
        let selection = selection(settings, patterns, History::Ignored);
        let discovery = run::discover(settings);
        let named: BTreeSet<&DocumentPath> = discovery.files.iter().map(|file| &file.path).collect();

        // A place may be in a document where nothing waits: it is looked at all the same.
        let all = run::load(settings, &discovery);
        let plan = plan::build(&all, &selection, settings.share, &Memory::open(None));
        let judged = plan.sessions.iter().flat_map(|session| {
            let judged = session.snippets.iter().filter(|planned| planned.purpose == Purpose::Judged);
            judged.map(|planned| (session.path.clone(), planned.snippet.snapshot.clone()))
        });
        let unrun = plan.unrun.iter().map(|unrun| (unrun.path.clone(), unrun.fence.snapshot.clone()));
        let meant: BTreeSet<SnapshotName> = judged.chain(unrun).collect();

        let is_whole = |path: &DocumentPath| {
            patterns.is_empty() && !settings.places.iter().any(|place| place.path == *path)
        };
        pending.retain(|waiting| {
            let of_named = |path: &DocumentPath| !by_paths || named.contains(path);
            let path = waiting.document.as_ref().filter(|path| of_named(path));
            path.is_some_and(is_whole)
                || path.is_some() && name(waiting).is_some_and(|it| meant.contains(&it))
        });
        problems.extend(discovery.problems);
        problems.extend(plan.problems.iter().cloned());
    }

    let blocks = documents.iter().flat_map(|document| {
        let blocks = document.blocks.iter().filter(|block| block.is_python());
        blocks.map(|block| {
            let name = (document.path.clone(), block.snapshot.clone());
            (name, (block.id.clone(), block.location.code))
        })
    });
    Ok(Chosen { pending, owners: blocks.collect(), problems })
}

/// The documents whose snapshots wait, as far as they still exist.
fn documents(settings: &Settings, pending: &[PendingSnapshot]) -> Vec<Document> {
    let paths: BTreeSet<&DocumentPath> =
        pending.iter().filter_map(|waiting| waiting.document.as_ref()).collect();
    let paths: Vec<String> = paths.into_iter().map(|path| path.0.clone()).collect();
    if paths.is_empty() {
        return Vec::new();
    }
    // A name in `expected/` is the project's word, and leads to nothing outside of it.
    let mut settings = settings.clone();
    settings.paths = paths;
    settings.paths_from = PathsFrom::Settings;
    run::load(&settings, &run::discover(&settings))
}

/// What a pending snapshot is called.
fn name(pending: &PendingSnapshot) -> Option<SnapshotName> {
    Some((pending.document.clone()?, pending.name()?.to_owned()))
}
