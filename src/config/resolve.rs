//! Flags, environment and file become one: the nearer word wins, and a checked-in file widens nothing by itself.

use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crate::config::environment::Environment;
use crate::config::error::{At, ConfigError, PythonOrigin};
use crate::config::file::{self, ProjectFile};
use crate::config::flags::{CommandFlags, Execution, choice, count, span};
use crate::config::grants::Grants;
use crate::config::interpreter::{Chooser, CurrentFolder, Places, PythonChoice, VersionWish};
use crate::config::limits::{self, Limit};
use crate::config::owner;
use crate::config::paths::{self, ChosenPaths};
use crate::config::settings::{CacheMode, CacheUse, ClockGrants, PathsFrom, Settings, Share};
use crate::config::trust::{self, Trust};
use crate::config::variable::Variable;
use crate::directive::Directives;
use crate::model::policy::{Clock, Limits, Network, SandboxMode};
use crate::model::problem::Problem;
use crate::summary::Strictness;

/// Reads the settings file and lets the nearer word win.
pub(crate) fn resolve(flags: &CommandFlags, environment: &Environment) -> Result<Settings, ConfigError> {
    let ProjectFile { root, raw, ignored } = file::find(environment)?;
    let execution = &flags.execution;
    let caller = caller_words(execution, environment)?;
    let mut grants = Grants::new(caller.trust, &root);
    grants.problems.extend(ignored);

    let (paths_from, chosen) = chosen_paths(flags, environment, raw.paths, &mut grants)?;

    let wall = wall(&caller, raw.timeout.as_ref(), &mut grants);
    let limits = Limits { wall, ..grants.limits(&caller.limits, &raw.limits) };
    let jobs = match (caller.jobs, raw.jobs) {
        (Some(jobs), _) => jobs,
        (None, Some((asked, at))) => grants.jobs(asked, &at, one_more_than_cores()),
        (None, None) => one_more_than_cores(),
    };

    let network = match (execution.access.network, raw.network) {
        (Some(network), _) => network,
        (None, Some((asked, at))) => grants.network(asked, &at),
        (None, None) => Network::default(),
    };
    let (clock, clock_grants) = clock(&caller, execution.access.clock, raw.clock.as_ref(), &mut grants);

    let mut variables = grants.variables(raw.variables);
    // The later one of two with the same name holds.
    variables.extend(execution.access.variables.iter().cloned());
    let mut readable = grants.readable(raw.readable);
    readable.extend(caller_readable(execution, environment)?);
    let asked = PythonKeys { python: raw.python.as_ref(), pythons: raw.pythons.as_deref() };
    let mut pythons = pythons(flags, environment, asked, &mut grants).into_iter();

    let repository = repository(&root, environment);
    let current = match caller.trust {
        Trust::Untrusted => CurrentFolder::Ignored,
        Trust::Usual | Trust::Trusted => CurrentFolder::Counts,
    };
    let places = Places::new(environment, &repository, current);

    let misspelt = raw.misspelt.iter().map(|(table, at)| misspelt(table, at, &root));
    let problems = misspelt.chain(grants.problems).collect();

    let strictness = flags.strictness.unwrap_or_else(|| strictness(environment));
    Ok(Settings {
        paths: chosen.paths,
        places: chosen.places,
        exclude: raw.exclude,
        force_exclude: flags.force_exclude,
        share: share(caller.trust, execution.share, raw.share),
        snapshots: flags.snapshots.or(raw.snapshots).unwrap_or_default(),
        claims: flags.claims.or(raw.claims).unwrap_or_default(),
        directives: Directives {
            setup: raw.setup,
            files: raw.files,
            flags: raw.doctest.unwrap_or_default(),
            ..Directives::default()
        },
        allowed: raw.allowed,
        markdown: raw.markdown.unwrap_or_default(),
        unlabelled: raw.unlabelled.unwrap_or_default(),
        limits,
        longest_timeout: longest_timeout(&caller),
        run_timeout: execution.run_timeout.or(raw.run_timeout),
        redactions: raw.redactions,
        python: pythons.next().unwrap_or(PythonChoice::Found),
        further: pythons.collect(),
        pythons: places,
        interpreter: OnceLock::new(),
        pythonpath: inside(raw.pythonpath, &root)?,
        variables: values(variables, environment),
        readable,
        network,
        clock,
        clock_grants,
        sandbox: caller.sandbox,
        step_summary: environment.step_summary.clone(),
        strictness,
        warm: execution.warm.unwrap_or_default(),
        cache_use: cache_use(execution.cache.unwrap_or_default(), strictness, (caller.sandbox, network)),
        jobs,
        memory: memory(environment, &root),
        base: way_up(&environment.folder, &root),
        paths_from,
        home: environment.home.clone(),
        problems,
        repository,
        root,
    })
}

