//! Which documents have to run again because of files that changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::config::Settings;
use crate::expect;
use crate::model::snippet::DocumentPath;
use crate::run;

/// Also the folder of those that are copied beside snippets.
const FIXTURES: &str = "fixtures";
pub(super) const SETTINGS: &str = "pyproject.toml";
pub(super) const RULES: &str = ".gitignore";

/// What a change of files means.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    /// What any snippet may use, or is held to.
    pub(super) everything: bool,
    pub(super) documents: BTreeSet<DocumentPath>,
}

/// The project before a change.
pub(super) struct Known<'a> {
    pub(super) settings: &'a Settings,
    /// The documents by their files.
    pub(super) documents: &'a BTreeMap<PathBuf, DocumentPath>,
}

/// What a changed file is to snippets.
#[derive(Debug, PartialEq, Eq)]
enum Role<'a> {
    Settings,
    /// Left by an editor that is at work, or written by runs.
    Passing,
    Document(&'a DocumentPath),
    Snapshot(DocumentPath),
    /// Python of `fixtures/`.
    Setup(String),
    /// Anything else there.
    Fixture(String),
    /// Python that a snippet may import.
    Module,
    Other,
}

impl Known<'_> {
    pub(super) fn touched(&self, changed: &BTreeSet<PathBuf>) -> Touched {
        let mut touched = Touched::default();
        for file in changed {
            match self.role(file) {
                Role::Passing => {}
                Role::Document(path) => {
                    touched.documents.insert(path.clone());
                }
                Role::Snapshot(path) => {
                    touched.documents.insert(path);
                }
                Role::Setup(name) => match self.users(|directives| directives.setup_names(&name)) {
                    users if users.is_empty() => touched.everything = true,
                    users => touched.documents.extend(users),
                },
                Role::Fixture(name) => {
                    touched.documents.extend(self.users(|directives| directives.file_names(&name)));
                    touched.documents.extend(self.beside(file));
                }
                Role::Module | Role::Settings => touched.everything = true,
                Role::Other => match self.beside(file) {
                    beside if beside.is_empty() => touched.everything = true,
                    beside => touched.documents.extend(beside),
                },
            }
        }
        touched
    }

    /// Whether a file means anything.
    pub(super) fn counts(&self, file: &Path) -> bool {
        self.role(file) != Role::Passing
    }

    /// Whether there are other settings, or other files that count.
    pub(super) fn are_other_settings(&self, changed: &BTreeSet<PathBuf>) -> bool {
        changed.iter().any(|file| self.role(file) == Role::Settings)
    }

    fn role(&self, file: &Path) -> Role<'_> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if let Some(path) = self.documents.get(file) {
            return Role::Document(path);
        }
        if name == SETTINGS || name == RULES {
            return Role::Settings;
        }
        if is_passing(&name) {
            return Role::Passing;
        }

        let root = &self.settings.root;
        if let Ok(inside) = file.strip_prefix(root.join(expect::FOLDER)) {
            let document = inside.parent().filter(|_| name.ends_with(".snap"));
            let document = document.map(|path| DocumentPath(path.to_string_lossy().into_owned()));
            return document.map_or(Role::Passing, Role::Snapshot);
        }
        let is_python = Path::new(&*name).extension().is_some_and(|ending| ending == "py");
        match file.strip_prefix(root.join(FIXTURES)) {
            Ok(inside) if is_python => Role::Setup(inside.with_extension("").to_string_lossy().into_owned()),
            Ok(inside) => Role::Fixture(inside.to_string_lossy().into_owned()),
            Err(_) if is_python => Role::Module,
            Err(_) => Role::Other,
        }
    }

    /// Documents in whose folder a file lies, or in a folder of it: their snippets see it by its name.
    fn beside(&self, file: &Path) -> BTreeSet<DocumentPath> {
        let sees = |document: &Path| document.parent().is_some_and(|folder| file.starts_with(folder));
        let documents = self.documents.iter().filter(|(document, _)| sees(document));
        documents.map(|(_, path)| path.clone()).collect()
    }

    /// Documents that ask for a fixture.
    fn users(&self, asks: impl Fn(&Wishes<'_>) -> bool) -> BTreeSet<DocumentPath> {
        let documents = run::load(self.settings, &run::discover(self.settings));
        let using = documents.into_iter().filter(|document| {
            let mut blocks = document.blocks.iter().filter(|block| block.is_python());
            blocks.any(|block| {
                let directives = &block.directives;
                asks(&Wishes { setup: [&directives.setup, &directives.fixtures], files: &directives.files })
            })
        });
        using.map(|document| document.path).collect()
    }
}

/// The fixtures that a block asks for.
struct Wishes<'a> {
    setup: [&'a Vec<String>; 2],
    files: &'a Vec<String>,
}

impl Wishes<'_> {
    fn setup_names(&self, name: &str) -> bool {
        self.setup.iter().any(|names| names.iter().any(|other| other == name))
    }

    fn file_names(&self, name: &str) -> bool {
        self.files.iter().any(|other| other == name)
    }
}

/// Whether an editor leaves files by this name while it writes another one.
fn is_passing(name: &str) -> bool {
    let endings = ["~", ".swp", ".swx", ".tmp", ".bak", ".orig"];
    endings.iter().any(|ending| name.ends_with(ending))
        || name.starts_with('#') && name.ends_with('#')
        || name.contains("___jb_")
        // Vim finds out with it whether it may write in a folder.
        || name == "4913"
}
