//! The files that a document shows under their names, in the session's own folder. Nothing is written through a link,
//! which may lead to a file of the project.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;

use snipcheck_model::snippet::TitledFile;
use snipcheck_safe_fs::{Dir, Kind, SafeFsError};

/// Where Python keeps compiled modules.
const COMPILED: &str = "__pycache__";
/// Neighbours that are linked again where a folder takes the place of a link.
const MOST_LINKS: usize = 256;
const EVERYBODY: Mode = Mode::from_bits_truncate(0o666);

/// Which of the files are there.
#[derive(Debug)]
pub(super) struct TitledFiles {
    /// The session's working directory when it began.
    folder: PathBuf,
    written: usize,
}

/// What became of files that were due.
#[derive(Debug, Default)]
pub(super) struct Written<'a> {
    pub(super) files: Vec<&'a TitledFile>,
    /// Sentences about those that could not be written.
    pub(super) notes: Vec<String>,
}

impl TitledFiles {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, written: 0 }
    }

    pub(super) fn path(&self, file: &TitledFile) -> PathBuf {
        self.folder.join(&file.name)
    }

    /// Writes the files up to this number that are not there yet; of several with one name the last.
    pub(super) fn write<'a>(&mut self, files: &'a [TitledFile], count: usize) -> Written<'a> {
        let due = files.get(self.written..count).unwrap_or_default();
        self.written = self.written.max(count);

        let mut written = Written::default();
        for (index, file) in due.iter().enumerate() {
            if due[index + 1..].iter().any(|later| later.name == file.name) {
                continue;
            }
            match put(&self.folder, file) {
                Ok(()) => written.files.push(file),
                Err(error) => written.notes.push(format!("cannot write `{}`: {error}", file.name)),
            }
        }
        written
    }
}

/// Puts a file where its name says. What has the name is removed first, unless it is a folder.
fn put(folder: &Path, file: &TitledFile) -> Result<(), SafeFsError> {
    let (inner, base) = file.name.rsplit_once('/').unwrap_or(("", &file.name));
    let mut path = folder.to_path_buf();
    let mut reached = Dir::open(folder)?;
    for part in inner.split('/').filter(|part| !part.is_empty()) {
        path.push(part);
        if reached.kind(part)? == Some(Kind::Link) {
            replace_link(&reached, part, &path)?;
        }
        reached = reached.make_folder(part)?;
    }

    if let Some(module) = base.strip_suffix(".py") {
        forget_compiled(&reached, module)?;
    }
    reached.remove(base)?;
    let mut open = reached.create(base, EVERYBODY)?;
    open.write_all(file.text.as_bytes()).map_err(|error| {
        // Half a file is worse than none. An error of the removal is dropped for the one that led to it.
        let _ = reached.remove(base);
        error.into()
    })
}

/// A folder with links to what is in the folder that a link leads to, in the place of the link.
fn replace_link(parent: &Dir, name: &str, path: &Path) -> Result<(), SafeFsError> {
    let target = fs::canonicalize(path);
    parent.remove(name)?;
    parent.make_folder(name)?;

    let entries = match target.and_then(fs::read_dir) {
        Ok(entries) => entries.flatten().filter(|entry| entry.file_name() != COMPILED),
        // A link that leads nowhere, or to a file.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    for entry in entries.take(MOST_LINKS) {
        symlink(entry.path(), path.join(entry.file_name()))?;
    }
    Ok(())
}

