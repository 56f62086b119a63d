//! Whose packages snippets import. An environment is read as text: nothing below the project is executed here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::config::error::{ConfigError, PythonOrigin};
use crate::config::text_file;
use crate::config::version::BUILT_FOR;

/// Which Python was chosen, and by whom, before any of its files has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PythonChoice {
    /// An absolute path, or a name to look up in `search`.
    Caller {
        word: PathBuf,
        search: Option<OsString>,
    },
    Activated(PathBuf),
    /// The key `python`, or a `.venv` at the root or above it: an environment, since a checked-in file does not choose what gets
    /// executed.
    Project {
        folder: PathBuf,
        origin: PythonOrigin,
        chooser: Chooser,
    },
    /// The Python that this snipcheck was built with.
    BuiltIn,
}

/// A Python of the version that is linked in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// Symbolic links are kept: Python looks for `pyvenv.cfg` beside this path.
    pub(crate) executable: PathBuf,
    /// What `sys.prefix` will be.
    pub(crate) prefix: PathBuf,
    /// The folder of the executable that the environment was made from, or of this one.
    pub(crate) base: PathBuf,
    pub(crate) version: (u8, u8),
    pub(crate) environment: Option<VirtualEnvironment>,
    pub(crate) chooser: Chooser,
}

/// Who has chosen an interpreter, and with it the files that it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chooser {
    /// Its executable is started, and what it refers to outside of itself can be read.
    Caller,
    /// Its packages are importable, on the base of the built-in interpreter; it opens nothing.
    Project,
}

/// An environment, as its `pyvenv.cfg` describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VirtualEnvironment {
    pub(crate) folder: PathBuf,
    /// `include-system-site-packages`: packages of the base are importable too.
    pub(crate) system_packages: bool,
}

impl PythonChoice {
    /// Reads the files of the chosen Python; `None` for the built-in one. Only a bare Python that the caller named is run.
    pub(crate) fn interpreter(&self) -> Result<Option<Interpreter>, ConfigError> {
        let interpreter = match self {
            Self::Caller { word, search } => of_caller(word, search.as_ref())?,
            Self::Activated(folder) => of_environment(folder, None, PythonOrigin::Activated)?,
            Self::Project { folder, origin, chooser } => {
                Interpreter { chooser: *chooser, ..of_environment(folder, None, *origin)? }
            }
            Self::BuiltIn => return Ok(None),
        };

        let (major, minor) = interpreter.version;
        let found = format!("{major}.{minor}");
        if found != BUILT_FOR {
            return Err(ConfigError::Version { executable: interpreter.executable, found });
        }
        Ok(Some(interpreter))
    }
}

impl Interpreter {
    /// Where pip installs pure packages for it.
    pub(crate) fn site_packages(&self) -> PathBuf {
        let (major, minor) = self.version;
        self.prefix.join(format!("lib/python{major}.{minor}/site-packages"))
    }
}

/// A Python that the caller named: an executable or an environment.
fn of_caller(word: &Path, search: Option<&OsString>) -> Result<Interpreter, ConfigError> {
    let path = if word.is_absolute() {
        word.to_owned()
    } else {
        look_up(word, search).ok_or_else(|| ConfigError::NotOnPath { name: word.to_owned() })?
    };
    if !path.exists() {
        return Err(ConfigError::NoInterpreter { origin: PythonOrigin::Caller, path });
    }

    if path.is_dir() {
        return of_environment(&path, None, PythonOrigin::Caller);
    }
    match environment_of(&path) {
        Some(folder) => of_environment(&folder, Some(path), PythonOrigin::Caller),
        None => ask(path),
    }
}

/// The file of this name in a folder of `PATH`.
fn look_up(name: &Path, search: Option<&OsString>) -> Option<PathBuf> {
    // A relative entry would find programs of the project.
    let folders = std::env::split_paths(search?).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The folder whose `bin` holds this executable, if it is an environment.
fn environment_of(executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?.parent()?;
    folder.join("pyvenv.cfg").is_file().then(|| folder.to_owned())
}

/// The Python of an environment, as the text of its `pyvenv.cfg` says.
fn of_environment(
    folder: &Path,
    executable: Option<PathBuf>,
    origin: PythonOrigin,
) -> Result<Interpreter, ConfigError> {
    let file = folder.join("pyvenv.cfg");
    if !file.is_file() {
        return Err(ConfigError::NoEnvironment { origin, path: folder.to_owned() });
    }

    let text = text_file::read(&file).map_err(|source| ConfigError::Read { file: file.clone(), source })?;
    let missing = |key| ConfigError::EnvironmentKey { file: file.clone(), key };
    let base = folder.join(value(&text, "home").ok_or_else(|| missing("home"))?);
    // venv writes `version`, virtualenv and uv write `version_info`.
    let version = value(&text, "version").or_else(|| value(&text, "version_info"));
    let version = version.and_then(parse_version).ok_or_else(|| missing("version"))?;

    let (major, minor) = version;
    let names = ["python".to_owned(), format!("python{major}"), format!("python{major}.{minor}")];
    let python_in = |bin: &Path| names.iter().map(|name| bin.join(name)).find(|path| path.is_file());
    // What `home` names becomes readable in the sandbox, and the environment may be checked in.
    if python_in(&base).is_none() {
        return Err(ConfigError::NoBase { environment: folder.to_owned(), base });
    }

    let bin = folder.join("bin");
    let executable = executable
        .or_else(|| python_in(&bin))
        .ok_or_else(|| ConfigError::NoInterpreter { origin, path: bin.join("python") })?;

    let system_packages =
        value(&text, "include-system-site-packages").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    Ok(Interpreter {
        executable,
        prefix: folder.to_owned(),
        base,
        version,
        environment: Some(VirtualEnvironment { folder: folder.to_owned(), system_packages }),
        chooser: Chooser::Caller,
    })
}

/// Runs an executable that the caller named to learn what it is. The path that it gives itself counts, since a script may
/// start another Python.
fn ask(path: PathBuf) -> Result<Interpreter, ConfigError> {
    let output = Command::new(&path)
        .args(["-I", "-S", "-c", include_str!("interpreter.py")])
        .stdin(Stdio::null())
        .output()
        .map_err(|source| ConfigError::Ask { executable: path.clone(), source })?;

    let answer = String::from_utf8_lossy(&output.stdout);
    let mut lines = answer.lines();
    let (Some(version), Some(prefix), Some(executable)) =
        (lines.next().and_then(parse_version), lines.next(), lines.next())
    else {
        return Err(ConfigError::Answer { executable: path });
    };

    let executable = PathBuf::from(executable);
    if let Some(folder) = environment_of(&executable) {
        return of_environment(&folder, Some(executable), PythonOrigin::Caller);
    }

    let base = executable.parent().unwrap_or(Path::new("/")).to_owned();
    let prefix = PathBuf::from(prefix);
    let chooser = Chooser::Caller;
    Ok(Interpreter { executable, prefix, base, version, environment: None, chooser })
}

/// The value of a `key = value` line.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(word, _)| word.trim().eq_ignore_ascii_case(key))
        .map(|(_, value)| value.trim())
}

