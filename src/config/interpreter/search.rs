//! Executables that may be the Python of a run, in the order in which they are tried.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config::interpreter::places::Places;
use crate::config::interpreter::version::{OLDEST, Version, VersionWish};

/// The file of this name in a folder of `PATH`.
pub(super) fn on_path(name: &Path, places: &Places) -> Option<PathBuf> {
    places.path.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Every Python that is found without being named: on `PATH`, then those of uv, pyenv and conda. Files of the checkout are
/// left out. With a wish, those that cannot be of its version are left out too.
pub(super) fn candidates(wish: Option<VersionWish>, places: &Places) -> Vec<PathBuf> {
    let mut names = named_by_version(wish, places);
    // Where a minor version is wanted, `python3.12` says more than `python3`.
    let place = if wish.is_some_and(|wish| wish.minor.is_some()) { names.len() } else { 0 };
    names.insert(place, "python3".to_owned());
    names.push("python".to_owned());

    let in_folders = names.iter().flat_map(|name| places.path.iter().map(move |folder| folder.join(name)));
    let mut candidates: Vec<PathBuf> = in_folders.filter(|path| path.is_file()).collect();
    candidates.extend(places.uv.iter().flat_map(|folder| installed(folder, wish)));
    candidates.extend(places.pyenv.iter().flat_map(|root| installed(&root.join("versions"), wish)));
    for root in &places.conda {
        candidates.extend(python_in(root));
        candidates.extend(folders_in(&root.join("envs")).iter().filter_map(|folder| python_in(folder)));
    }

    candidates.retain(|path| !places.is_of_checkout(path));
    candidates
}

/// `python3.13`, `python3.12` and so on, as far as there are such names on `PATH`, the newest first.
fn named_by_version(wish: Option<VersionWish>, places: &Places) -> Vec<String> {
    let mut minors = BTreeSet::new();
    for entry in places.path.iter().flat_map(fs::read_dir).flatten().flatten() {
        let name = entry.file_name();
        let version = name.to_str().and_then(|name| name.strip_prefix("python3.")?.parse::<u8>().ok());
        minors.extend(version.filter(|minor| *minor >= OLDEST.minor).map(Reverse));
    }

    let wanted = wish.and_then(|wish| wish.minor);
    let allowed = minors.into_iter().filter(|Reverse(minor)| wanted.is_none_or(|wanted| wanted == *minor));
    allowed.map(|Reverse(minor)| format!("python3.{minor}")).collect()
}

/// The Pythons in a folder of uv (`cpython-3.12.1-linux-x86_64-gnu`) or pyenv (`3.12.1`), the newest first.
fn installed(folder: &Path, wish: Option<VersionWish>) -> Vec<PathBuf> {
    let mut found: Vec<(Version, PathBuf)> = Vec::new();
    for folder in folders_in(folder) {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = name.strip_prefix("cpython-").unwrap_or(name);
        let version = name.split('-').next().unwrap_or(name);
        let free_threaded = version.ends_with('t') || version.contains("+freethreaded");

        let Some(version) = Version::parse(version) else { continue };
        let is_wanted = match wish {
            Some(wish) => wish.allows(version),
            None => version >= OLDEST,
        };
        found.extend(
            python_in(&folder).filter(|_| is_wanted && !free_threaded).map(|python| (version, python)),
        );
    }
    found.sort_by_key(|(version, _)| Reverse(*version));
    found.into_iter().map(|(_, python)| python).collect()
}

fn python_in(prefix: &Path) -> Option<PathBuf> {
    let bin = prefix.join("bin");
    ["python3", "python"].iter().map(|name| bin.join(name)).find(|path| path.is_file())
}

/// In the order of their names.
fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort_unstable();
    folders
}