/// The documents of a run: those of the command line, else of the settings, else the usual ones.
fn chosen_paths(
    flags: &CommandFlags,
    environment: &Environment,
    settings: Option<Vec<(String, At)>>,
    grants: &mut Grants<'_>,
) -> Result<(PathsFrom, ChosenPaths), ConfigError> {
    if !flags.paths.is_empty() {
        let chosen = paths::resolve(&flags.paths, &environment.folder, grants.root)?;
        return Ok((PathsFrom::Caller, chosen));
    }

    let (paths_from, paths) = match settings {
        Some(paths) => (PathsFrom::Settings, grants.paths(paths)),
        None => (PathsFrom::Defaults, paths::defaults(grants.root)),
    };
    Ok((paths_from, ChosenPaths { paths, places: Vec::new() }))
}

/// The wall time of a snippet that asks for none.
fn wall(caller: &CallerWords, setting: Option<&(Duration, At)>, grants: &mut Grants<'_>) -> Duration {
    let default = Limits::default().wall;
    match (caller.timeout, setting) {
        (Some(timeout), _) => timeout,
        (None, Some((asked, at))) => grants.timeout(*asked, at, default),
        (None, None) => default,
    }
}

fn longest_timeout(caller: &CallerWords) -> Duration {
    caller.timeout.unwrap_or(match caller.trust {
        Trust::Untrusted | Trust::Usual => Limits::default().wall,
        Trust::Trusted => Duration::MAX,
    })
}

/// The clock of a snippet that asks for none, and what becomes of the clocks that documents ask for.
fn clock(
    caller: &CallerWords,
    flag: Option<Clock>,
    setting: Option<&(Clock, At)>,
    grants: &mut Grants<'_>,
) -> (Clock, ClockGrants) {
    if let Some(clock) = flag {
        return (clock, ClockGrants::Overruled);
    }

    let clock = setting.map_or_else(Clock::default, |(asked, at)| grants.clock(*asked, at));
    let clock_grants = match caller.trust {
        Trust::Untrusted | Trust::Usual => ClockGrants::Capped,
        Trust::Trusted => ClockGrants::Granted,
    };
    (clock, clock_grants)
}

/// The complaint about a table whose name is nearly that of the settings: what it says has no effect.
fn misspelt(table: &str, at: &At, root: &Path) -> Problem {
    let file = at.file.strip_prefix(root).unwrap_or(&at.file);
    Problem {
        path: file.to_string_lossy().into_owned(),
        line: Some(at.line),
        message: format!("`[{table}]` is no table of snipcheck's"),
        hint: Some("the settings stand in `[tool.snipcheck]`".to_owned()),
    }
}

/// How many sessions run side by side: while one starts or ends, which is the kernel's work, another can use its core.
fn one_more_than_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from) + 1
}

/// The folder with `.git` that the root is in. A root without one above it is a repository by itself.
fn repository(root: &Path, environment: &Environment) -> PathBuf {
    let mut folders = file::above(root, environment.home.as_deref());
    folders.find(|folder| folder.join(".git").symlink_metadata().is_ok()).unwrap_or(root).to_owned()
}

/// The way from the current folder to the root, `..` by `..`.
fn way_up(folder: &Path, root: &Path) -> String {
    let below = folder.strip_prefix(root).map_or(0, |below| below.components().count());
    vec![".."; below].join("/")
}