/// The first two numbers of `3.11.7.final.0`.
fn parse_version(text: &str) -> Option<(u8, u8)> {
    let mut numbers = text.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// An environment `v` made from the Python in `base`.
    fn environment(settings: &str, files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::create_dir_all(folder.path().join("v")).unwrap();
        fs::write(folder.path().join("v/pyvenv.cfg"), settings).unwrap();
        folder
    }

    const COMPLETE: &[&str] = &["v/bin/python", "base/python3"];

    #[test]
    fn environments_are_read_as_text() {
        for (settings, system_packages) in [
            (
                format!("home = ../base\nversion = {BUILT_FOR}.7\ninclude-system-site-packages = false\n"),
                false,
            ),
            (
                format!(
                    "HOME=../base\nversion_info = {BUILT_FOR}.7.final.0\ninclude-system-site-packages = true"
                ),
                true,
            ),
        ] {
            let folder = environment(&settings, COMPLETE);
            let prefix = folder.path().join("v");
            let expected = Interpreter {
                executable: prefix.join("bin/python"),
                base: prefix.join("../base"),
                version: parse_version(BUILT_FOR).unwrap(),
                environment: Some(VirtualEnvironment { folder: prefix.clone(), system_packages }),
                prefix: prefix.clone(),
                chooser: Chooser::Caller,
            };

            for word in [prefix.clone(), prefix.join("bin/python")] {
                let choice = PythonChoice::Caller { word, search: None };
                assert_eq!(choice.interpreter().unwrap(), Some(expected.clone()));
            }

            let of_project = Interpreter { chooser: Chooser::Project, ..expected.clone() };
            assert_eq!(of_settings(prefix.clone()).interpreter().unwrap(), Some(of_project));
            assert!(expected.site_packages().ends_with(format!("v/lib/python{BUILT_FOR}/site-packages")));
        }
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let complete = format!("home = ../base\nversion = {BUILT_FOR}.1\n");
        let complaints: Vec<String> = [
            ("home = ../base\nversion = 3.7.1\n", COMPLETE),
            ("version = 3.7.1\n", COMPLETE),
            ("home = ../base\n", COMPLETE),
            (&complete, &["v/bin/python"]),
            (&complete, &["base/python"]),
        ]
        .map(|(settings, files)| {
            let folder = environment(settings, files);
            complaint(&of_settings(folder.path().join("v")), folder.path())
        })
        .into();
        insta::assert_snapshot!(complaints.join("\n\n"));
    }

    #[test]
    fn missing_interpreters_say_who_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone");
        let search = Some(folder.path().into());
        let complaints: Vec<String> = [
            PythonChoice::Caller { word: path.clone(), search: None },
            PythonChoice::Caller { word: "gone".into(), search },
            PythonChoice::Caller { word: folder.path().join("."), search: None },
            PythonChoice::Caller { word: "/bin/true".into(), search: None },
            of_settings(path.clone()),
            PythonChoice::Activated(path),
        ]
        .map(|choice| complaint(&choice, folder.path()))
        .into();
        insta::assert_snapshot!(complaints.join("\n\n"));
    }

    #[test]
    fn a_bare_python_is_asked() {
        let built_with = Path::new(env!("SNIPCHECK_PYTHON"));
        let by_path = PythonChoice::Caller { word: built_with.to_owned(), search: None };
        let by_name = PythonChoice::Caller {
            word: built_with.file_name().unwrap().into(),
            search: Some(built_with.parent().unwrap().into()),
        };
        let interpreter = by_path.interpreter().unwrap().unwrap();
        assert_eq!(by_name.interpreter().unwrap().as_ref(), Some(&interpreter));
        assert_eq!(Some(interpreter.version), parse_version(BUILT_FOR));
        assert!(interpreter.executable.starts_with(&interpreter.base));
    }

    fn of_settings(folder: PathBuf) -> PythonChoice {
        PythonChoice::Project { folder, origin: PythonOrigin::Settings, chooser: Chooser::Project }
    }

    fn complaint(choice: &PythonChoice, folder: &Path) -> String {
        let error = choice.interpreter().unwrap_err();
        let text = format!("{error}\n  hint: {}", error.hint().unwrap_or_default());
        text.replace(&*folder.to_string_lossy(), "[folder]").replace(BUILT_FOR, "[built]")
    }
}
