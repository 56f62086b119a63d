//! Everything that a session depends on, as a digest.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cache::tree;
use crate::model::policy::{Clock, Tier};
use crate::model::snippet::{Look, Namespace};
use crate::supervisor::Job;
use crate::syntax::{Reach, Reached, Tree};
use crate::wire::{LaneSetup, Mode, SEARCH_PATH, Step};

/// The shape of entries and of what goes into a key.
const FORMAT: u32 = 1;

/// The name of an entry: 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(String);

impl Key {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What all sessions of a run may depend on.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Folders of which every file counts.
    pub(crate) files: Vec<PathBuf>,
    /// Folders of packages: what is installed, not each of its files.
    pub(crate) packages: Vec<PathBuf>,
    /// What does not count below `files`, or cannot be read. The paths ascend.
    pub(crate) apart: Vec<PathBuf>,
}

/// Makes the keys of a run.
pub(crate) struct Keys {
    /// Of the build, the interpreter, the sandbox.
    base: Vec<u8>,
    /// Folders that modules are looked for in before those of the library, beside that of the document.
    searched: Vec<PathBuf>,
    surroundings: Surroundings,
    /// Of the files and packages, looked at once if at all; `None` where there are too many.
    seen: OnceLock<Option<[u8; 32]>>,
}

impl Keys {
    /// `None` where it is not known which build of what interpreter runs.
    pub(crate) fn new(setup: &LaneSetup, tier: Tier, surroundings: Surroundings) -> Option<Self> {
        // Its name tells builds and interpreters apart, also those that take the place of each other.
        setup.kept_code.as_ref()?;
        let lasting = LaneSetup { user: 0, scratch: None, library: None, tier, ..setup.clone() };
        let base = serde_json::to_vec(&(FORMAT, lasting)).ok()?;
        let variable = setup.variables.iter().filter(|(name, _)| name == SEARCH_PATH);
        let named = variable.flat_map(|(_, value)| value.as_bytes().split(|byte| *byte == b':'));
        let named = named.map(|folder| PathBuf::from(OsStr::from_bytes(folder)));
        let searched = named.chain(setup.pythonpath.iter().cloned());
        Some(Self { base, searched: searched.collect(), surroundings, seen: OnceLock::new() })
    }

    /// What is asked of a session, and its document's text. `None` for one of which nothing is kept.
    pub(crate) fn of(&self, job: &Job, document: &str) -> Option<Key> {
        if job.works.iter().any(|work| work.step.clock == Clock::Real) {
            return None;
        }
        let works: Vec<_> = job.works.iter().map(|work| (&work.setup, &work.step, work.wall)).collect();
        let asked = serde_json::to_vec(&(&job.document, &job.neighbours, &*job.files, job.chance, works));
        let mut digest = Sha256::new();
        for part in [&self.base, document.as_bytes(), &asked.ok()?] {
            digest.update(part.len().to_ne_bytes());
            digest.update(part);
        }
        Some(Key(hexadecimal(&digest.finalize())))
    }

    /// What else the outcome of a session depends on. `None` where nobody can tell.
    pub(crate) fn needs(&self, job: &Job) -> Option<Needs> {
        let mut reached = Reached::default();
        steps(job).for_each(|step| reached.add(reached_by(step)));
        let needs = Needs { modules: reached.modules, surroundings: None };
        let reach =
            if self.are_shadowed(&needs, job) { reached.reach.max(Reach::Files) } else { reached.reach };
        match reach {
            Reach::Itself => Some(needs),
            Reach::Files => Some(Needs { surroundings: Some(self.seen()?), ..needs }),
            Reach::Machine => None,
        }
    }

    /// Whether what a session needed is as it was.
    pub(crate) fn are_met(&self, needs: &Needs, job: &Job) -> bool {
        match &needs.surroundings {
            Some(before) => self.seen().is_some_and(|now| *before == now),
            None => !self.are_shadowed(needs, job),
        }
    }

    /// Whether a file has the name of a module and comes before that.
    fn are_shadowed(&self, needs: &Needs, job: &Job) -> bool {
        self.searched.iter().chain(&job.neighbours).any(|folder| {
            let exists = |name: String| folder.join(name).symlink_metadata().is_ok();
            needs.modules.iter().any(|module| exists(module.clone()) || exists(format!("{module}.py")))
        })
    }

    fn seen(&self) -> Option<String> {
        let seen = self.seen.get_or_init(|| self.surroundings.digest());
        seen.as_ref().map(|digest| hexadecimal(digest))
    }
}

/// What a session depends on beside what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Needs {
    /// The modules that it imports by name, which must be those of the library where that is all that it reaches.
    modules: BTreeSet<String>,
    /// A digest of files and packages, where it may read some.
    surroundings: Option<String>,
}

fn hexadecimal(digest: &[u8]) -> String {
    let mut text = String::with_capacity(2 * digest.len());
    for byte in digest {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl Surroundings {
    fn digest(&self) -> Option<[u8; 32]> {
        let mut digest = Sha256::new();
        let mut left = tree::MOST;
        for folder in &self.files {
            left = tree::add(folder, usize::MAX, &self.apart, left, &mut digest)?;
        }
        for folder in &self.packages {
            left = tree::add(folder, tree::PACKAGES, &[], left, &mut digest)?;
        }
        Some(digest.finalize().into())
    }
}

/// What is run of a job, in any order.
fn steps(job: &Job) -> impl Iterator<Item = &Step> {
    job.works.iter().flat_map(|work| work.setup.iter().chain([&work.step]))
}

fn reached_by(step: &Step) -> Reached {
    let mut reached = Tree::parse(&step.code).reached();
    let tried = match &step.mode {
        Mode::Script { watched, .. } => {
            watched.iter().any(|watch| matches!(watch.look, Look::Attempt { .. }))
        }
        Mode::Console { examples } => {
            for example in examples {
                reached.add(Tree::parse(&example.code).reached());
            }
            false
        }
    };
    // Code in comments, files of fixtures, modules of the project.
    if tried || !step.files.is_empty() || step.package.is_some() || is_in_module(step) {
        reached.reach = reached.reach.max(Reach::Files);
    }
    reached
}

fn is_in_module(step: &Step) -> bool {
    match step.namespace {
        Namespace::Shared | Namespace::Fresh => false,
        Namespace::Module { .. } => true,
    }
}
