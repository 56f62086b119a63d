//! What lanes are started with: the interpreter, and the folders of the machine that snippets may read.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::config::{Chooser, ConfigError, Interpreter, Linkage, Settings, Share};
use crate::document::Discovery;
use crate::expect;
use crate::lane::kept_code;
use crate::model::policy::{Chance, Entropy, Network, SandboxMode, Tier};
use crate::model::python::{Loading, RunningPython};
use crate::run::error::RunError;
use crate::run::hidden::{self, HiddenError};
use crate::safe_fs;
use crate::sandbox;
use crate::supervisor::{self, Options};
use crate::wire::{LaneSetup, StartCode};

/// The first of the users that sandboxes run as under root: far above those of people and services.
const FIRST_USER: u32 = 1_800_000_000;

/// Sessions that all load the same cost as much as the rehearsal that would spare them most of it.
pub(super) const FEW_SESSIONS: usize = 4;

/// `PID_MAX_LIMIT` of the kernel.
const MAX_PROCESSES: u32 = 4 << 20;

pub(super) struct LaneEnvironment {
    pub(super) options: Options,
    /// What every session finds decided, unless it runs again.
    pub(super) usual: Chance,
}

pub(super) fn prepare(
    settings: &Settings,
    discovery: &Discovery,
    times: usize,
) -> Result<LaneEnvironment, RunError> {
    let interpreter = settings.interpreter()?;
    let tiers = match settings.sandbox {
        SandboxMode::Auto => vec![Tier::A, Tier::B],
        SandboxMode::RequireA => vec![Tier::A],
        SandboxMode::Off => vec![Tier::Off],
    };
    let start = start(interpreter);
    let folders = folders_of_documents(settings, discovery);
    let opens = |folder: &PathBuf, python: &Interpreter| may_open(folder, &python.prefix, settings);
    let installed: Vec<PathBuf> = start.vouched.map_or_else(Vec::new, |python| {
        editable(&python.site_packages()).into_iter().filter(|folder| opens(folder, python)).collect()
    });
    let of_interpreter = folders_of_interpreter(interpreter, &start, &installed);
    let of_project: Vec<PathBuf> = std::iter::once(settings.root.clone()).chain(folders).collect();
    let asked = asked_for(settings)?;
    let wanted = of_project.iter().chain(&of_interpreter).chain(&asked).cloned();
    let readable = sandbox::readable(wanted, settings.home.as_deref());
    let is_readable = |folder: &&PathBuf| readable.contains(folder);
    let projects: Vec<PathBuf> = of_project.into_iter().filter(|folder| is_readable(&folder)).collect();
    let hidden = match tiers[0] {
        Tier::A | Tier::B => {
            let searched: Vec<PathBuf> =
                projects.iter().chain(installed.iter().filter(is_readable)).chain(&asked).cloned().collect();
            withheld(settings, &searched, &asked)?
        }
        Tier::Off => Vec::new(),
    };
    let libpython = interpreter.facts.linkage.library();
    let setup = LaneSetup {
        hidden,
        projects: projects.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect(),
        readable,
        libpython: libpython.map(Path::to_path_buf),
        python: start.python.to_owned(),
        environment: start.environment.map(|environment| environment.executable.clone()),
        start_code: StartCode::Run,
        preloaded: Vec::new(),
        pythonpath: settings.pythonpath.clone(),
        variables: settings.variables.clone(),
        tier: tiers[0],
        network: settings.network,
        limits: settings.limits,
        scratch: None,
        library: None,
        kept_code: settings.cache().and_then(|cache| kept_code::file(cache, start.python, libpython)),
        user: FIRST_USER + std::process::id() % MAX_PROCESSES * supervisor::USERS,
    };
    let documents = discovery.files.len().saturating_mul(times);
    let lanes = settings.jobs.min(documents);
    // Where documents are split, nobody has counted the parts yet.
    let rehearse = documents > FEW_SESSIONS || settings.share != Share::Document;
    let options = Options {
        lanes,
        setup,
        tiers,
        launches: vec![Chance::USUAL.launch],
        rehearse,
        run_timeout: settings.run_timeout,
        enough: None,
    };
    let usual = Chance { entropy: entropy(settings), ..Chance::USUAL };
    Ok(LaneEnvironment { options, usual })
}

/// The interpreter of the settings, as reports name it.
pub(super) fn running(settings: &Settings) -> Result<RunningPython, RunError> {
    let interpreter = settings.interpreter()?;
    let facts = &interpreter.facts;
    let environment = interpreter.environment.as_ref().map(|environment| {
        let folder = &environment.folder;
        folder.strip_prefix(&settings.root).unwrap_or(folder).to_owned()
    });
    Ok(RunningPython {
        name: facts.name(),
        release: facts.release.clone(),
        executable: interpreter.executable.clone(),
        environment,
        loading: match &facts.linkage {
            Linkage::Embedded { library } => Loading::Embedded { library: library.clone() },
            Linkage::Hosted => Loading::Hosted,
        },
    })
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
    python: &'a Path,
    /// The interpreter, where the caller answers for what it refers to.
    vouched: Option<&'a Interpreter>,
    environment: Option<&'a Interpreter>,
}

