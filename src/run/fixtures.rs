//! What fences ask for from `fixtures/`: Python text that runs first, and files that are put beside the snippet.
//!
//! Fixtures are plain files of the project. One behind a link could be any file that the user may read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::beneath::{self, BeneathError, Folder};
use crate::problem::Problem;
use crate::snippet::{Line, Namespace, Snippet};
use crate::wire::{FixtureFile, Mode, Step};

const FOLDER: &str = "fixtures";
/// Also what a session's private directories hold.
const LARGEST: u64 = 64 << 20;

/// Reads each fixture once, however many fences ask for it.
pub(super) struct Fixtures<'a> {
    root: &'a Path,
    texts: BTreeMap<String, Result<String, Rc<Refused>>>,
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Beneath(#[from] BeneathError),
    #[error("it is not UTF-8")]
    Encoding,
}

impl<'a> Fixtures<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, texts: BTreeMap::new() }
    }

    /// The steps in front of a snippet.
    pub(super) fn setup(&mut self, snippet: &Snippet) -> Result<Vec<Step>, Problem> {
        let names = snippet.directives.setup.iter();
        names.map(|name| self.step(snippet, name)).collect()
    }

    fn step(&mut self, snippet: &Snippet, name: &str) -> Result<Step, Problem> {
        let file = format!("{FOLDER}/{name}.py");
        let text = self.texts.entry(file.clone()).or_insert_with(|| text(self.root, &file).map_err(Rc::new));
        let code = text.clone().map_err(|refused| {
            problem(snippet, &file, &refused, "`setup=` names Python files there, without `.py`")
        })?;
        Ok(Step {
            file,
            code,
            line: Line(1),
            files: Vec::new(),
            mode: Mode::default(),
            namespace: Namespace::default(),
        })
    }

    pub(super) fn files(&self, snippet: &Snippet) -> Result<Vec<FixtureFile>, Problem> {
        let names = snippet.directives.files.iter();
        names
            .map(|name| {
                let file = format!("{FOLDER}/{name}");
                check(self.root, &file)
                    .map_err(|refused| problem(snippet, &file, &refused, "`files=` names files there"))?;
                let base = Path::new(name).file_name().unwrap_or(name.as_ref());
                let from: PathBuf = self.root.join(&file);
                Ok(FixtureFile { name: base.to_string_lossy().into_owned(), from })
            })
            .collect()
    }
}

fn text(root: &Path, file: &str) -> Result<String, Refused> {
    let open = Folder::open(root)?.file(file)?;
    String::from_utf8(beneath::contents(&open, LARGEST)?).map_err(|_| Refused::Encoding)
}

/// The session copies it, by its name.
fn check(root: &Path, file: &str) -> Result<(), Refused> {
    let open = Folder::open(root)?.file(file)?;
    let size = open.metadata().map_err(BeneathError::from)?.len();
    if size > LARGEST { Err(BeneathError::TooLong { limit: LARGEST }.into()) } else { Ok(()) }
}

fn problem(snippet: &Snippet, file: &str, refused: &Refused, hint: &str) -> Problem {
    let missing = match refused {
        Refused::Beneath(error) => error.is_missing(),
        Refused::Encoding => false,
    };
    let (message, hint) = if missing {
        (format!("cannot read the fixture `{file}`"), hint)
    } else {
        (
            format!("cannot read the fixture `{file}`: {refused}"),
            "fixtures are plain files in plain folders, of 64 MiB at most",
        )
    };
    Problem {
        path: snippet.path.0.clone(),
        line: Some(snippet.location.start),
        message,
        hint: Some(hint.to_owned()),
    }
}
