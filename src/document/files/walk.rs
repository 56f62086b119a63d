//! The files below a folder, by the rules of `.gitignore`.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::channel;

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use ignore::{DirEntry, WalkBuilder};

use crate::document::files::format::Format;
use crate::document::files::places::{Places, relative};
use crate::model::problem::Problem;

/// Bytes of one `.gitignore`; a longer one is no list of patterns.
const LONGEST_RULES: u64 = 1 << 20;

/// A folder to walk, and which of its files count.
pub(crate) struct Walk {
    pub(crate) folder: PathBuf,
    filter: Filter,
}

enum Filter {
    Prose,
    /// Folders and files of any kind.
    Everything {
        depth: Option<usize>,
    },
    /// Paths below the folder that match; prose only where the glob names no ending of its own.
    Glob {
        matcher: GlobMatcher,
        depth: Option<usize>,
        any_ending: bool,
    },
}

/// What folders and globs do not contribute.
#[derive(Clone)]
pub(crate) struct Excluded {
    globs: GlobSet,
    root: PathBuf,
    /// The root, all links followed.
    real_root: PathBuf,
}

/// A part of a folder that could not be looked at.
pub(crate) struct WalkError {
    pub(crate) path: Option<PathBuf>,
    pub(crate) message: String,
}

impl Walk {
    pub(crate) fn folder(folder: PathBuf) -> Self {
        Self { folder, filter: Filter::Prose }
    }

    /// All that is below a folder and not ignored, so many folders deep.
    pub(crate) fn everything(folder: PathBuf, depth: Option<usize>) -> Self {
        Self { folder, filter: Filter::Everything { depth } }
    }

    /// A walk from the last folder before the first wildcard; `None` for a path without one.
    pub(crate) fn glob(base: &Path, pattern: &Path) -> Option<Result<Self, globset::Error>> {
        let is_wild = |component: &Component<'_>| {
            component.as_os_str().to_string_lossy().contains(['*', '?', '[', '{'])
        };

        let mut components = pattern.components().peekable();
        let mut folder = base.to_owned();
        while let Some(literal) = components.next_if(|component| !is_wild(component)) {
            folder.push(literal);
        }
        components.peek()?;

        let wild: PathBuf = components.collect();
        let depth = wild.components().count();
        let ending = wild.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
        let wild = wild.to_string_lossy();

        Some(glob(&wild).map(|glob| Self {
            folder,
            filter: Filter::Glob {
                matcher: glob.compile_matcher(),
                depth: (!wild.contains("**")).then_some(depth),
                any_ending: !ending.is_empty() && !ending.contains(['*', '?']),
            },
        }))
    }

    /// What is wanted and not excluded, by name. Links to folders are not followed, links to files are.
    pub(crate) fn files(&self, excluded: &Excluded) -> impl Iterator<Item = Result<PathBuf, WalkError>> {
        let depth = match &self.filter {
            Filter::Prose => None,
            Filter::Glob { depth, .. } | Filter::Everything { depth } => *depth,
        };

        let start = fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let unreadable = start.ancestors().find_map(|folder| excluded.unreadable_rules(folder));

        let (sender, refused) = channel();
        let excluded = excluded.clone();
        let goes_on = move |entry: &DirEntry| {
            if entry.depth() == 0 {
                return true;
            }
            if excluded.matches(entry.path()) {
                return false;
            }
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            match is_folder.then(|| excluded.unreadable_rules(entry.path())).flatten() {
                Some(error) => {
                    // The receiver outlives the walk.
                    let _ = sender.send(Err(error));
                    false
                }
                None => true,
            }
        };

        let walk = WalkBuilder::new(&self.folder)
            .require_git(false)
            .git_global(false)
            // `.git/info/exclude` is not part of a checkout: elsewhere other documents would run.
            .git_exclude(false)
            .ignore(false)
            .max_depth(depth)
            .sort_by_file_name(Ord::cmp)
            .filter_entry(goes_on)
            .build();
        let walk = unreadable.is_none().then_some(walk).into_iter().flatten();

        let files = walk.filter_map(|entry| match entry {
            Ok(entry) => self.wants(&entry).then(|| Ok(entry.into_path())),
            Err(error) => Some(Err(WalkError::new(error))),
        });

        let refused = std::iter::from_fn(move || refused.try_recv().ok());
        unreadable.map(Err).into_iter().chain(files).chain(refused)
    }

    fn wants(&self, entry: &DirEntry) -> bool {
        let fits = match &self.filter {
            Filter::Everything { .. } => return true,
            Filter::Prose => Format::is_prose(entry.path()),
            Filter::Glob { matcher, any_ending, .. } => {
                let below = entry.path().strip_prefix(&self.folder).unwrap_or(entry.path());
                matcher.is_match(below) && (*any_ending || Format::is_prose(below))
            }
        };
        // A link that leads nowhere is kept: reading it says what is wrong.
        fits && !fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir())
    }
}

impl Excluded {
    pub(crate) fn new(places: Places<'_>, problems: &mut Vec<Problem>) -> Self {
        let mut globs = GlobSetBuilder::new();
        for pattern in places.exclude {
            match glob(pattern.trim_end_matches('/').trim_start_matches("./")) {
                Ok(glob) => {
                    globs.add(glob);
                }
                Err(error) => problems.push(Problem {
                    path: pattern.clone(),
                    line: None,
                    message: format!("unreadable `exclude`: {}", error.kind()),
                    hint: None,
                }),
            }
        }

        Self { globs: globs.build().unwrap_or_default(), ..Self::nothing(places.root) }
    }

    /// What git ignores is left out all the same.
    pub(super) fn nothing(root: &Path) -> Self {
        let real_root = fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        Self { globs: GlobSet::empty(), root: root.to_owned(), real_root }
    }

    pub(super) fn matches(&self, file: &Path) -> bool {
        !self.globs.is_empty() && relative(file, &self.root).ancestors().any(|path| self.globs.is_match(path))
    }

    /// The walk reads all of the `.gitignore` of each folder: a pipe or an endless device would hold it for ever, and so
    /// may a file elsewhere that a link of the project leads to.
    fn unreadable_rules(&self, folder: &Path) -> Option<WalkError> {
        let rules = folder.join(".gitignore");
        let metadata = fs::metadata(&rules).ok()?;
        let is_foreign = folder.starts_with(&self.root)
            && rules.is_symlink()
            && !fs::canonicalize(&rules).is_ok_and(|real| real.starts_with(&self.real_root));
        if !is_foreign && (metadata.is_dir() || metadata.is_file() && metadata.len() <= LONGEST_RULES) {
            return None;
        }

        let message = "expected a plain file of the project, of 1 MiB at most".to_owned();
        Some(WalkError { path: Some(rules), message })
    }
}

impl WalkError {
    fn new(error: ignore::Error) -> Self {
        match error {
            ignore::Error::WithPath { path, err } => Self { path: Some(path), ..Self::new(*err) },
            ignore::Error::WithDepth { err, .. } => Self::new(*err),
            other => Self { path: None, message: format!("cannot be walked: {other}") },
        }
    }
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}
