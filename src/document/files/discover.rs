//! From the words of a user to the files to read.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::document::files::places::{
    Discovery, DocumentFile, Exclusion, NamedBy, Places, document_path, normal, relative,
};
use crate::document::files::walk::{Excluded, Walk};
use crate::model::problem::Problem;

/// Finds the documents that the targets name: files, folders and globs. What cannot be found is a problem, not an error.
pub fn discover(targets: &[PathBuf], places: Places<'_>) -> Discovery {
    let real_root = fs::canonicalize(places.root).unwrap_or_else(|_| places.root.to_owned());

    let mut search = Search {
        root: places.root,
        real_root,
        named_by: places.named_by,
        found: BTreeMap::new(),
        problems: Vec::new(),
    };

    let excluded = Excluded::new(places, &mut search.problems);
    for target in targets {
        let path = places.base.join(target);
        match fs::metadata(&path) {
            Ok(_) if places.exclusion == Exclusion::Named && excluded.matches(&path) => {}
            Ok(metadata) if metadata.is_dir() => {
                search.walk(&Walk::folder(path), &excluded);
            }
            Ok(_) if places.named_by == NamedBy::Nobody && excluded.matches(&path) => {}
            Ok(_) => search.add_named(path),
            Err(error) => match Walk::glob(places.base, target) {
                Some(Ok(walk)) => {
                    if search.walk(&walk, &excluded) == 0 {
                        search.object(target, "no document matches this glob".to_owned(), None);
                    }
                }
                Some(Err(error)) => {
                    search.object(target, format!("unreadable glob: {}", error.kind()), None);
                }
                None => search.missing(target, places.base, &error),
            },
        }
    }

    search.finish()
}

struct Search<'a> {
    root: &'a Path,
    /// The root, all links followed.
    real_root: PathBuf,
    named_by: NamedBy,
    /// The key is the file, all links followed.
    found: BTreeMap<PathBuf, DocumentFile>,
    problems: Vec<Problem>,
}

impl Search<'_> {
    /// Adds what the walk meets, and counts it.
    fn walk(&mut self, walk: &Walk, excluded: &Excluded) -> usize {
        let Some(border) = self.border(&walk.folder) else {
            self.leads_outside(&walk.folder);
            return 1;
        };

        let mut met = 0;
        for file in walk.files(excluded) {
            met += 1;
            match file {
                Ok(file) => {
                    let real = real(&file);
                    if real.starts_with(&border) || real.starts_with(&self.real_root) {
                        self.add(file, real);
                    } else {
                        self.leads_outside(&file);
                    }
                }
                Err(error) => {
                    let path = error.path.unwrap_or_else(|| walk.folder.clone());
                    self.object(&relative(&path, self.root), error.message, None);
                }
            }
        }
        met
    }

    /// The folder that a walk must not leave, besides the root; `None` where it must not begin, because a link of the
    /// project leads out of it.
    fn border(&self, folder: &Path) -> Option<PathBuf> {
        let real = real(folder);
        (self.is_granted(folder) || real.starts_with(&self.real_root)).then_some(real)
    }

    fn is_granted(&self, path: &Path) -> bool {
        relative(path, self.root).is_absolute()
    }

    fn leads_outside(&mut self, path: &Path) {
        let hint = "documents outside of the project have to be named on the command line, one by one";
        let message = "leads outside of the project".to_owned();
        self.object(&relative(path, self.root), message, Some(hint.to_owned()));
    }

    fn add_named(&mut self, file: PathBuf) {
        let real = real(&file);
        match self.named_by {
            NamedBy::Project | NamedBy::Nobody
                if !self.is_granted(&file) && !real.starts_with(&self.real_root) =>
            {
                self.leads_outside(&file);
            }
            NamedBy::Project | NamedBy::Nobody | NamedBy::Caller => self.add(file, real),
        }
    }

    fn add(&mut self, file: PathBuf, real: PathBuf) {
        let mut path = relative(&file, self.root);
        if let Ok(inside) = real.strip_prefix(&self.real_root)
            && path.is_absolute()
        {
            inside.clone_into(&mut path);
        }

        let path = document_path(&path);
        let by_its_name = normal(&file) == real;
        match self.found.entry(real) {
            Entry::Vacant(entry) => {
                entry.insert(DocumentFile { file, path });
            }
            Entry::Occupied(mut entry) => {
                if by_its_name {
                    entry.get_mut().path = path;
                }
            }
        }
    }

    fn missing(&mut self, target: &Path, base: &Path, error: &io::Error) {
        if error.kind() == io::ErrorKind::NotFound {
            let path = base.join(target);
            let looked = format!("looked for `{}`", path.display());
            if let Ok(end) = fs::read_link(&path) {
                let message = format!("a symbolic link to `{}`, which is not there", end.display());
                return self.object(target, message, Some(looked));
            }

            let hint = match neighbour(&path) {
                Some(name) => format!("did you mean `{}`? {looked}", target.with_file_name(name).display()),
                None => looked,
            };
            self.object(target, "no such file or folder".to_owned(), Some(hint));
        } else {
            self.object(target, format!("cannot be looked up: {error}"), None);
        }
    }

    fn object(&mut self, path: &Path, message: String, hint: Option<String>) {
        let problem = Problem { path: document_path(path).0, line: None, message, hint };
        // Several targets may lead to the same place.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn finish(self) -> Discovery {
        let mut files: Vec<_> = self.found.into_values().collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Discovery { files, problems: self.problems }
    }
}

