//! What lanes are started with: the interpreter, and the folders of the machine that snippets may read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::config::{ConfigError, Entrance, Interpreter, Settings};
use crate::document::Discovery;
use crate::model::policy::{Chance, Entropy, Network, SandboxMode, Tier};
use crate::run::RunError;
use crate::sandbox;
use crate::supervisor::{self, Options};
use crate::wire::LaneSetup;

/// The first of the users that sandboxes run as under root: far above those of people and services.
const FIRST_USER: u32 = 1_800_000_000;

/// `PID_MAX_LIMIT` of the kernel.
const MAX_PROCESSES: u32 = 4 << 20;

/// Where every sandbox finds programs and libraries anyway.
const SYSTEM: [&str; 2] = ["/usr", "/nix/store"];

pub(super) struct Lanes {
    pub(super) options: Options,
    /// Of every session, unless it is looked at again.
    pub(super) chance: Chance,
    /// What snippets will find to be different from what their author has.
    pub(super) notes: Vec<String>,
}

pub(super) fn prepare(settings: &Settings, discovery: &Discovery, times: usize) -> Result<Lanes, RunError> {
    let interpreter = settings.python.interpreter()?;
    let tiers = match settings.sandbox {
        SandboxMode::Auto => vec![Tier::A, Tier::B],
        SandboxMode::RequireA => vec![Tier::A],
        SandboxMode::Off => vec![Tier::Off],
    };
    let start = start(interpreter.as_ref());
    let folders = folders_of_documents(settings, discovery);
    let of_interpreter = folders_of_interpreter(&start.python, start.vouched, &settings.root);
    let notes = match (tiers[0], start.environment) {
        (Tier::A | Tier::B, Some(environment)) => foreign_base(settings, environment, &of_interpreter),
        (Tier::Off, _) | (_, None) => None,
    };
    let of_project: Vec<PathBuf> = std::iter::once(settings.root.clone()).chain(folders).collect();
    let wanted = of_project.iter().cloned().chain(of_interpreter).chain(asked_for(settings)?);
    let readable = sandbox::readable(wanted, settings.home.as_deref());
    let setup = LaneSetup {
        hidden: sandbox::hidden(of_project.iter().filter(|folder| readable.contains(folder))),
        readable,
        python: start.python,
        environment: start.environment.map(|environment| environment.executable.clone()),
        pythonpath: settings.pythonpath.clone(),
        variables: settings.variables.clone(),
        tier: tiers[0],
        network: settings.network,
        limits: settings.limits,
        scratch: None,
        program: None,
        user: FIRST_USER + std::process::id() % MAX_PROCESSES * supervisor::USERS,
    };
    let lanes = settings.jobs.min(discovery.files.len().saturating_mul(times));
    let options = Options {
        lanes,
        setup,
        tiers,
        limits: settings.limits,
        launches: vec![Chance::USUAL.launch],
        run_timeout: settings.run_timeout,
    };
    let chance = Chance { entropy: entropy(settings), ..Chance::USUAL };
    Ok(Lanes { options, chance, notes: notes.into_iter().collect() })
}

/// What can leave the machine or stay on it may be a key, a token, a password.
fn entropy(settings: &Settings) -> Entropy {
    match (settings.sandbox, settings.network) {
        (SandboxMode::Auto | SandboxMode::RequireA, Network::Loopback) => Chance::USUAL.entropy,
        (SandboxMode::Off, _) | (_, Network::Host) => Entropy::Real,
    }
}

/// What lanes start, and what their sessions enter.
struct Start<'a> {
    python: PathBuf,
    /// The same, where it is not the built-in one.
    vouched: Option<&'a Interpreter>,
    environment: Option<&'a Interpreter>,
}

fn start(interpreter: Option<&Interpreter>) -> Start<'_> {
    let built_in = PathBuf::from(env!("SNIPCHECK_PYTHON"));
    let Some(interpreter) = interpreter else {
        return Start { python: built_in, vouched: None, environment: None };
    };
    match interpreter.entrance {
        Entrance::OfLanes => {
            Start { python: interpreter.executable.clone(), vouched: Some(interpreter), environment: None }
        }
        Entrance::OfSessions => Start { python: built_in, vouched: None, environment: Some(interpreter) },
    }
}

/// An environment that nobody vouches for opens no folder, so its own executable may be a link to nowhere.
fn foreign_base(settings: &Settings, environment: &Interpreter, readable: &[PathBuf]) -> Option<String> {
    let base = fs::canonicalize(&environment.base).unwrap_or_else(|_| environment.base.clone());
    let shown = SYSTEM.iter().map(Path::new).chain(readable.iter().map(PathBuf::as_path));
    if shown.chain([settings.root.as_path()]).any(|folder| base.starts_with(folder)) {
        return None;
    }
    let name = environment.prefix.strip_prefix(&settings.root).unwrap_or(&environment.prefix).display();
    Some(format!(
        "snippets cannot start the Python of `{name}`, which is in `{}`; `--python` gives it to them",
        base.display()
    ))
}

/// What the caller names is given or refused, never left out.
fn asked_for(settings: &Settings) -> Result<Vec<PathBuf>, RunError> {
    for path in &settings.readable {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        for path in [path, &real] {
            if sandbox::readable([path.clone()], settings.home.as_deref()).is_empty() {
                return Err(ConfigError::GivenWhole { path: path.clone() }.into());
            }
        }
    }
    Ok(settings.readable.clone())
}

/// Those outside of the root, whose files are neighbours too.
fn folders_of_documents(settings: &Settings, discovery: &Discovery) -> Vec<PathBuf> {
    let parents = discovery.files.iter().filter_map(|file| file.file.parent());
    parents.filter(|folder| !folder.starts_with(&settings.root)).map(Path::to_path_buf).collect()
}

/// The standard library, the environment, and where editable installs point to.
fn folders_of_interpreter(python: &Path, vouched: Option<&Interpreter>, root: &Path) -> Vec<PathBuf> {
    let above = |executable: &Path| executable.parent().and_then(Path::parent).map(Path::to_path_buf);
    let mut folders: Vec<PathBuf> = above(python).into_iter().collect();
    folders.extend(fs::canonicalize(python).ok().and_then(|real| above(&real)));
    if let Some(interpreter) = vouched {
        folders.push(interpreter.prefix.clone());
        folders.extend(interpreter.base.parent().map(Path::to_path_buf));
        // What an environment inside the project names must not be more than the project.
        if !interpreter.prefix.starts_with(root) {
            folders.extend(editable(&interpreter.site_packages()));
        }
    }
    folders
}

/// Folders that `.pth` files and the import hooks of editable installs name, read as text.
fn editable(packages: &Path) -> Vec<PathBuf> {
    static QUOTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"['"](/[^'"\n]+)['"]"#).expect("the pattern is valid"));
    let Ok(entries) = fs::read_dir(packages) else { return Vec::new() };
    let mut folders = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if path.extension().is_some_and(|extension| extension == "pth") {
            folders.extend(text.lines().filter(|line| line.starts_with('/')).map(PathBuf::from));
        } else if name.starts_with("__editable__") {
            folders.extend(QUOTED.captures_iter(&text).map(|found| PathBuf::from(&found[1])));
        }
    }
    folders.retain(|folder| folder.exists());
    folders
}