/// What the caller said, by flag or by variable, where both can say it.
struct CallerWords {
    timeout: Option<Duration>,
    limits: Vec<Limit>,
    trust: Trust,
    sandbox: SandboxMode,
    jobs: Option<usize>,
}

fn caller_words(execution: &Execution, environment: &Environment) -> Result<CallerWords, ConfigError> {
    let trust = trust::resolve(execution, environment)?;
    let sandbox = nearer(execution.sandbox, "SNIPCHECK_SANDBOX", environment.sandbox.as_deref(), choice)?;

    let words = environment.limits.as_deref();
    let mut limits = nearer(None, "SNIPCHECK_LIMITS", words, limits::parse_all)?.unwrap_or_default();
    // The later one of two of the same kind holds.
    limits.extend(&execution.access.limits);

    Ok(CallerWords {
        timeout: nearer(execution.timeout, "SNIPCHECK_TIMEOUT", environment.timeout.as_deref(), span)?,
        limits,
        trust,
        sandbox: match trust {
            Trust::Untrusted => SandboxMode::RequireA,
            Trust::Usual | Trust::Trusted => sandbox.unwrap_or_default(),
        },
        jobs: nearer(execution.jobs, "SNIPCHECK_JOBS", environment.jobs.as_deref(), count)?,
    })
}

/// The value of a flag, else of the variable of this name.
fn nearer<Setting>(
    flag: Option<Setting>,
    name: &'static str,
    variable: Option<&str>,
    parse: fn(&str) -> Result<Setting, ConfigError>,
) -> Result<Option<Setting>, ConfigError> {
    match (flag, variable) {
        (None, Some(word)) => {
            parse(word).map(Some).map_err(|source| ConfigError::variable(name, word, source))
        }
        (flag, _) => Ok(flag),
    }
}

/// What snippets share. A sandbox for each document protects the machine, so strangers may say what shares one. They
/// cannot join snippets that the caller wants apart.
fn share(trust: Trust, flag: Option<Share>, setting: Option<Share>) -> Share {
    match (trust, flag) {
        (Trust::Untrusted, Some(Share::None)) => Share::Never,
        (Trust::Untrusted | Trust::Usual | Trust::Trusted, flag) => flag.or(setting).unwrap_or_default(),
    }
}

fn caller_readable(execution: &Execution, environment: &Environment) -> Result<Vec<PathBuf>, ConfigError> {
    let mut readable = Vec::new();
    for path in &execution.access.readable {
        let path = paths::absolute(path, &environment.folder);
        if !path.exists() {
            return Err(ConfigError::NothingToRead { path });
        }
        readable.push(path);
    }
    Ok(readable)
}

/// Variables with their values. One that the caller does not have is not passed on.
fn values(variables: Vec<Variable>, environment: &Environment) -> Vec<(String, OsString)> {
    let value = |variable: &Variable| match &variable.value {
        Some(value) => Some(OsString::from(value)),
        None => environment.variables.get(OsStr::new(&variable.name)).cloned(),
    };

    variables
        .into_iter()
        .filter_map(|variable| value(&variable).map(|value| (variable.name, value)))
        .collect()
}

/// What the settings say of Pythons.
#[derive(Clone, Copy)]
struct PythonKeys<'a> {
    python: Option<&'a (String, At)>,
    pythons: Option<&'a [(String, At)]>,
}

/// Which Pythons snippets run in. What the caller names is nearer than what the project names, and so is an environment that
/// the caller has activated, unless the project names several.
fn pythons(
    flags: &CommandFlags,
    environment: &Environment,
    keys: PythonKeys<'_>,
    grants: &mut Grants<'_>,
) -> Vec<PythonChoice> {
    let flags = &flags.execution.pythons;
    let named = if flags.is_empty() { environment.python.as_slice() } else { flags };
    if !named.is_empty() {
        let words = named.iter().flat_map(|word| listed(word, &environment.folder));
        return words.map(|word| named_by_caller(&word, environment)).collect();
    }
    if let Some(words) = keys.pythons {
        let choices = words.iter().filter_map(|(word, at)| match VersionWish::parse(word) {
            Some(wish) => Some(PythonChoice::ListedVersion { wish, at: at.clone() }),
            None => named_by_project("pythons", (word, at), grants),
        });
        return choices.collect();
    }
    vec![python_of_one(environment, keys.python, grants)]
}

