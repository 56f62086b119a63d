//! Which sessions begin with packages loaded: those whose first imports have something in common.
//!
//! A session gets an image of nothing but what it imports itself, at its top level, before it does anything else. So it
//! finds what it would have loaded, in the order in which it would have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::side_by_side;
use crate::model::snippet::Namespace;
use crate::supervisor::{Job, Work};
use crate::syntax::{FirstImports, Imported, Tree};
use crate::wire::{Import, Mode, Step};

/// Images of a run. Each lane has a copy of each in memory.
const MOST: usize = 4;
/// An image pays for itself once so many sessions of each lane begin with it.
const USES: usize = 3;
/// Of the sessions that share an import, those that share another one with them, in percent, from which on an image has
/// both.
const COMMON: usize = 60;

/// Names for each job what the image has that its session begins with.
pub(super) fn assign(jobs: &mut [Job], lanes: usize) {
    let firsts: Vec<Vec<Imported>> = side_by_side(jobs, first_imports);
    let mut waiting: Vec<usize> = (0..jobs.len()).filter(|job| !firsts[*job].is_empty()).collect();
    let least = USES * lanes.max(1);
    for _ in 0..MOST {
        let sets: Vec<BTreeSet<&Imported>> =
            waiting.iter().map(|job| firsts[*job].iter().collect()).collect();
        let Some(common) = common(&sets, least) else { return };

        let (served, others): (Vec<usize>, Vec<usize>) =
            waiting.into_iter().partition(|job| common.iter().all(|import| firsts[*job].contains(import)));
        waiting = others;
        if served.len() < least {
            continue;
        }
        // In the order of the first of them.
        let order = firsts[served[0]].iter().filter(|import| common.contains(import));
        let mut imports: Vec<Import> = Vec::new();
        for Imported { module, name } in order {
            let import = Import { module: module.clone(), name: name.clone() };
            if !imports.contains(&import) {
                imports.push(import);
            }
        }
        let imports: Arc<[Import]> = imports.into();
        for job in served {
            jobs[job].imports = Some(Arc::clone(&imports));
        }
    }
}

/// The most frequent import and those that usually go along with it.
fn common(sets: &[BTreeSet<&Imported>], least: usize) -> Option<BTreeSet<Imported>> {
    let counts = count(sets.iter());
    let (first, _) = counts.iter().filter(|(_, count)| **count >= least).max_by_key(|(_, count)| **count)?;

    let with_first: Vec<&BTreeSet<&Imported>> = sets.iter().filter(|set| set.contains(first)).collect();
    let counts = count(with_first.iter().copied());
    let mut common: BTreeSet<&Imported> = BTreeSet::from([*first]);
    let mut left = with_first;
    let mut candidates: Vec<(&Imported, usize)> =
        counts.into_iter().filter(|(_, count)| count * 100 >= left.len() * COMMON).collect();
    candidates.sort_by_key(|(import, count)| (usize::MAX - count, *import));
    for (import, _) in candidates {
        let with: Vec<_> = left.iter().copied().filter(|set| set.contains(import)).collect();
        if with.len() >= least && with.len() * 100 >= left.len() * COMMON {
            common.insert(import);
            left = with;
        }
    }
    Some(common.into_iter().cloned().collect())
}

fn count<'a>(sets: impl Iterator<Item = &'a BTreeSet<&'a Imported>>) -> BTreeMap<&'a Imported, usize> {
    let mut counts = BTreeMap::new();
    for import in sets.flatten() {
        *counts.entry(*import).or_default() += 1;
    }
    counts
}

/// What a session loads first, whatever its files are.
fn first_imports(job: &Job) -> Vec<Imported> {
    // A file that a snippet finds beside it may have the name of a module.
    let mut first = FirstImports { has_ended: !job.files.is_empty(), ..FirstImports::default() };
    for step in job.works.iter().flat_map(|Work { setup, step, .. }| setup.iter().chain([step])) {
        if first.has_ended {
            break;
        }
        read(step, &mut first);
    }
    first.imports
}

fn read(step: &Step, first: &mut FirstImports) {
    first.has_ended |= !step.files.is_empty() || step.package.is_some();
    match step.namespace {
        Namespace::Shared | Namespace::Fresh => {}
        // Its module is imported first, and with it whatever that imports.
        Namespace::Module { .. } => first.has_ended = true,
    }
    match &step.mode {
        Mode::Script { .. } => Tree::parse(&step.code).first_imports(first),
        Mode::Console { examples } => {
            for example in examples {
                Tree::parse(&example.code).first_imports(first);
            }
        }
    }
}
