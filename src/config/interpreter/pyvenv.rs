//! Environments, read as text: nothing of an environment is executed here.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::error::{ConfigError, PythonOrigin};
use crate::config::interpreter::version::Version;
use crate::config::text_file;

/// An environment, as its `pyvenv.cfg` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VirtualEnvironment {
    pub(crate) folder: PathBuf,
    /// `include-system-site-packages`: packages of the base are importable too.
    pub(crate) system_packages: bool,
}

/// What `pyvenv.cfg` says, and the executables that it leads to.
pub(super) struct Described {
    pub(super) environment: VirtualEnvironment,
    /// The executable in the environment.
    pub(super) executable: PathBuf,
    /// The Python that the environment was made from.
    pub(super) base: PathBuf,
    /// The version that the environment was made for.
    pub(super) version: Version,
}

/// The folder whose `bin` holds this executable, if it is an environment.
pub(super) fn environment_of(executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?.parent()?;
    folder.join("pyvenv.cfg").is_file().then(|| folder.to_owned())
}

/// The Python of an environment, as the text of its `pyvenv.cfg` says.
pub(super) fn describe(
    folder: &Path,
    executable: Option<PathBuf>,
    origin: PythonOrigin,
) -> Result<Described, ConfigError> {
    let file = folder.join("pyvenv.cfg");
    let text = match text_file::read(&file) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(ConfigError::NoEnvironment { origin, path: folder.to_owned() });
        }
        Err(source) => return Err(ConfigError::Read { file, source }),
    };

    let missing = |key| ConfigError::EnvironmentKey { file: file.clone(), key };
    let home = folder.join(value(&text, "home").ok_or_else(|| missing("home"))?);
    // venv writes `version`, virtualenv and uv write `version_info`.
    let version = value(&text, "version").or_else(|| value(&text, "version_info"));
    let version = version.and_then(Version::parse).ok_or_else(|| missing("version"))?;

    // The name with the version first: what `python3` is may have changed since.
    let names =
        [format!("python{}", version.minor()), format!("python{}", version.major), "python".to_owned()];
    let base = names.iter().map(|name| home.join(name)).find(|path| path.is_file());
    let base = base.ok_or_else(|| ConfigError::NoBase { environment: folder.to_owned(), base: home })?;

    let bin = folder.join("bin");
    let executable = executable
        .or_else(|| names.iter().rev().map(|name| bin.join(name)).find(|path| path.is_file()))
        .ok_or_else(|| ConfigError::NoInterpreter { origin, path: bin.join("python") })?;

    let system_packages =
        value(&text, "include-system-site-packages").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    let environment = VirtualEnvironment { folder: folder.to_owned(), system_packages };
    Ok(Described { environment, executable, base, version })
}

/// The value of a `key = value` line.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(word, _)| word.trim().eq_ignore_ascii_case(key))
        .map(|(_, value)| value.trim())
}
