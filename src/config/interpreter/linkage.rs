//! Whether an interpreter is linked to a shared libpython, as its file says. Nothing is executed to find out.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use goblin::elf::Elf;
use serde::{Deserialize, Serialize};

/// Where the loader looks for libraries in the end (ld.so(8)), with the folders that distributions configure.
const SYSTEM: [&str; 10] = [
    "/usr/local/lib",
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
    "/usr/local/lib64",
];

/// How the interpreter comes to its own code, and so how another program can run Python as this interpreter would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Linkage {
    /// The executable is linked to this library, which can be loaded into another program.
    Embedded { library: PathBuf },
    /// The executable has all of Python in it: it has to be started itself.
    Hosted,
}

impl Linkage {
    /// The library that other programs can load.
    pub(crate) fn library(&self) -> Option<&Path> {
        match self {
            Self::Embedded { library } => Some(library),
            Self::Hosted => None,
        }
    }

    /// The linkage of an executable, whose path has no links in it. `searched` is `LD_LIBRARY_PATH`. What is no ELF file,
    /// or is linked to a library that only the loader finds, can still be started itself.
    pub(super) fn of(executable: &Path, prefix: &Path, searched: Option<&OsStr>) -> Self {
        let bytes = fs::read(executable).unwrap_or_default();
        let library = Elf::parse(&bytes).ok().and_then(|elf| {
            let needed = elf.libraries.iter().find(|name| is_libpython(name))?;
            let origin = executable.parent().unwrap_or(Path::new("/"));
            if needed.contains('/') {
                return expanded(needed, origin).filter(|path| path.is_file());
            }
            let mut folders = folders(&elf, origin, searched);
            folders.push(prefix.join("lib"));
            folders.into_iter().map(|folder| folder.join(needed)).find(|path| path.is_file())
        });

        match library {
            Some(library) => Self::Embedded { library: fs::canonicalize(&library).unwrap_or(library) },
            None => Self::Hosted,
        }
    }
}

/// `libpython3.12.so.1.0`, `libpython3.13td.so.1.0` and so on, but not the `libpython3.so` that only forwards.
fn is_libpython(needed: &str) -> bool {
    let name = needed.rsplit('/').next().unwrap_or(needed);
    let Some((version, _)) = name.strip_prefix("libpython3.").and_then(|rest| rest.split_once(".so")) else {
        return false;
    };
    version.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
}

/// The folders in which the loader looks for a library, in its order.
fn folders(elf: &Elf<'_>, origin: &Path, searched: Option<&OsStr>) -> Vec<PathBuf> {
    let listed = |lists: &[&str]| -> Vec<PathBuf> {
        lists.iter().flat_map(|list| list.split(':')).filter_map(|entry| expanded(entry, origin)).collect()
    };
    // The older kind counts only where there is none of the newer.
    let mut folders = if elf.runpaths.is_empty() { listed(&elf.rpaths) } else { Vec::new() };
    // A relative entry would find libraries of the project.
    folders.extend(searched.into_iter().flat_map(std::env::split_paths).filter(|path| path.is_absolute()));
    folders.extend(listed(&elf.runpaths));
    folders.extend(SYSTEM.map(PathBuf::from));
    folders
}

/// An absolute path, in which `$ORIGIN` stands for the folder of the executable.
fn expanded(entry: &str, origin: &Path) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for component in Path::new(entry).components() {
        match component {
            Component::Normal(name) if name == "$ORIGIN" || name == "${ORIGIN}" => path.push(origin),
            other => path.push(other),
        }
    }
    path.is_absolute().then_some(path)
}
