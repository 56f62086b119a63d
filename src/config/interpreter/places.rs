//! Where this machine may have Pythons: as the caller's variables say, and where their installers put them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config::environment::Environment;

/// What a search for Python goes by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// The absolute folders of `PATH`. A relative one would find programs of the project.
    pub(super) path: Vec<PathBuf>,
    pub(super) uv: Vec<PathBuf>,
    /// `PYENV_ROOT`.
    pub(super) pyenv: Option<PathBuf>,
    /// Installations of conda, each of them a Python with environments below.
    pub(super) conda: Vec<PathBuf>,
    /// `LD_LIBRARY_PATH`.
    pub(super) libraries: Option<OsString>,
    /// What else a shim of pyenv goes by.
    pub(super) pyenv_version: Option<OsString>,
    /// The checkout: none of its files is executed for being found. `None` for a home folder, or one that homes are in: what
    /// is installed there, the caller has installed.
    pub(super) repository: Option<PathBuf>,
    /// Where scripts are asked which Python they start.
    pub(super) folder: PathBuf,
    /// The folder of what is remembered; `None` where a checkout could have brought it along.
    pub(super) memory: Option<PathBuf>,
    pub(super) sudo_user: Option<u32>,
}

/// Whether what lies in the current folder may have a say in which Python a script starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CurrentFolder {
    Counts,
    Ignored,
}

impl Places {
    pub(crate) fn new(environment: &Environment, repository: &Path, current: CurrentFolder) -> Self {
        let variable =
            |name: &str| environment.variables.get(&OsString::from(name)).filter(|v| !v.is_empty());
        let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let below_home = |path: &str| environment.home.as_ref().map(|home| home.join(path));

        let search = environment.search.iter().flat_map(std::env::split_paths);
        let data = folder("XDG_DATA_HOME").or_else(|| below_home(".local/share"));
        let uv = [folder("UV_PYTHON_INSTALL_DIR"), data.map(|data| data.join("uv/python"))];
        let memory = environment.cache.clone().or_else(|| below_home(".cache"));
        let holds_home = repository.parent().is_none()
            || environment.home.as_ref().is_some_and(|home| real(home).starts_with(real(repository)));
        let repository = Some(repository).filter(|_| !holds_home);

        Self {
            path: search.filter(|folder| folder.is_absolute()).collect(),
            uv: uv.into_iter().flatten().collect(),
            pyenv: folder("PYENV_ROOT").or_else(|| below_home(".pyenv")),
            conda: conda(folder("CONDA_EXE").as_deref(), environment.home.as_deref()),
            libraries: variable("LD_LIBRARY_PATH").cloned(),
            pyenv_version: variable("PYENV_VERSION").cloned(),
            repository: repository.map(Path::to_path_buf),
            folder: match current {
                CurrentFolder::Counts => environment.folder.clone(),
                CurrentFolder::Ignored => PathBuf::from("/"),
            },
            memory: memory
                .filter(|cache| !repository.is_some_and(|folder| is_below(cache, folder)))
                .map(|cache| cache.join("snipcheck")),
            sudo_user: environment.sudo_user,
        }
    }

    /// Whether a file or a folder may have come with the checkout.
    pub(super) fn is_of_checkout(&self, path: &Path) -> bool {
        self.repository.as_ref().is_some_and(|repository| is_below(path, repository))
    }

    /// Whether a folder holds scripts of pyenv that start the version which is chosen at the time.
    pub(super) fn is_shims(&self, folder: &Path) -> bool {
        self.pyenv.as_ref().is_some_and(|root| folder == root.join("shims"))
    }

    /// Folders below which installers put Pythons, and in which only the caller or root does.
    pub(super) fn installations(&self) -> impl Iterator<Item = &Path> {
        let pyenv = self.pyenv.iter();
        self.uv.iter().chain(pyenv).chain(&self.conda).map(PathBuf::as_path)
    }
}

/// The installation that the variables name, and those in the usual folders.
fn conda(executable: Option<&Path>, home: Option<&Path>) -> Vec<PathBuf> {
    const NAMES: [&str; 6] = ["miniforge3", "mambaforge", "miniconda3", "anaconda3", "micromamba", "conda"];
    let named = executable.and_then(Path::parent).and_then(Path::parent).map(Path::to_path_buf);
    let above: Vec<&Path> = home.into_iter().chain([Path::new("/opt")]).collect();
    let usual = above.iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    named.into_iter().chain(usual).filter(|folder| folder.is_dir()).collect()
}

/// Whether a path is in a folder, by its letters or behind all links.
fn is_below(path: &Path, folder: &Path) -> bool {
    path.starts_with(folder) || real(path).starts_with(real(folder))
}

/// Behind all links, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    let real_above = |above: &Path| {
        let real = fs::canonicalize(above).ok()?;
        let rest = path.strip_prefix(above).ok()?;
        // Nothing joined to a path is a slash at its end.
        Some(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
    };
    path.ancestors().find_map(real_above).unwrap_or_else(|| path.to_owned())
}

/// The same name in the folder behind all links: `/usr/bin/python3` for `/bin/python3`.
pub(super) fn with_real_folder(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => real(folder).join(name),
        _ => path.to_owned(),
    }
}
