//! What a document finds beside it: its folder without what is hidden there, as layers for an overlay (`overlayfs.rst`
//! in the kernel's documentation).
//!
//! An overlay shows what is below mounts, and refuses folders with mounts that are locked. So a lane keeps a second
//! view of each project without mounts in it, and above that a layer of whiteouts. A session covers both once it has
//! its overlay.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::libc;

use crate::error::{SandboxError, StepContext};
use crate::linux::mounts::{bind, bind_tree, inside, make_tree_read_only};
use crate::linux::paths::EMPTY;
use snipcheck_wire::LaneSetup;

const LAYERS: &str = "/.layers";
/// The view of a project without mounts, in the folder of its number.
const FILES: &str = "files";
/// The whiteouts of a project, in the folder of its number.
const WHITEOUTS: &str = "whiteouts";

/// Makes the layers of all projects in which something is hidden, before anything is mounted in these.
pub(super) fn make(root: &Path, setup: &LaneSetup) -> Result<(), SandboxError> {
    for (number, project) in setup.projects.iter().enumerate() {
        let hidden: Vec<&Path> =
            setup.hidden.iter().filter_map(|path| path.strip_prefix(project).ok()).collect();
        if hidden.is_empty() {
            continue;
        }

        let layer = inside(root, &layer(number));
        // Without whiteouts sessions get links to their neighbours, which lead to where mounts hide what is to be
        // hidden.
        if white_out(&inside(root, project), &layer.join(WHITEOUTS), &hidden).is_err() {
            continue;
        }

        let files = layer.join(FILES);
        fs::create_dir_all(&files).step("make a layer")?;
        bind_tree(&inside(root, project), &files)
            .step_with(|| format!("bind `{}` as a layer", project.display()))?;
        make_tree_read_only(&files).step("make a layer read-only")?;
    }
    Ok(())
}

fn layer(number: usize) -> PathBuf {
    Path::new(LAYERS).join(number.to_string())
}

/// Makes a whiteout for each hidden path. A folder takes its mode and its times from the topmost layer, so those of the
/// project are copied.
fn white_out(project: &Path, whiteouts: &Path, hidden: &[&Path]) -> io::Result<()> {
    let mut folders = Vec::new();
    fs::create_dir_all(whiteouts)?;
    for path in hidden {
        let mut folder = PathBuf::new();
        for part in path.parent().into_iter().flat_map(Path::components) {
            folder.push(part);
            match fs::create_dir(whiteouts.join(&folder)) {
                Ok(()) => folders.push(folder.clone()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        make_whiteout(&whiteouts.join(path))?;
    }

    // What is made in a folder changes its times, so inner ones come first.
    for folder in folders.iter().rev() {
        let Ok(original) = fs::metadata(project.join(folder)) else { continue };
        let copy = fs::File::open(whiteouts.join(folder))?;
        let times =
            fs::FileTimes::new().set_modified(original.modified()?).set_accessed(original.accessed()?);
        copy.set_times(times)?;
        copy.set_permissions(fs::Permissions::from_mode(original.mode() & 0o7777))?;
    }
    Ok(())
}

/// A whiteout is a device with the number 0, which needs no privilege to make (`mknod(2)`).
fn make_whiteout(path: &Path) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path ends with a zero byte and is only read.
    let answer = unsafe { libc::mknod(path.as_ptr(), libc::S_IFCHR, 0) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The layers that show a folder, topmost first; `None` where no overlay can show it without what is hidden.
pub(super) fn of(folder: &Path, setup: &LaneSetup) -> Option<Vec<PathBuf>> {
    let folder = fs::canonicalize(folder).ok()?;
    if !hides(folder.as_path(), &setup.hidden) {
        return Some(vec![folder]);
    }

    let (number, rest) = setup
        .projects
        .iter()
        .enumerate()
        .filter_map(|(number, project)| Some((number, folder.strip_prefix(project).ok()?)))
        .min_by_key(|(_, rest)| rest.components().count())?;

    let layers = [WHITEOUTS, FILES].map(|name| layer(number).join(name).join(rest));
    layers.iter().all(|layer| layer.is_dir()).then(|| layers.to_vec())
}

/// Whether something below a folder is hidden.
fn hides(folder: &Path, hidden: &[PathBuf]) -> bool {
    // Of ascending paths those below a folder follow it at once.
    let next = hidden.partition_point(|path| path.as_path() <= folder);
    hidden.get(next).is_some_and(|path| path.starts_with(folder))
}

/// Takes the layers out of sight; overlays keep theirs.
pub(super) fn cover() -> Result<(), SandboxError> {
    if !Path::new(LAYERS).exists() {
        return Ok(());
    }
    bind(Path::new(EMPTY), Path::new(LAYERS)).step("cover the layers")
}