/// Removes what was compiled of a module. Python takes it for current where size and second of the source are the same.
fn forget_compiled(folder: &Dir, module: &str) -> Result<(), SafeFsError> {
    match folder.kind(COMPILED)? {
        // Python would write through it.
        Some(Kind::Link) => folder.remove(COMPILED),
        Some(Kind::Folder) => {
            let compiled = folder.folder(COMPILED)?;
            let is_of_module =
                |name: &str| name.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'));
            let entries = compiled.entries()?;
            let mut old = entries.iter().filter(|entry| is_of_module(&entry.name));
            old.try_for_each(|entry| compiled.remove(&entry.name))
        }
        Some(Kind::File | Kind::Special) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::TitledFiles;
    use snipcheck_model::snippet::TitledFile;

    fn files(files: &[(&str, &str)]) -> Vec<TitledFile> {
        let file = |(name, text): &(&str, &str)| TitledFile { name: (*name).into(), text: (*text).into() };
        files.iter().map(file).collect()
    }

    #[test]
    fn each_is_written_once_and_the_last_of_a_name_wins() {
        let home = tempfile::tempdir().unwrap();
        let shown = files(&[("a.py", "1"), ("b/c.txt", "2"), ("a.py", "3"), ("a.py", "4")]);
        let mut titled = TitledFiles::new(home.path().to_path_buf());
        let read = |name: &str| fs::read_to_string(home.path().join(name)).unwrap_or_default();
        let names = |count: usize, titled: &mut TitledFiles| -> Vec<String> {
            titled.write(&shown, count).files.iter().map(|file| file.name.clone()).collect()
        };

        assert_eq!(names(0, &mut titled), Vec::<String>::new());
        assert_eq!(names(3, &mut titled), ["b/c.txt", "a.py"]);
        assert_eq!((read("a.py"), read("b/c.txt")), ("3".into(), "2".into()));
        fs::write(home.path().join("b/c.txt"), "changed").unwrap();
        assert_eq!(names(2, &mut titled), Vec::<String>::new());
        assert_eq!(names(4, &mut titled), ["a.py"]);
        assert_eq!((read("a.py"), read("b/c.txt")), ("4".into(), "changed".into()));
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let home = tempfile::tempdir().unwrap();
        let (project, folder) = (home.path().join("project"), home.path().join("doc"));
        fs::create_dir_all(project.join("shop/__pycache__")).unwrap();
        fs::create_dir(&folder).unwrap();
        for name in ["a.py", "shop/a.py", "shop/b.py", "shop/__pycache__/a.cpython-311.pyc"] {
            fs::write(project.join(name), "project").unwrap();
        }
        for name in ["a.py", "shop"] {
            symlink(project.join(name), folder.join(name)).unwrap();
        }
        symlink(project.join("shop/__pycache__"), folder.join("__pycache__")).unwrap();
        symlink(project.join("nowhere"), folder.join("gone")).unwrap();

        let shown = files(&[("a.py", "doc"), ("shop/a.py", "doc"), ("gone/a.py", "doc")]);
        let written = TitledFiles::new(folder.clone()).write(&shown, 3);
        assert_eq!(written.notes, Vec::<String>::new());
        for file in &shown {
            assert_eq!(fs::read_to_string(folder.join(&file.name)).unwrap(), "doc");
        }
        assert_eq!(fs::read_to_string(folder.join("shop/b.py")).unwrap(), "project");
        for name in ["a.py", "shop/a.py", "shop/b.py", "shop/__pycache__/a.cpython-311.pyc"] {
            assert_eq!(fs::read_to_string(project.join(name)).unwrap(), "project", "{name}");
        }
        assert!(!project.join("nowhere").exists() && !folder.join("__pycache__").exists());
    }

    #[test]
    fn what_is_in_the_way_is_said() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("a.py")).unwrap();
        fs::write(home.path().join("b"), "").unwrap();
        let shown = files(&[("a.py", "1"), ("b/c.py", "2"), ("d.py", "3")]);
        let written = TitledFiles::new(home.path().to_path_buf()).write(&shown, 3);
        assert_eq!(
            written.notes,
            [
                "cannot write `a.py`: expected a file, but `a.py` is a folder",
                "cannot write `b/c.py`: expected a folder, but `b` is a file",
            ]
        );
        assert_eq!(written.files.len(), 1);
    }

    #[test]
    fn compiled_modules_are_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let compiled = home.path().join("__pycache__");
        fs::create_dir(&compiled).unwrap();
        for name in ["a.cpython-311.pyc", "a.cpython-312.opt-1.pyc", "ab.cpython-311.pyc"] {
            fs::write(compiled.join(name), "").unwrap();
        }
        TitledFiles::new(home.path().to_path_buf()).write(&files(&[("a.py", "")]), 1);
        let left: Vec<_> = fs::read_dir(&compiled).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["ab.cpython-311.pyc"]);
    }
}
