//! Attacks the sandbox before anybody else can: a handful of tiny ones in a real session.
//!
//! What held is remembered for this boot, this executable and this interpreter, so that it costs nothing afterwards: only
//! of the strongest sandbox that was asked for. That it could not be had may be true of a moment.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::net::TcpListener;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
#[cfg(target_os = "linux")]
use std::os::unix::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::mpsc::unbounded_channel;

use crate::model::outcome::{Ending, Outcome};
use crate::model::policy::{Chance, Clock, Layer, Limits, Network, Tier};
use crate::model::snippet::{Line, Namespace};
use crate::safe_fs::{Dir, SafeFsError, contents, plain};
use crate::sandbox;
use crate::supervisor::error::SupervisorError;
use crate::supervisor::execute::execute;
use crate::supervisor::job::{Job, Options, Work};
use crate::supervisor::progress::Progress;
use crate::supervisor::sweeper::Swept;
use crate::wire::{LaneSetup, Mode, StartCode, Step};

const ATTACKS: &str = include_str!("self_test.py");
const NAME: &str = "self-test";
const FILE: &str = "self-test.json";
/// What secrets outside consist of.
const TOKEN: &str = "snipcheck-self-test-secret";
const WALL: Duration = Duration::from_secs(30);
/// Of the kernel, who may make namespaces.
const GRANTS: [&str; 5] = [
    "/proc/self/attr/current",
    "/proc/self/uid_map",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/user/max_user_namespaces",
];
/// Bytes of the file that are read: more than all that are remembered take.
const LONGEST: u64 = 1 << 20;
/// Sandboxes that are remembered; with more of them the file starts again.
const REMEMBERED: usize = 64;

/// A sandbox that was tried.
#[derive(Clone, Debug)]
pub(crate) struct Examination {
    pub(crate) tier: Tier,
    pub(crate) layers: Vec<Layer>,
    /// Why a stronger one cannot be had.
    pub(crate) missing: Option<String>,
    /// How many attacks there were.
    pub(crate) attacks: usize,
    /// The attacks that got through.
    pub(crate) breaches: Vec<String>,
}

/// The tier that is known to hold, tried now unless the strongest one was tried before. Without a sandbox there is nothing to try.
pub(crate) fn tier_that_holds(options: &Options, cache: Option<&Path>) -> Result<Tier, SupervisorError> {
    if options.tiers == [Tier::Off] {
        return Ok(Tier::Off);
    }
    let file = cache.map(|folder| folder.join(FILE));
    let mut known = file.as_deref().map(recall).unwrap_or_default();
    let key = key(options);
    if let Some(tier) = key.as_ref().and_then(|key| known.get(key)) {
        return Ok(*tier);
    }
    let Examination { tier, missing, breaches, .. } = examine(options)?;
    if !breaches.is_empty() {
        return Err(SupervisorError::Breached { breaches });
    }
    // What was missing may be there the next time: the kernel refuses for want of memory or of processes, too.
    if let (Some(file), Some(key), None) = (file, key, missing) {
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key, tier);
        // What is not remembered is tried again.
        let _ = remember(&file, &known);
    }
    Ok(tier)
}

/// A sandbox that could be had and now cannot: what was remembered is out of date.
pub(crate) fn forget(cache: Option<&Path>) {
    if let Some(folder) = cache {
        let _ = fs::remove_file(folder.join(FILE));
    }
}

/// Attacks from within one session.
pub(crate) fn examine(options: &Options) -> Result<Examination, SupervisorError> {
    let outside = Outside::new(options).map_err(SupervisorError::Start)?;
    // JSON of texts and whole numbers is Python too.
    let code = format!("facts = {}\n{ATTACKS}", outside.facts);
    let step = Step {
        file: NAME.to_owned(),
        code,
        line: Line(1),
        files: Vec::new(),
        mode: Mode::default(),
        namespace: Namespace::default(),
        clock: Clock::Real,
        titled: 0,
        package: None,
    };
    let job = Job {
        number: 0,
        document: NAME.to_owned(),
        neighbours: None,
        files: Arc::default(),
        chance: Chance::USUAL,
        imports: None,
        works: [Work { setup: Vec::new(), step, wall: WALL }].into(),
    };
    let (jobs, arriving) = unbounded_channel();
    let (progress, news) = channel();
    // Nothing of the project or of its packages may take part, and no limit be too low for what takes part.
    let limits = Limits::default();
    let setup = LaneSetup {
        environment: None,
        start_code: StartCode::Omitted,
        pythonpath: Vec::new(),
        limits,
        ..options.setup.clone()
    };
    let launches = vec![Chance::USUAL.launch];
    let options = Options { lanes: 1, setup, launches, run_timeout: None, enough: None, ..options.clone() };
    let execute = move || execute(options, arriving, progress);
    let supervisor = thread::Builder::new().spawn(execute).map_err(SupervisorError::Start)?;
    // A supervisor that has ended says why as its last word.
    let _ = jobs.send(job);
    drop(jobs);
    let mut settled = None;
    let mut outcome = None;
    for progress in news.iter().flatten() {
        match progress {
            Progress::Ready { tier, layers, missing } => settled = Some((tier, layers, missing)),
            Progress::Done { outcome: done, .. } => outcome = Some(*done),
            Progress::Finished { interrupted: true, result: Ok(()) } => {
                return Err(SupervisorError::Interrupted);
            }
            Progress::Finished { result, .. } => result?,
            Progress::Warm { .. } | Progress::Started { .. } | Progress::Note(_) | Progress::Interrupted => {}
        }
    }
    let joined = supervisor.join().is_ok();
    let (Some((tier, layers, missing)), Some(outcome), true) = (settled, outcome, joined) else {
        return Err(SupervisorError::Start(io::Error::other("the self-test broke off")));
    };
    let (attacks, breaches) = breaches(&outcome);
    Ok(Examination { tier, layers, missing, attacks, breaches })
}