/// The parts of a list with commas. A file or a folder may have one in its name.
fn listed(word: &Path, folder: &Path) -> Vec<PathBuf> {
    match word.to_str() {
        Some(text) if text.contains(',') && !paths::absolute(word, folder).exists() => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            let parts: Vec<PathBuf> = parts.map(PathBuf::from).collect();
            // Nothing but commas names nothing, and is said to.
            if parts.is_empty() { vec![word.to_owned()] } else { parts }
        }
        Some(_) | None => vec![word.to_owned()],
    }
}

fn named_by_caller(word: &Path, environment: &Environment) -> PythonChoice {
    // A folder of that name is meant by `./3.12`.
    if let Some(wish) = word.to_str().and_then(VersionWish::parse) {
        return PythonChoice::Version(wish);
    }
    // A bare name keeps its shape: it is looked up.
    let bare_name = word.components().count() == 1 && !environment.folder.join(word).is_dir();
    PythonChoice::Caller(if bare_name { word.to_owned() } else { paths::absolute(word, &environment.folder) })
}

/// An environment that a key of the settings names.
fn named_by_project(key: &str, (word, at): (&str, &At), grants: &mut Grants<'_>) -> Option<PythonChoice> {
    let folder = paths::absolute(Path::new(word), grants.root);
    let chooser = grants.environment(&folder, (key, word), at)?;
    Some(PythonChoice::Project { folder, origin: PythonOrigin::Settings, chooser })
}

/// The one Python of a project that does not name several.
fn python_of_one(
    environment: &Environment,
    settings: Option<&(String, At)>,
    grants: &mut Grants<'_>,
) -> PythonChoice {
    if let Some(folder) = &environment.activated {
        return PythonChoice::Activated(paths::absolute(folder, &environment.folder));
    }
    if let Some(folder) = &environment.conda {
        return PythonChoice::Conda(folder.clone());
    }

    if let Some((word, at)) = settings {
        return named_by_project("python", (word, at), grants).unwrap_or(PythonChoice::Found);
    }
    match nearby(environment, grants) {
        Some((folder, chooser)) => PythonChoice::Project { folder, origin: PythonOrigin::Nearby, chooser },
        None => PythonChoice::Found,
    }
}

/// The nearest `.venv` that may be looked at, in the root or above it. It may have come with a checkout of others.
fn nearby(environment: &Environment, grants: &mut Grants<'_>) -> Option<(PathBuf, Chooser)> {
    for folder in file::above(grants.root, environment.home.as_deref()) {
        let found = folder.join(".venv");
        let settings = found.join("pyvenv.cfg");
        if !settings.is_file() {
            continue;
        }

        match owner::distrust(environment, folder, &[&found, &settings]) {
            Some(distrust) => grants.problems.push(owner::ignored_environment(&found, &distrust)),
            None => return grants.nearby_environment(folder, &found).map(|chooser| (found, chooser)),
        }
    }
    None
}

/// The folders of `pythonpath`, all links followed, since a sandbox will show what they lead to.
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

/// What sessions can do to the machine or the network is to be done in every run.
fn cache_use(mode: CacheMode, strictness: Strictness, reach: (SandboxMode, Network)) -> CacheUse {
    match (mode, strictness, reach) {
        (_, _, (SandboxMode::Off, _) | (_, Network::Host))
        | (CacheMode::Off, ..)
        | (CacheMode::Auto, Strictness::Check, _) => CacheUse::Nothing,
        (CacheMode::Read, ..) => CacheUse::Reading,
        (CacheMode::Auto, Strictness::Lenient, _) => CacheUse::Everything,
    }
}

/// Where a run leaves what the next one may know.
fn memory(environment: &Environment, root: &Path) -> Option<PathBuf> {
    let cache = environment.cache.clone().or_else(|| Some(environment.home.as_ref()?.join(".cache")))?;

    // Another release of Rust may hash differently; then a run starts without a memory.
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    Some(cache.join("snipcheck").join(format!("{:016x}", hasher.finish())))
}
