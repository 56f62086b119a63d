//! What the project and its environment say about packages. Only names and small files are read.

use std::path::{Path, PathBuf};

use crate::config::settings::Settings;
use crate::config::text_file;
use crate::model::installation::{Installation, Installer};
use crate::safe_fs::{self, Dir, Entry, Kind};

/// The longest settings file that is read.
const LONGEST: u64 = 1 << 20;

impl Settings {
    /// How a missing package would have to be installed.
    pub(crate) fn installation(&self) -> Installation {
        Installation { own: own(&self.root), installer: self.installer() }
    }

    fn installer(&self) -> Installer {
        let by_uv = self.environment().is_some_and(|folder| made_by_uv(&folder));
        let locked = self.root.join("uv.lock").is_file();
        match (locked, by_uv) {
            (true, _) => Installer::UvProject,
            (false, true) => Installer::Uv,
            (false, false) => Installer::Pip,
        }
    }

    /// The folder of the environment that the caller or the project chose.
    fn environment(&self) -> Option<PathBuf> {
        Some(self.interpreter().ok()?.environment.as_ref()?.folder.clone())
    }
}

/// uv writes its version into the file.
fn made_by_uv(environment: &Path) -> bool {
    let text = text_file::read(&environment.join("pyvenv.cfg")).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once('=')).any(|(key, _)| key.trim() == "uv")
}

/// Modules in the folders of the project, and the name that it gives itself. What cannot be read holds none.
fn own(root: &Path) -> Vec<String> {
    let Ok(root) = Dir::open(root) else { return Vec::new() };
    let mut own: Vec<String> = named(&root).into_iter().collect();
    own.extend(modules(&root));
    if let Ok(sources) = root.folder("src") {
        own.extend(modules(&sources));
    }
    own
}

fn modules(folder: &Dir) -> Vec<String> {
    let entries = folder.entries().unwrap_or_default();
    let module = |entry: &Entry| match entry.kind {
        Kind::File => entry.name.strip_suffix(".py").map(str::to_owned),
        Kind::Folder => {
            let found = folder.kind(&format!("{}/__init__.py", entry.name));
            matches!(found, Ok(Some(Kind::File))).then(|| entry.name.clone())
        }
        Kind::Link | Kind::Special => None,
    };
    entries.iter().filter_map(module).collect()
}

/// `project.name`, spelt as a module.
fn named(root: &Dir) -> Option<String> {
    let bytes = root.file("pyproject.toml").and_then(|file| safe_fs::contents(&file, LONGEST)).ok()?;
    let table: toml::Table = String::from_utf8(bytes).ok()?.parse().ok()?;
    let name = table.get("project")?.get("name")?.as_str()?;
    Some(name.replace(['-', '.'], "_").to_lowercase())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{made_by_uv, own};

    #[test]
    fn a_project_has_modules() {
        let project = tempfile::tempdir().unwrap();
        let root = project.path();
        for (file, text) in [
            ("pyproject.toml", "[project]\nname = 'Tea-Shelf'\n"),
            ("src/shelfie/__init__.py", ""),
            ("src/data/x.csv", ""),
            ("tool.py", ""),
            ("kettle/__init__.py", ""),
            ("docs/conf.py", ""),
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        let mut found = own(root);
        found.sort();
        assert_eq!(found, ["kettle", "shelfie", "tea_shelf", "tool"]);
        assert!(own(&root.join("gone")).is_empty());
    }

    #[test]
    fn uv_signs_its_environments() {
        let environment = tempfile::tempdir().unwrap();
        assert!(!made_by_uv(environment.path()));
        let file = environment.path().join("pyvenv.cfg");
        fs::write(&file, "home = /usr/bin\nversion = 3.11.7\n").unwrap();
        assert!(!made_by_uv(environment.path()));
        fs::write(&file, "home = /usr/bin\nimplementation = CPython\nuv = 0.9.1\n").unwrap();
        assert!(made_by_uv(environment.path()));
    }
}
