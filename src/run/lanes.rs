//! What lanes are started with: the interpreter, and the folders of the machine that snippets may read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::config::{Interpreter, Settings};
use crate::document::Discovery;
use crate::policy::{Limits, Network, SandboxMode, Tier};
use crate::run::RunError;
use crate::sandbox;
use crate::supervisor::{self, Options};
use crate::wire::LaneSetup;

/// The first of the users that sandboxes run as under root: far above those of people and services.
const FIRST_USER: u32 = 1_800_000_000;

/// `PID_MAX_LIMIT` of the kernel.
const MAX_PROCESSES: u32 = 4 << 20;

pub(super) fn options(settings: &Settings, discovery: &Discovery) -> Result<Options, RunError> {
    let interpreter = settings.python.interpreter()?;
    let limits = Limits { wall: settings.timeout, ..Limits::default() };
    let tiers = match settings.sandbox {
        SandboxMode::Auto => vec![Tier::A, Tier::B],
        SandboxMode::RequireA => vec![Tier::A],
        SandboxMode::Off => vec![Tier::Off],
    };
    let folders: Vec<PathBuf> = folders_of_documents(settings, discovery);
    let python = match &interpreter {
        Some(interpreter) => interpreter.executable.clone(),
        None => PathBuf::from(env!("SNIPCHECK_PYTHON")),
    };
    let wanted = std::iter::once(settings.root.clone()).chain(folders).chain(folders_of_interpreter(
        &python,
        interpreter.as_ref(),
        &settings.root,
    ));
    let setup = LaneSetup {
        readable: sandbox::readable(wanted, settings.home.as_deref()),
        hidden: sandbox::hidden(std::slice::from_ref(&settings.root)),
        python,
        pythonpath: settings.pythonpath.clone(),
        tier: tiers[0],
        network: Network::Loopback,
        limits,
        scratch: None,
        user: FIRST_USER + std::process::id() % MAX_PROCESSES * supervisor::USERS,
    };
    let lanes = settings.jobs.min(discovery.files.len());
    Ok(Options { lanes, setup, tiers, limits, run_timeout: settings.run_timeout })
}

/// Those outside of the root, whose files are neighbours too.
fn folders_of_documents(settings: &Settings, discovery: &Discovery) -> Vec<PathBuf> {
    let parents = discovery.files.iter().filter_map(|file| file.file.parent());
    parents.filter(|folder| !folder.starts_with(&settings.root)).map(Path::to_path_buf).collect()
}

/// The standard library, the environment, and where editable installs point to.
fn folders_of_interpreter(python: &Path, interpreter: Option<&Interpreter>, root: &Path) -> Vec<PathBuf> {
    let above = |executable: &Path| executable.parent().and_then(Path::parent).map(Path::to_path_buf);
    let mut folders: Vec<PathBuf> = above(python).into_iter().collect();
    folders.extend(fs::canonicalize(python).ok().and_then(|real| above(&real)));
    if let Some(interpreter) = interpreter {
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
