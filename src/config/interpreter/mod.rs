//! Which Python snippets run in, and whose packages they import. Nothing below the project is executed here.

mod base;
mod chooser;
mod facts;
mod linkage;
mod places;
mod pyvenv;
mod remembered;
mod search;
#[cfg(test)]
mod tests;
mod version;

use std::path::{Path, PathBuf};

use crate::config::error::{At, ConfigError, PythonOrigin};
pub(crate) use crate::config::interpreter::chooser::Chooser;
pub(crate) use crate::config::interpreter::facts::Facts;
pub(crate) use crate::config::interpreter::linkage::Linkage;
pub(crate) use crate::config::interpreter::places::{CurrentFolder, Places};
pub(crate) use crate::config::interpreter::pyvenv::VirtualEnvironment;
use crate::config::interpreter::pyvenv::{Described, environment_of};
use crate::config::interpreter::remembered::Resolved;
pub(crate) use crate::config::interpreter::version::VersionWish;
use crate::directive::Python;

/// Which Python was chosen, and by whom, before any of its files has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PythonChoice {
    /// An absolute path, or a name to look up on `PATH`.
    Caller(PathBuf),
    /// Any Python of this version.
    Version(VersionWish),
    /// Any Python of this version, wanted by the settings: one that the machine has, never a file of the checkout.
    ListedVersion { wish: VersionWish, at: At },
    /// `VIRTUAL_ENV`.
    Activated(PathBuf),
    /// `CONDA_PREFIX`.
    Conda(PathBuf),
    /// The key `python`, or a `.venv` at the root or above it: an environment, since a checked-in file does not choose what gets
    /// executed.
    Project { folder: PathBuf, origin: PythonOrigin, chooser: Chooser },
    /// Nobody has chosen one: the first that is found.
    Found,
}

/// A CPython that snippets can run in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// Of an environment, the executable in it: Python looks for `pyvenv.cfg` beside this path, so links are kept.
    pub(crate) executable: PathBuf,
    /// What `sys.prefix` will be.
    pub(crate) prefix: PathBuf,
    /// The Python itself, without the environment.
    pub(crate) facts: Facts,
    pub(crate) environment: Option<VirtualEnvironment>,
    pub(crate) chooser: Chooser,
}

impl PythonChoice {
    /// Reads the files of the chosen Python. One that is not known yet is run to learn what it is, except for files that the
    /// checkout may have brought along.
    pub(crate) fn interpreter(&self, places: &Places) -> Result<Interpreter, ConfigError> {
        let interpreter = match self {
            Self::Caller(word) => of_caller(word, places)?,
            Self::Version(wish) => {
                of_version((*wish, &format!("`--python {wish}`")), Chooser::Caller, places)?
            }
            Self::ListedVersion { wish, at } => {
                let asked = format!("`{wish}` in `pythons`");
                of_version((*wish, &asked), Chooser::Nobody, places)
                    .map_err(|error| ConfigError::Listed { at: at.clone(), error: Box::new(error) })?
            }
            Self::Activated(folder) => {
                let origin = PythonOrigin::Activated;
                of_environment(pyvenv::describe(folder, None, origin)?, Chooser::Caller, places)?
            }
            Self::Conda(folder) => of_conda(folder, places)?,
            Self::Project { folder, origin, chooser } => {
                of_environment(pyvenv::describe(folder, None, *origin)?, *chooser, places)?
            }
            Self::Found => found(places)?,
        };
        Ok(interpreter)
    }
}

impl Interpreter {
    /// Where pip installs pure packages for it.
    pub(crate) fn site_packages(&self) -> PathBuf {
        self.prefix.join(format!("lib/python{}/site-packages", self.facts.version.minor()))
    }

    /// The version as conditions in documents speak of it.
    pub(crate) fn python(&self) -> Python {
        Python { major: self.facts.version.major, minor: self.facts.version.minor }
    }

    /// The folder that the Python itself consists of, the standard library included.
    pub(crate) fn base_prefix(&self) -> &Path {
        &self.facts.prefix
    }
}

