//! What fences ask for from `fixtures/`: Python text that runs first, and files that are put beside the snippet.
//!
//! Fixtures are plain files of the project. one that a link leads to could be any file that the user may read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::model::policy::Clock;
use crate::model::problem::Problem;
use crate::model::snippet::{Line, Namespace, Snippet};
use crate::safe_fs::{self, Dir, SafeFsError};
use crate::wire::{FixtureFile, Mode, Step};

const FOLDER: &str = "fixtures";
/// Fixtures that other tools provide and a line of Python can stand for.
const PROVIDED: &[(&str, &str)] =
    &[("tmp_path", "tmp_path = __import__('pathlib').Path(__import__('tempfile').mkdtemp())")];
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
    Open(#[from] SafeFsError),
    #[error("it is not UTF-8")]
    Encoding,
}

impl<'a> Fixtures<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, texts: BTreeMap::new() }
    }

    /// The steps before a snippet.
    pub(super) fn setup(&mut self, snippet: &Snippet) -> Result<Vec<Step>, Problem> {
        let mut steps = Vec::new();
        if let Some(prologue) = &snippet.directives.prologue {
            let (file, code) = (prologue.file.to_string(), prologue.code.to_string());
            steps.push(Step { line: Line(prologue.line), ..step(file, code) });
        }
        for name in &snippet.directives.setup {
            let file = path(name);
            let code = self.text(&file).map_err(|refused| {
                problem(snippet, &file, &refused, "`setup=` names Python files there, without `.py`")
            })?;
            steps.push(step(file, code));
        }
        for name in &snippet.directives.fixtures {
            let file = path(name);
            let code = match (self.text(&file), PROVIDED.iter().find(|(provided, _)| provided == name)) {
                (Ok(code), _) => code,
                (Err(refused), Some((_, code))) if refused.is_missing() => (*code).to_owned(),
                (Err(refused), _) => {
                    let hint = "fixtures of pytest are not known here, apart from `tmp_path`: that file can stand for one";
                    return Err(problem(snippet, &file, &refused, hint));
                }
            };
            steps.push(step(file, code));
        }
        Ok(steps)
    }

    fn text(&mut self, file: &str) -> Result<String, Rc<Refused>> {
        let read = || text(self.root, file).map_err(Rc::new);
        self.texts.entry(file.to_owned()).or_insert_with(read).clone()
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

impl Refused {
    fn is_missing(&self) -> bool {
        match self {
            Self::Open(error) => error.is_missing(),
            Self::Encoding => false,
        }
    }
}

fn path(name: &str) -> String {
    format!("{FOLDER}/{name}.py")
}

fn step(file: String, code: String) -> Step {
    Step {
        file,
        code,
        line: Line(1),
        files: Vec::new(),
        mode: Mode::default(),
        namespace: Namespace::default(),
        clock: Clock::Virtual,
        titled: 0,
        package: None,
    }
}

fn text(root: &Path, file: &str) -> Result<String, Refused> {
    let open = Dir::open(root)?.file(file)?;
    String::from_utf8(safe_fs::contents(&open, LARGEST)?).map_err(|_| Refused::Encoding)
}

/// The session copies it, by its name.
fn check(root: &Path, file: &str) -> Result<(), Refused> {
    let open = Dir::open(root)?.file(file)?;
    let size = open.metadata().map_err(SafeFsError::from)?.len();
    if size > LARGEST { Err(SafeFsError::TooLong { limit: LARGEST }.into()) } else { Ok(()) }
}

fn problem(snippet: &Snippet, file: &str, refused: &Refused, hint: &str) -> Problem {
    let (message, hint) = if refused.is_missing() {
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
