//! The facts of interpreters, remembered from run to run, so that a run starts no Python only to learn what it is.
//!
//! A record belongs to a file as it was: another path, inode, size or time, and the interpreter is asked again.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::error::ConfigError;
use crate::config::interpreter::facts::{Answer, Facts, ask};
use crate::config::interpreter::linkage::Linkage;
use crate::config::interpreter::places::{Places, real};
use crate::safe_fs::{Dir, SafeFsError, contents, plain};

const FILE: &str = "interpreters.json";
/// Bytes of the file that are read: more than all that are remembered take.
const LONGEST: u64 = 1 << 20;
/// Interpreters that are remembered; with more of them the file starts again.
const REMEMBERED: usize = 64;

/// An executable that was resolved.
pub(super) struct Resolved {
    /// The interpreter: the path itself, or of a script the Python that it starts.
    pub(super) executable: PathBuf,
    pub(super) facts: Facts,
}

/// A file as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    path: PathBuf,
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    interpreter: Identity,
    /// The libpython that the interpreter is linked to.
    library: Option<Identity>,
    /// `LD_LIBRARY_PATH`, by which that library was found.
    libraries: Option<String>,
    facts: Facts,
}

/// A shim of pyenv, and what it led to.
#[derive(Debug, Serialize, Deserialize)]
struct Shim {
    script: Identity,
    /// All that pyenv goes by.
    state: Vec<Option<String>>,
    /// `None` where the chosen versions have no Python of this name.
    executable: Option<PathBuf>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    interpreters: Vec<Record>,
    shims: Vec<Shim>,
}

/// What an executable is, as remembered or as it says now.
pub(super) fn resolve(path: &Path, places: &Places) -> Result<Resolved, ConfigError> {
    let mut memory = places.memory.as_deref().map(recall).unwrap_or_default();
    let identity = Identity::of(path);
    if let Some(facts) = identity.as_ref().and_then(|identity| memory.facts(identity, places)) {
        return Ok(Resolved { executable: path.to_owned(), facts });
    }

    let is_shim = path.parent().is_some_and(|folder| places.is_shims(folder));
    let shim = identity.filter(|_| is_shim).map(|script| (script, pyenv_state(places)));
    if let Some((script, state)) = &shim
        && let Some(known) = memory.shims.iter().find(|shim| &shim.script == script && &shim.state == state)
    {
        let Some(executable) = known.executable.clone() else {
            return Err(ConfigError::Answer { executable: path.to_owned() });
        };
        if let Some(facts) = Identity::of(&executable).and_then(|file| memory.facts(&file, places)) {
            return Ok(Resolved { executable, facts });
        }
    }

    let asked = ask(path, &places.folder, places.libraries.as_deref());
    if let Some((script, state)) = shim {
        let executable = asked.as_ref().ok().map(|answer| answer.executable.clone());
        memory.shims.retain(|shim| shim.script.path != script.path);
        memory.shims.push(Shim { script, state, executable });
    }
    if let Ok(Answer { facts, .. }) = &asked {
        memory.add(facts, places);
    }
    if let Some(folder) = &places.memory {
        // What is not remembered is asked again.
        let _ = remember(folder, &memory);
    }

    let Answer { executable, facts } = asked?;
    // A script starts another file than itself, and so does a program that goes by the name it is called with.
    let is_itself = facts.executable == real(path);
    Ok(Resolved { executable: if is_itself { path.to_owned() } else { executable }, facts })
}

impl Identity {
    /// The file behind all links as it is now.
    fn of(path: &Path) -> Option<Self> {
        let path = fs::canonicalize(path).ok()?;
        let metadata = fs::metadata(&path).ok()?;
        Some(Self {
            path,
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

impl Memory {
    fn facts(&self, interpreter: &Identity, places: &Places) -> Option<Facts> {
        let libraries = libraries(places);
        let record = self
            .interpreters
            .iter()
            .find(|record| &record.interpreter == interpreter && record.libraries == libraries)?;
        let library = library(&record.facts);
        (record.library == library.and_then(Identity::of)).then(|| record.facts.clone())
    }

    fn add(&mut self, facts: &Facts, places: &Places) {
        let Some(interpreter) = Identity::of(&facts.executable) else { return };
        if self.interpreters.len() + self.shims.len() >= REMEMBERED {
            *self = Self::default();
        }
        self.interpreters.retain(|record| record.interpreter.path != interpreter.path);
        self.interpreters.push(Record {
            interpreter,
            library: library(facts).and_then(Identity::of),
            libraries: libraries(places),
            facts: facts.clone(),
        });
    }
}

fn library(facts: &Facts) -> Option<&Path> {
    match &facts.linkage {
        Linkage::Embedded { library } => Some(library),
        Linkage::Hosted => None,
    }
}

fn libraries(places: &Places) -> Option<String> {
    places.libraries.as_ref().map(|list| list.to_string_lossy().into_owned())
}

/// Variables, and the files that say which version is meant here and everywhere (`pyenv help local`).
fn pyenv_state(places: &Places) -> Vec<Option<String>> {
    let text = |path: PathBuf| {
        let file = plain(&path).and_then(|file| contents(&file, LONGEST)).ok()?;
        Some(String::from_utf8_lossy(&file).into_owned())
    };
    let root = places.pyenv.as_deref().unwrap_or(Path::new("/"));
    let versions = Identity::of(&root.join("versions"));

    let path: Vec<_> = places.path.iter().map(|folder| folder.to_string_lossy()).collect();
    let mut state = vec![
        places.pyenv_version.as_ref().map(|version| version.to_string_lossy().into_owned()),
        Some(path.join(":")),
        versions.map(|versions| format!("{:?}", versions.modified)),
        text(root.join("version")),
    ];
    let local = places.folder.ancestors().find_map(|folder| text(folder.join(".python-version")));
    state.push(local);
    state
}

fn recall(folder: &Path) -> Memory {
    let text = plain(&folder.join(FILE)).and_then(|file| contents(&file, LONGEST)).ok();
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

fn remember(folder: &Path, memory: &Memory) -> Result<(), SafeFsError> {
    fs::create_dir_all(folder)?;
    let folder = Dir::open(folder)?;
    folder.remove_abandoned()?;
    folder.write(FILE, &serde_json::to_vec(memory).map_err(io::Error::from)?)
}