/// A Python that the caller named: an executable or an environment.
fn of_caller(word: &Path, places: &Places) -> Result<Interpreter, ConfigError> {
    let path = if word.is_absolute() {
        word.to_owned()
    } else {
        search::on_path(word, places).ok_or_else(|| ConfigError::NotOnPath { name: word.to_owned() })?
    };
    if !path.exists() {
        return Err(ConfigError::NoInterpreter { origin: PythonOrigin::Caller, path });
    }
    if !path.is_dir() {
        return of_executable(path, Chooser::Caller, places);
    }

    // Of conda's environments, too, the folder is what people know.
    let python = path.join("bin/python");
    if path.join("conda-meta").is_dir() && python.is_file() {
        return of_executable(python, Chooser::Caller, places);
    }
    of_environment(pyvenv::describe(&path, None, PythonOrigin::Caller)?, Chooser::Caller, places)
}

/// Any Python of a version that is wanted by these words.
fn of_version(
    (wish, asked): (VersionWish, &str),
    chooser: Chooser,
    places: &Places,
) -> Result<Interpreter, ConfigError> {
    if wish.is_too_old() {
        return Err(ConfigError::OldWish { asked: asked.to_owned() });
    }
    if wish.free_threaded {
        let usual = VersionWish { free_threaded: false, ..wish };
        return Err(ConfigError::FreeThreadedWish { asked: asked.to_owned(), usual: usual.to_string() });
    }

    let mut unusable = None;
    for path in search::candidates(Some(wish), places) {
        match of_executable(path, chooser, places) {
            Ok(interpreter) if wish.allows(interpreter.facts.version) => return Ok(interpreter),
            Err(error @ ConfigError::FreeThreaded { .. }) => unusable = unusable.or(Some(error)),
            Ok(_) | Err(_) => {}
        }
    }
    Err(unusable.unwrap_or(ConfigError::NoVersion { wish: wish.to_string() }))
}

/// An activated environment of conda, which is a Python of its own.
fn of_conda(folder: &Path, places: &Places) -> Result<Interpreter, ConfigError> {
    let python = folder.join("bin/python");
    if places.is_of_checkout(&python) {
        return Err(ConfigError::CondaOfCheckout { folder: folder.to_owned() });
    }
    of_executable(python, Chooser::Caller, places)
}

/// The first Python that can be used, of all that are found.
fn found(places: &Places) -> Result<Interpreter, ConfigError> {
    let mut unusable = Vec::new();
    for path in search::candidates(None, places) {
        match of_executable(path, Chooser::Nobody, places) {
            Ok(interpreter) => return Ok(interpreter),
            Err(error) => unusable.push(error.to_string()),
        }
    }
    Err(ConfigError::NoPython { unusable })
}

/// The Python behind an executable, which may be that of an environment, or a script that starts another one.
fn of_executable(path: PathBuf, chooser: Chooser, places: &Places) -> Result<Interpreter, ConfigError> {
    // Who puts an environment on `PATH` has chosen it.
    let in_environment = |folder: PathBuf, path| {
        of_environment(pyvenv::describe(&folder, Some(path), PythonOrigin::Caller)?, Chooser::Caller, places)
    };
    if let Some(folder) = environment_of(&path) {
        return in_environment(folder, path);
    }

    let Resolved { executable, facts } = remembered::resolve(&path, places)?;
    if let Some(folder) = environment_of(&executable) {
        return in_environment(folder, executable);
    }
    facts.usable(&path)?;

    // What lies around a link that leads elsewhere is no part of the Python, as with `~/.local/bin/python3.12`.
    let with_real_folder = places::with_real_folder(&executable);
    let is_its_own = with_real_folder.starts_with(places::real(&facts.prefix));
    let executable = if is_its_own { with_real_folder } else { facts.executable.clone() };
    Ok(Interpreter { executable, prefix: facts.prefix.clone(), facts, environment: None, chooser })
}

/// The Python of an environment, once the Python that it was made from may be used.
fn of_environment(
    described: Described,
    chooser: Chooser,
    places: &Places,
) -> Result<Interpreter, ConfigError> {
    base::check(&described, chooser, places)?;
    let Described { environment, executable, base, version } = described;

    let Resolved { facts, .. } = remembered::resolve(&base, places)?;
    facts.usable(&base)?;
    if (facts.version.major, facts.version.minor) != (version.major, version.minor) {
        let (made_for, found) = (version.minor(), facts.version.minor());
        return Err(ConfigError::OtherBase { environment: environment.folder, base, made_for, found });
    }
    let prefix = environment.folder.clone();
    Ok(Interpreter { executable, prefix, facts, environment: Some(environment), chooser })
}
