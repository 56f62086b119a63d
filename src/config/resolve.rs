//! Flags, environment and file become one: the nearer word wins, and a checked-in file cannot widen a limit.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::config::environment::Environment;
use crate::config::error::{At, ConfigError};
use crate::config::flags::{Execution, Flags, choice, count, span};
use crate::config::interpreter::PythonChoice;
use crate::config::{Settings, file, paths};
use crate::directive::Directives;
use crate::policy::{Limits, SandboxMode};
use crate::problem::Problem;
use crate::summary::Strictness;

/// Reads the settings file and lets the nearer word win.
pub(crate) fn resolve(flags: &Flags, environment: &Environment) -> Result<Settings, ConfigError> {
    let (root, raw) = file::find(environment)?;
    let execution = &flags.execution;
    let (paths, places) = if flags.paths.is_empty() {
        (raw.paths.unwrap_or_else(|| paths::defaults(&root)), Vec::new())
    } else {
        paths::resolve(&flags.paths, &environment.folder, &root)?
    };
    let own = own_words(execution, environment)?;
    let most = own.timeout.unwrap_or(Limits::default().wall);
    let mut problems = Vec::new();
    if let Some((asked, at)) = &raw.timeout
        && *asked > most
        && own.timeout.is_none()
    {
        problems.push(too_long(*asked, most, at));
    }
    Ok(Settings {
        paths,
        places,
        exclude: raw.exclude,
        share: execution.share.or(raw.share).unwrap_or_default(),
        snapshots: flags.snapshots.or(raw.snapshots).unwrap_or_default(),
        directives: Directives { setup: raw.setup, files: raw.files, ..Directives::default() },
        timeout: own.timeout.or(raw.timeout.map(|(asked, _)| asked.min(most))).unwrap_or(most),
        longest_timeout: most,
        run_timeout: execution.run_timeout.or(raw.run_timeout),
        redactions: raw.redactions,
        python: python(execution, environment, raw.python.as_deref(), &root),
        pythonpath: inside(raw.pythonpath, &root)?,
        sandbox: own.sandbox.unwrap_or_default(),
        strictness: flags.strictness.unwrap_or_else(|| strictness(environment)),
        jobs: own.jobs.or(raw.jobs).unwrap_or_else(one_more_than_cores),
        memory: memory(environment, &root),
        base: way_up(&environment.folder, &root),
        asked: !flags.paths.is_empty(),
        home: environment.home.clone(),
        problems,
        root,
    })
}

/// While one session starts or ends, which is the kernel's work, another can use its core.
fn one_more_than_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from) + 1
}

fn way_up(folder: &Path, root: &Path) -> String {
    let below = folder.strip_prefix(root).map_or(0, |below| below.components().count());
    vec![".."; below].join("/")
}

/// What the caller said, by flag or by variable, where both can say it.
struct Own {
    timeout: Option<Duration>,
    sandbox: Option<SandboxMode>,
    jobs: Option<usize>,
}

fn own_words(execution: &Execution, environment: &Environment) -> Result<Own, ConfigError> {
    Ok(Own {
        timeout: nearer(execution.timeout, "SNIPCHECK_TIMEOUT", environment.timeout.as_deref(), span)?,
        sandbox: nearer(execution.sandbox, "SNIPCHECK_SANDBOX", environment.sandbox.as_deref(), choice)?,
        jobs: nearer(execution.jobs, "SNIPCHECK_JOBS", environment.jobs.as_deref(), count)?,
    })
}

fn nearer<Setting>(
    flag: Option<Setting>,
    name: &'static str,
    variable: Option<&str>,
    parse: fn(&str) -> Result<Setting, ConfigError>,
) -> Result<Option<Setting>, ConfigError> {
    match (flag, variable) {
        (None, Some(word)) => {
            let invalid =
                |source| ConfigError::Variable { name, found: word.to_owned(), source: Box::new(source) };
            parse(word).map(Some).map_err(invalid)
        }
        (flag, _) => Ok(flag),
    }
}

fn too_long(asked: Duration, most: Duration, at: &At) -> Problem {
    Problem {
        path: "pyproject.toml".to_owned(),
        line: Some(at.line),
        message: format!("`timeout` asks for {asked:?}, settings can give {most:?} at most"),
        hint: Some(format!("pass `--timeout {0}s` or set `SNIPCHECK_TIMEOUT={0}s`", asked.as_secs_f64())),
    }
}

fn python(
    execution: &Execution,
    environment: &Environment,
    settings: Option<&str>,
    root: &Path,
) -> PythonChoice {
    if let Some(word) = execution.python.as_ref().or(environment.python.as_ref()) {
        // A bare name keeps its shape: it is looked up.
        let bare_name = word.components().count() == 1 && !environment.folder.join(word).is_dir();
        let word = if bare_name { word.clone() } else { paths::absolute(word, &environment.folder) };
        return PythonChoice::Caller { word, search: environment.search.clone() };
    }
    if let Some(folder) = settings {
        return PythonChoice::Settings(paths::absolute(Path::new(folder), root));
    }
    if let Some(folder) = &environment.activated {
        return PythonChoice::Activated(paths::absolute(folder, &environment.folder));
    }
    file::above(root, environment.home.as_deref())
        .map(|folder| folder.join(".venv"))
        .find(|folder| folder.join("pyvenv.cfg").is_file())
        .map_or(PythonChoice::BuiltIn, PythonChoice::Nearby)
}

/// Links are followed before anything is promised to a sandbox.
fn inside(folders: Vec<(String, At)>, root: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut resolved = Vec::new();
    for (folder, at) in folders {
        let path = root.join(folder);
        match path.canonicalize() {
            Ok(real) if real.starts_with(&real_root) && real.is_dir() => resolved.push(real),
            Ok(_) | Err(_) => return Err(ConfigError::OutsideProject { at, folder: path }),
        }
    }
    Ok(resolved)
}

/// Build servers set `CI`; people who want it quiet set it to nothing, `0` or `false`.
fn strictness(environment: &Environment) -> Strictness {
    match environment.ci.as_deref() {
        None | Some("" | "0" | "false") => Strictness::Lenient,
        Some(_) => Strictness::Check,
    }
}

fn memory(environment: &Environment, root: &Path) -> Option<PathBuf> {
    let cache = environment.cache.clone().or_else(|| Some(environment.home.as_ref()?.join(".cache")))?;
    // Another release of Rust may hash differently; then a run starts without memories.
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    Some(cache.join("snipcheck").join(format!("{:016x}", hasher.finish())))
}
