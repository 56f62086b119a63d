//! The private directories of a session, and how the document's neighbours and its fixtures get there.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};

use crate::error::{SandboxError, StepContext};
use crate::folders;
use crate::linux::mounts::{bind, bind_tree, make_place};
use crate::linux::paths::{SESSION, SHARED_MEMORY, STASH, WORKING};
use crate::linux::{overlay_layers, processes};
use crate::paths::{HOME, TEMPORARY};
use crate::session_plan::SessionPlan;
use snipcheck_clock::places::{PRELOAD_LINK, SHARED_FOLDER};
use snipcheck_model::policy::Tier;
use snipcheck_wire::{APART, LaneSetup};

/// Makes the directories and enters the working one. Without mounts they are folders of `scratch`.
pub(super) fn make(plan: &SessionPlan<'_>) -> Result<PathBuf, SandboxError> {
    let SessionPlan { setup, neighbours, scratch, .. } = *plan;
    match setup.tier {
        Tier::A => make_private(plan),
        Tier::B => {
            let folder = scratch.unwrap_or(Path::new(TEMPORARY));
            make_stand_ins(folder, setup)?;
            folders::make(folder, neighbours, &setup.hidden)
        }
        Tier::Off => folders::make(scratch.unwrap_or(Path::new(TEMPORARY)), neighbours, &setup.hidden),
    }
}

/// Makes what stands in for mounts in a session's folder: one for shared memory, and a link to the library by which
/// programs of the session find it.
fn make_stand_ins(folder: &Path, setup: &LaneSetup) -> Result<(), SandboxError> {
    fs::create_dir(folder.join(SHARED_FOLDER)).step("make a folder for shared memory")?;
    let Some(library) = &setup.library else { return Ok(()) };
    symlink(library, folder.join(PRELOAD_LINK)).step("link the library for programs")
}

fn make_private(plan: &SessionPlan<'_>) -> Result<PathBuf, SandboxError> {
    let SessionPlan { setup, neighbours, folders, .. } = *plan;
    let size = format!("size={},nr_inodes={},mode=0700", setup.limits.disk, setup.limits.inodes);
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), SESSION, Some("tmpfs"), flags, Some(size.as_str()))
        .step("mount private directories")?;

    let session = Path::new(SESSION);
    for (name, place) in [("tmp", TEMPORARY), ("home", HOME), ("shm", SHARED_MEMORY)] {
        bind_new(&session.join(name), place)?;
    }
    restore_stash()?;

    let files = session.join("files");
    // A folder that only root may enter cannot be shown to a session that root starts as another user.
    match neighbours.filter(|folder| fs::File::open(folder).is_ok()) {
        Some(folder) => {
            fs::create_dir(&files).step_with(|| format!("make `{}`", files.display()))?;
            make_own_folders(folder, &files, folders)?;
            overlay(setup, folder, &files, &session.join("work"))?;
        }
        None => bind_new(&files, WORKING)?,
    }

    overlay_layers::cover()?;
    processes::mount_own()?;
    std::env::set_current_dir(WORKING).step("enter the working directory")?;
    Ok(PathBuf::from(HOME))
}

fn bind_new(source: &Path, place: &str) -> Result<(), SandboxError> {
    fs::create_dir(source).step_with(|| format!("make `{}`", source.display()))?;
    bind(source, Path::new(place)).step_with(|| format!("bind `{place}`"))
}

/// Makes folders of the private layer for those of the document's folder in which the session has files of its own: it
/// may write in them whoever owns what is below, which shows through.
fn make_own_folders(below: &Path, files: &Path, folders: &str) -> Result<(), SandboxError> {
    for folder in folders.split(APART).filter(|folder| !folder.is_empty()) {
        for path in Path::new(folder).ancestors().collect::<Vec<_>>().into_iter().rev().skip(1) {
            // What a link leads to would not show through.
            if !fs::symlink_metadata(below.join(path)).is_ok_and(|metadata| metadata.is_dir()) {
                break;
            }
            match fs::create_dir(files.join(path)) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(error).step_with(|| format!("make `{}`", path.display()));
                }
                Ok(()) | Err(_) => {}
            }
        }
    }
    Ok(())
}

/// The document's folder with a private layer on top: all of it can be read, and nothing in it changes.
fn overlay(setup: &LaneSetup, folder: &Path, files: &Path, work: &Path) -> Result<(), SandboxError> {
    fs::create_dir(work).step_with(|| format!("make `{}`", work.display()))?;

    let layers = overlay_layers::of(folder, setup).unwrap_or_default();
    let layers: Vec<_> = layers.iter().map(|layer| layer.to_string_lossy()).collect();
    // Commas and colons have a meaning in the options of a mount (`overlayfs.rst` in the kernel's documentation).
    if !layers.is_empty() && !layers.iter().any(|layer| layer.contains([',', ':', '\\'])) {
        let lower = layers.join(":");
        let options =
            format!("lowerdir={lower},upperdir={},workdir={},userxattr", files.display(), work.display());
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        if mount(Some("overlay"), WORKING, Some("overlay"), flags, Some(options.as_str())).is_ok() {
            return Ok(());
        }
    }

    folders::link_neighbours(folder, files, &setup.hidden)?;
    bind(files, Path::new(WORKING)).step_with(|| format!("bind `{WORKING}`"))
}

/// Binds what the session's directories have covered to its own path again.
fn restore_stash() -> Result<(), SandboxError> {
    let Ok(entries) = fs::read_dir(STASH) else { return Ok(()) };
    for entry in entries.flatten().filter(|entry| entry.path().extension().is_none()) {
        let note = fs::read(entry.path().with_extension("path")).step("read the stash")?;
        let place = PathBuf::from(OsString::from_vec(note));

        let metadata = fs::metadata(entry.path()).step("look into the stash")?;
        make_place(&place, &metadata).step_with(|| format!("make `{}`", place.display()))?;
        bind_tree(&entry.path(), &place).step_with(|| format!("bind `{}`", place.display()))?;
    }
    Ok(())
}
