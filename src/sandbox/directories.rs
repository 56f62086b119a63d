//! The private directories of a session, and how the document's neighbours and its fixtures get there.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};

use crate::model::policy::Tier;
use crate::sandbox::root::make_place;
use crate::sandbox::{HOME, SandboxError, Step, TEMPORARY, folders};
use crate::wire::LaneSetup;

/// As fixed as [`HOME`] and [`TEMPORARY`].
pub(super) const WORKING: &str = "/doc";
pub(super) const SHARED_MEMORY: &str = "/dev/shm";
pub(super) const SESSION: &str = "/.session";
pub(super) const STASH: &str = "/.stash";

const NOTHING: Option<&str> = None;

/// Makes the directories and enters the working one. Without a sandbox they are folders of `scratch`.
pub(super) fn make(
    setup: &LaneSetup,
    neighbours: Option<&Path>,
    scratch: Option<&Path>,
) -> Result<PathBuf, SandboxError> {
    match setup.tier {
        Tier::A => make_private(setup, neighbours),
        Tier::B | Tier::Off => folders::make(scratch.unwrap_or(Path::new(TEMPORARY)), neighbours),
    }
}

fn make_private(setup: &LaneSetup, neighbours: Option<&Path>) -> Result<PathBuf, SandboxError> {
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
    // A folder that only root may enter cannot be shown to a session that root starts as somebody else.
    match neighbours.filter(|folder| fs::read_dir(folder).is_ok()) {
        Some(folder) => {
            overlay(folder, &files, &session.join("work"))?;
            hide(folder, &setup.hidden)?;
        }
        None => bind_new(&files, WORKING)?,
    }
    // It stays mounted: taking it off again would wait for the whole kernel (`synchronize_rcu_expedited`).
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, NOTHING).step("mount `/proc`")?;
    std::env::set_current_dir(WORKING).step("enter the working directory")?;
    Ok(PathBuf::from(HOME))
}

fn bind_new(source: &Path, place: &str) -> Result<(), SandboxError> {
    fs::create_dir(source).step(format!("make `{}`", source.display()))?;
    mount(Some(source), place, NOTHING, MsFlags::MS_BIND, NOTHING).step(format!("bind `{place}`"))
}

/// The document's folder with a private layer on top: all of it can be read, and nothing in it changes.
fn overlay(folder: &Path, files: &Path, work: &Path) -> Result<(), SandboxError> {
    for path in [files, work] {
        fs::create_dir(path).step(format!("make `{}`", path.display()))?;
    }
    let text = folder.to_string_lossy();
    // Commas and colons have a meaning in the options of a mount (`overlayfs.rst` in the kernel's documentation).
    if !text.contains([',', ':', '\\']) {
        let options =
            format!("lowerdir={text},upperdir={},workdir={},userxattr", files.display(), work.display());
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        if mount(Some("overlay"), WORKING, Some("overlay"), flags, Some(options.as_str())).is_ok() {
            return Ok(());
        }
    }
    folders::link_neighbours(folder, files)?;
    mount(Some(files), WORKING, NOTHING, MsFlags::MS_BIND, NOTHING).step(format!("bind `{WORKING}`"))
}

/// What is mounted in a folder to hide something is no part of it for an overlay, which shows what is below.
fn hide(folder: &Path, hidden: &[PathBuf]) -> Result<(), SandboxError> {
    let folder = fs::canonicalize(folder).step(format!("find `{}`", folder.display()))?;
    for path in hidden.iter().filter_map(|path| path.strip_prefix(&folder).ok()) {
        let place = Path::new(WORKING).join(path);
        if place.is_dir() {
            mount(Some("tmpfs"), &place, Some("tmpfs"), MsFlags::MS_RDONLY, Some("size=4k,mode=0555"))
                .step(format!("hide `{}`", place.display()))?;
        }
    }
    Ok(())
}

fn restore_stash() -> Result<(), SandboxError> {
    let Ok(entries) = fs::read_dir(STASH) else { return Ok(()) };
    for entry in entries.flatten().filter(|entry| entry.path().extension().is_none()) {
        let note = fs::read(entry.path().with_extension("path")).step("read the stash")?;
        let place = PathBuf::from(OsString::from_vec(note));
        let metadata = fs::metadata(entry.path()).step("look into the stash")?;
        make_place(&place, &metadata).step(format!("make `{}`", place.display()))?;
        mount(Some(&entry.path()), &place, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)
            .step(format!("bind `{}`", place.display()))?;
    }
    Ok(())
}