/// The name nearest to that of a file that is not there, among those in its folder.
fn neighbour(missing: &Path) -> Option<OsString> {
    /// Letters that may be wrong, missing, too many or swapped.
    const SLIPS: usize = 2;
    /// Names that are compared: in a folder with more of them a slip is not looked for any further.
    const MOST: usize = 10_000;

    let wanted = missing.file_name()?.to_str()?;
    let names = fs::read_dir(missing.parent()?).ok()?.flatten().take(MOST).map(|entry| entry.file_name());

    let near = names.filter_map(|name| {
        let slips = strsim::osa_distance(wanted, name.to_str()?);
        (slips <= SLIPS && 2 * slips < wanted.chars().count()).then_some((slips, name))
    });
    near.min().map(|(_, name)| name)
}

/// The file with all links followed, as far as they lead to one.
fn real(file: &Path) -> PathBuf {
    let folder = file.parent().and_then(|folder| fs::canonicalize(folder).ok());
    fs::canonicalize(file).unwrap_or_else(|_| match (folder, file.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => file.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::discover;
    use crate::document::files::places::{Exclusion, NamedBy, Places};

    fn project(files: &[&str]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "text\n").unwrap();
        }
        folder
    }

    #[track_caller]
    fn check(folder: &TempDir, targets: &[&str], exclude: &[&str], expected: &[&str]) {
        check_with(Exclusion::Found, folder, (targets, exclude), expected);
    }

    #[track_caller]
    fn check_with(
        exclusion: Exclusion,
        folder: &TempDir,
        (targets, exclude): (&[&str], &[&str]),
        expected: &[&str],
    ) {
        let root = folder.path();
        let targets: Vec<_> = targets.iter().map(PathBuf::from).collect();
        let exclude: Vec<_> = exclude.iter().map(|&glob| glob.to_owned()).collect();
        let places = Places { root, base: root, exclude: &exclude, exclusion, named_by: NamedBy::Caller };
        let discovery = discover(&targets, places);
        let mut found: Vec<_> = discovery.files.iter().map(|file| file.path.0.clone()).collect();
        found.extend(
            discovery.problems.iter().map(|problem| format!("{}: {}", problem.path, problem.message)),
        );
        assert_eq!(found, expected);
    }

    #[test]
    fn folders_contribute_prose() {
        let folder =
            project(&["b.md", "A.MARKDOWN", "c.txt", "sub/d.Md", ".hidden/e.md", "drafts/f.md", "out/g.md"]);
        fs::write(folder.path().join(".gitignore"), "/out/\n").unwrap();
        fs::write(folder.path().join("sub/h.rst"), "text\n").unwrap();
        fs::write(folder.path().join("sub/i.py"), "text\n").unwrap();
        check(&folder, &["."], &[], &["A.MARKDOWN", "b.md", "drafts/f.md", "sub/d.Md", "sub/h.rst"]);
        check(&folder, &["sub/*.py", "sub/**/*.rst"], &[], &["sub/h.rst", "sub/i.py"]);
        fs::remove_file(folder.path().join("sub/h.rst")).unwrap();
        check(&folder, &["sub", "./sub/../b.md", "b.md"], &[], &["b.md", "sub/d.Md"]);
        check(&folder, &["."], &["drafts", "*.MARKDOWN"], &["b.md", "sub/d.Md"]);
        check(
            &folder,
            &["drafts/f.md", "c.txt", "out/g.md"],
            &["drafts/**"],
            &["c.txt", "drafts/f.md", "out/g.md"],
        );
        check(&folder, &[".hidden"], &[], &[".hidden/e.md"]);
    }

    #[test]
    fn named_files_are_excluded_on_request() {
        let folder = project(&["a.md", "drafts/b.md", "drafts/old/c.md"]);
        let named = ["a.md", "drafts/b.md", "./drafts/../drafts/old", "drafts"];
        for (exclude, expected) in [
            (&["drafts"][..], &["a.md"][..]),
            (&["drafts/old"], &["a.md", "drafts/b.md"]),
            (&["*.md"], &["drafts/b.md", "drafts/old/c.md"]),
            (&[], &["a.md", "drafts/b.md", "drafts/old/c.md"]),
        ] {
            check_with(Exclusion::Named, &folder, (&named, exclude), expected);
        }
        // What is not there is still missed.
        check_with(Exclusion::Named, &folder, (&["x.md"], &["x.md"]), &["x.md: no such file or folder"]);
    }

    #[test]
    fn globs() {
        let folder = project(&["a.md", "b.txt", "sub/c.md", "sub/deep/d.md", "sub/x.md/e.txt"]);
        check(&folder, &["*"], &[], &["a.md"]);
        check(&folder, &["*.{md,txt}"], &[], &["a.md", "b.txt"]);
        check(&folder, &["sub/**/*.md"], &["**/deep"], &["sub/c.md"]);
        check(&folder, &["*.rst"], &[], &["*.rst: no document matches this glob"]);
        check(&folder, &["[.md"], &[], &["[.md: unreadable glob: unclosed character class; missing ']'"]);
    }

    #[test]
    fn names_with_globs_in_them_are_names() {
        let folder = project(&["[a]*.md", "a.md"]);
        check(&folder, &["[a]*.md"], &[], &["[a]*.md"]);
    }

    #[test]
    fn links_and_loops() {
        let folder = project(&["docs/a.md"]);
        symlink("..", folder.path().join("docs/up")).unwrap();
        symlink("a.md", folder.path().join("docs/0.md")).unwrap();
        symlink("nowhere", folder.path().join("docs/z.md")).unwrap();
        check(&folder, &["docs", "docs/up/docs"], &[], &["docs/a.md", "docs/z.md"]);
        check(&folder, &["docs/0.md"], &[], &["docs/0.md"]);
        let outside = tempfile::tempdir().unwrap();
        symlink(folder.path(), outside.path().join("in")).unwrap();
        let through_link = outside.path().join("in/docs/a.md");
        check(&folder, &[through_link.to_str().unwrap()], &[], &["docs/a.md"]);
    }

    #[test]
    fn what_is_missing() {
        let folder = project(&[]);
        check(&folder, &["no.md"], &[], &["no.md: no such file or folder"]);
        let linked = project(&[]);
        symlink("gone", linked.path().join("end.md")).unwrap();
        check(&linked, &["end.md"], &[], &["end.md: a symbolic link to `gone`, which is not there"]);
        check(
            &folder,
            &["."],
            &["{a"],
            &[
                "{a: unreadable `exclude`: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
            ],
        );
    }

    #[test]
    fn names_that_are_no_text_stay_distinct() {
        let folder = project(&[]);
        for name in [b"a\xff.md", b"a\xfe.md"] {
            fs::write(folder.path().join(OsStr::from_bytes(name)), "text\n").unwrap();
        }
        check(&folder, &["."], &[], &["a\\xfe.md", "a\\xff.md"]);
    }
}