fn start(interpreter: &Interpreter) -> Start<'_> {
    match interpreter.chooser {
        Chooser::Caller => {
            Start { python: &interpreter.executable, vouched: Some(interpreter), environment: None }
        }
        Chooser::Nobody => Start { python: &interpreter.executable, vouched: None, environment: None },
        // A lane has rights that packages of the project must not have: the environment is for sessions.
        Chooser::Project => {
            Start { python: &interpreter.facts.executable, vouched: None, environment: Some(interpreter) }
        }
    }
}

/// Of what snippets may read, what they are not to see. What the caller names is not hidden, nor what leads to it.
fn withheld(
    settings: &Settings,
    searched: &[PathBuf],
    asked: &[PathBuf],
) -> Result<Vec<PathBuf>, HiddenError> {
    let root = real(&settings.root);
    let asked: Vec<PathBuf> = asked.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let mut hidden = hidden::hidden(searched)?;
    // What snippets are compared with. It may come into being while they run.
    hidden.push(root.join(expect::FOLDER));
    hidden.retain(|path| !asked.iter().any(|asked| asked.starts_with(path)));
    hidden.sort_unstable();
    Ok(hidden)
}

/// What the caller names is given or refused, never left out.
fn asked_for(settings: &Settings) -> Result<Vec<PathBuf>, RunError> {
    for path in &settings.readable {
        let behind_links = real(path);
        for path in [path, &behind_links] {
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

/// The standard library, the environment, libpython, and where editable installs point to.
fn folders_of_interpreter(
    interpreter: &Interpreter,
    start: &Start<'_>,
    installed: &[PathBuf],
) -> Vec<PathBuf> {
    let above = |executable: &Path| executable.parent().and_then(Path::parent).map(Path::to_path_buf);
    let mut folders: Vec<PathBuf> = above(start.python).into_iter().collect();
    folders.extend(above(&interpreter.facts.executable));
    folders.push(interpreter.base_prefix().to_owned());
    folders.extend(start.environment.map(|environment| environment.prefix.clone()));
    folders.extend(start.vouched.map(|interpreter| interpreter.prefix.clone()));
    if let Linkage::Embedded { library } = &interpreter.facts.linkage
        && !folders.iter().any(|folder| library.starts_with(folder))
    {
        folders.push(library.clone());
    }
    folders.extend_from_slice(installed);
    folders
}

/// Whether an environment that the caller has chosen may open a folder to snippets. Links are followed: names say nothing
/// of where a folder is.
fn may_open(folder: &Path, environment: &Path, settings: &Settings) -> bool {
    let (folder, repository) = (real(folder), real(&settings.repository));
    if !real(environment).starts_with(&repository) {
        return settings.home.as_deref().is_none_or(|home| !real(home).starts_with(&folder));
    }

    // It may have come with the checkout, and must not open more than the packages of that.
    let is_git = folder.components().any(|part| part.as_os_str() == ".git") || folder.join(".git").exists();
    folder != repository && folder.starts_with(&repository) && !is_git
}

/// Folders that `.pth` files and the import hooks of editable installs name, read as text.
fn editable(packages: &Path) -> Vec<PathBuf> {
    static QUOTED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"['"](/[^'"\n]+)['"]"#).expect("the pattern is valid"));
    let Ok(entries) = fs::read_dir(packages) else { return Vec::new() };
    let mut named = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let is_list = path.extension().is_some_and(|extension| extension == "pth");
        if !is_list && !entry.file_name().to_string_lossy().starts_with("__editable__") {
            continue;
        }
        let Some(text) = small_text(&path) else { continue };
        if is_list {
            named.extend(text.lines().filter(|line| line.starts_with('/')).map(PathBuf::from));
        } else {
            named.extend(QUOTED.captures_iter(&text).map(|found| PathBuf::from(&found[1])));
        }
    }

    let mut folders = Vec::new();
    for folder in named {
        let Ok(real) = fs::canonicalize(&folder) else { continue };
        // Python finds it by the name that has links in it.
        if folder.components().all(|component| component != Component::ParentDir) {
            folders.push(folder);
        }
        folders.push(real);
    }
    folders
}

/// Behind all links.
fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// A pipe in the place of a file is not waited for, and an endless one is not read.
fn small_text(path: &Path) -> Option<String> {
    const LONGEST: u64 = 1 << 20;
    let bytes = safe_fs::plain(path).and_then(|file| safe_fs::contents(&file, LONGEST)).ok()?;
    String::from_utf8(bytes).ok()
}
