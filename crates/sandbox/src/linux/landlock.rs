//! Landlock (`landlock(7)`): what a process and its children may do with files, and whom they may signal.
//!
//! With namespaces it is a second wall: no mounts, no device nodes, no signals or abstract sockets out of a session.
//! Without namespaces it is the only one: files are read where the policy says so and written in a session's own
//! directories.

use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use crate::error::{SandboxError, StepContext};
use crate::linux::system_paths::{DEVICES, MACHINE, OWN, PROC, SAME_FOR_ALL, SYSTEM};
use snipcheck_wire::LaneSetup;

/// The first with scopes for signals and abstract sockets, of Linux 6.12: without them a session could stop the user's
/// other processes.
const VETTED: ABI = ABI::V6;

/// Entries of `/proc/self` that show more than the process: the sockets of the machine. Those of threads show them too.
const OF_OTHERS: [&str; 2] = ["net", "task"];

type Result<T> = std::result::Result<T, SandboxError>;

/// Whether the kernel knows every restriction that is used here. A container may refuse what its kernel could.
pub(super) fn is_supported() -> bool {
    ruleset(AccessFs::from_all(VETTED)).is_ok()
}

/// Restricts a session with namespaces: no device nodes, no other process to signal, and no mounts, which every
/// restriction of files implies.
pub(super) fn close() -> Result<()> {
    step(ruleset(AccessFs::MakeBlock | AccessFs::MakeChar).and_then(enforce))
}

/// Makes this process and its children signal each other and no other process.
pub(super) fn scope_signals() -> Result<()> {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement).scope(Scope::Signal);
    step(ruleset.and_then(Ruleset::create).and_then(enforce))
}

/// What a lane without namespaces reads.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ReadablePaths {
    /// Files, and folders with all that is below them.
    whole: Vec<PathBuf>,
    /// Folders of which something is hidden. The names below them are no secret: a right holds for all that is below.
    listed: Vec<PathBuf>,
}

/// Restricts a lane without namespaces: it reads what the policy names, and writes where its sessions will. Returns
/// what it reads.
pub(super) fn confine_lane(setup: &LaneSetup) -> Result<ReadablePaths> {
    let system = SYSTEM.iter().chain(&MACHINE).map(PathBuf::from).chain(setup.library.clone());
    let mut readable = ReadablePaths { whole: system.collect(), listed: Vec::new() };
    for path in &setup.readable {
        readable.open(path, &setup.hidden);
    }
    step(confine(&readable.whole, &readable.listed, setup.scratch.as_deref()))?;
    Ok(readable)
}

/// Restricts a session without namespaces: its own directories, its own `/proc`, no other session's files.
pub(super) fn confine_session(readable: &ReadablePaths, scratch: &Path) -> Result<()> {
    let shared = |path: &&PathBuf| path.as_path() != Path::new(PROC) && !scratch.starts_with(path);
    let whole = readable
        .whole
        .iter()
        .filter(shared)
        .cloned()
        .chain(SAME_FOR_ALL.map(PathBuf::from))
        .chain(own_proc());

    // Programs count their threads.
    let listed = readable.listed.iter().cloned().chain([PathBuf::from(OWN)]);
    step(confine(&whole.collect::<Vec<_>>(), &listed.collect::<Vec<_>>(), Some(scratch)))
}

/// Entries of `/proc/self` that say something of this process and of no other.
fn own_proc() -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(OWN).into_iter().flatten().flatten();
    // What links lead to has rules of its own.
    let own = entries.filter(|entry| {
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        !is_link && !OF_OTHERS.iter().any(|name| entry.file_name() == *name)
    });
    own.map(|entry| entry.path())
}

impl ReadablePaths {
    /// Makes a folder readable, or its entries if something in it is hidden: rules of Landlock only ever add rights.
    fn open(&mut self, path: &Path, hidden: &[PathBuf]) {
        // Of ascending paths those below a folder follow it at once.
        let next = hidden.partition_point(|hidden| hidden.as_path() < path);
        let Some(next) = hidden.get(next).filter(|hidden| hidden.starts_with(path)) else {
            self.whole.push(path.to_path_buf());
            return;
        };
        if next == path {
            return;
        }

        self.listed.push(path.to_path_buf());
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            // A rule for a link would be one for its target, which the author of the link has chosen.
            if entry.file_type().is_ok_and(|kind| !kind.is_symlink()) {
                self.open(&entry.path(), hidden);
            }
        }
    }
}

fn confine(
    whole: &[PathBuf],
    listed: &[PathBuf],
    writable: Option<&Path>,
) -> std::result::Result<(), RulesetError> {
    let all = AccessFs::from_all(VETTED);
    let owned = all & !(AccessFs::MakeBlock | AccessFs::MakeChar);
    let devices = DEVICES.iter().map(|name| Path::new("/dev").join(name));

    let ruleset = ruleset(all)?
        .add_rules(path_beneath_rules(whole, AccessFs::from_read(VETTED)))?
        .add_rules(path_beneath_rules(listed, AccessFs::ReadDir))?
        .add_rules(path_beneath_rules(
            devices,
            AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev,
        ))?
        .add_rules(path_beneath_rules(writable, owned))?;

    enforce(ruleset)
}

fn ruleset(files: impl Into<BitFlags<AccessFs>>) -> std::result::Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(files)?
        .scope(Scope::from_all(VETTED))?
        .create()
}

fn enforce(ruleset: RulesetCreated) -> std::result::Result<(), RulesetError> {
    ruleset.restrict_self().map(|status| debug_assert_eq!(status.ruleset, RulesetStatus::FullyEnforced))
}

fn step(result: std::result::Result<(), RulesetError>) -> Result<()> {
    result.map_err(io::Error::other).step("restrict with Landlock")
}