/// A test that did not come to its end proves nothing.
fn breaches(outcome: &Outcome) -> (usize, Vec<String>) {
    let text = outcome.stdout.text();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let attacks = lines.last().and_then(|line| line.strip_prefix("done ")?.parse().ok());
    match (outcome.ending, attacks) {
        (Ending::Completed, Some(attacks)) => {
            lines.pop();
            (attacks, lines)
        }
        _ => (0, vec!["end the self-test itself".to_owned()]),
    }
}

/// What a sandbox depends on: the kernel that runs and what it grants, this executable, its user, what it was asked for.
fn key(options: &Options) -> Option<String> {
    let boot = fs::read("/proc/sys/kernel/random/boot_id").ok()?;
    let executable = fs::metadata(sandbox::executable().ok()?).ok()?;
    let file =
        [executable.dev(), executable.ino(), executable.size(), executable.mtime_nsec().cast_unsigned()];
    let asked = serde_json::to_vec(&(
        &options.tiers,
        interpreter(&options.setup.python),
        options.setup.network,
        nix::unistd::geteuid().as_raw(),
        file,
        grants(),
    ))
    .ok()?;
    let digest = Sha256::new().chain_update(boot).chain_update(asked).finalize();
    let mut key = String::new();
    for byte in digest {
        write!(key, "{byte:02x}").ok()?;
    }
    Some(key)
}

/// An interpreter as its files are now: a path may come to mean another Python.
fn interpreter(python: &Path) -> (&Path, Option<[i64; 5]>, String) {
    let file = fs::metadata(python).ok().map(|file| {
        let [device, inode, size] = [file.dev(), file.ino(), file.size()].map(u64::cast_signed);
        [device, inode, size, file.mtime(), file.mtime_nsec()]
    });
    let environment = python.parent().and_then(Path::parent).map(|folder| folder.join("pyvenv.cfg"));
    let text = environment.and_then(|file| contents(&plain(&file).ok()?, LONGEST).ok()).unwrap_or_default();
    (python, file, String::from_utf8_lossy(&text).into_owned())
}

/// Switches of the kernel, and what confines this process: both change while the machine runs.
fn grants() -> Vec<String> {
    let files = GRANTS.iter().map(|file| fs::read_to_string(file).unwrap_or_default());
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let confined = status.lines().filter(|line| line.starts_with("Seccomp") || line.starts_with("Cap"));
    files.chain(confined.map(str::to_owned)).collect()
}

fn recall(file: &Path) -> BTreeMap<String, Tier> {
    let text = plain(file).and_then(|file| contents(&file, LONGEST)).ok();
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

fn remember(file: &Path, known: &BTreeMap<String, Tier>) -> Result<(), SafeFsError> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(folder)?;
    let folder = Dir::open(folder)?;
    folder.remove_abandoned()?;
    folder.write(FILE, &serde_json::to_vec(known).map_err(io::Error::from)?)
}

/// What there is outside to be attacked, for as long as this lives.
struct Outside {
    facts: serde_json::Value,
    _listeners: (Option<TcpListener>, UnixListener),
    /// Its process is the neighbour that is attacked.
    _folder: Swept,
}

impl Outside {
    fn new(options: &Options) -> io::Result<Self> {
        let folder = Swept::make_with_secret("snipcheck-canary-", TOKEN)?;
        let canary = folder.path().join("canary");
        fs::write(&canary, TOKEN)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        fs::set_permissions(&canary, fs::Permissions::from_mode(0o666))?;
        // A machine without a network of its own has nothing to reach.
        let listener = TcpListener::bind(("127.0.0.1", 0)).ok();
        let port = listener.as_ref().and_then(|listener| listener.local_addr().ok()).map(|at| at.port());
        let name = format!("{TOKEN}-{}", std::process::id());
        #[cfg(target_os = "linux")]
        let unix = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
        // Elsewhere all names are those of files.
        #[cfg(not(target_os = "linux"))]
        let unix = UnixListener::bind(folder.path().join("socket"))?;
        let own_network = options.setup.network == Network::Loopback;
        let hidden = !options.setup.readable.iter().any(|path| canary.starts_with(path));
        let facts = serde_json::json!({
            "canary": if hidden { canary.to_str() } else { None }.unwrap_or_default(),
            "port": port.filter(|_| own_network).unwrap_or(0),
            "abstract": if own_network { &name } else { "" },
            "pid": folder.process(),
            "token": TOKEN,
        });
        Ok(Self { facts, _listeners: (listener, unix), _folder: folder })
    }
}
