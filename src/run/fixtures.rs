//! What fences ask for from `fixtures/`: Python text that runs first, and files that are put beside the snippet.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::problem::Problem;
use crate::snippet::{Line, Snippet};
use crate::wire::{FixtureFile, Step};

const FOLDER: &str = "fixtures";

/// Reads each fixture once, however many fences ask for it.
pub(super) struct Fixtures<'a> {
    root: &'a Path,
    texts: BTreeMap<String, Option<String>>,
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
        let path = self.root.join(&file);
        let text = self.texts.entry(file.clone()).or_insert_with(|| fs::read_to_string(path).ok());
        let code = text
            .clone()
            .ok_or_else(|| missing(snippet, &file, "`setup=` names Python files there, without `.py`"))?;
        Ok(Step { file, code, line: Line(1), files: Vec::new() })
    }

    pub(super) fn files(&self, snippet: &Snippet) -> Result<Vec<FixtureFile>, Problem> {
        let names = snippet.directives.files.iter();
        names
            .map(|name| {
                let file = format!("{FOLDER}/{name}");
                let from: PathBuf = self.root.join(&file);
                if !from.is_file() {
                    return Err(missing(snippet, &file, "`files=` names files there"));
                }
                let base = Path::new(name).file_name().unwrap_or(name.as_ref());
                Ok(FixtureFile { name: base.to_string_lossy().into_owned(), from })
            })
            .collect()
    }
}

fn missing(snippet: &Snippet, file: &str, hint: &str) -> Problem {
    Problem {
        path: snippet.path.0.clone(),
        line: Some(snippet.location.start),
        message: format!("cannot read the fixture `{file}`"),
        hint: Some(hint.to_owned()),
    }
}
