//! Words of the command line, relative to the current folder, as paths relative to the root.

use std::path::{Component, Path, PathBuf};

use crate::config::error::ConfigError;
use crate::model::snippet::{DocumentPath, Line, SnippetId};

/// What is read where neither the caller nor the settings name a document.
const DEFAULTS: &[&str] = &["README.md", "README.rst", "docs"];

/// A snippet that the caller pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChosenPlace {
    pub(crate) path: DocumentPath,
    pub(crate) point: Point,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Point {
    /// `README.md:40`, where both lines are the same, and `README.md:10-40`.
    Lines { first: Line, last: Line },
    /// `README.md::install::1`, as `list` and the reports show it.
    Id(SnippetId),
}

/// What the words of the command line name.
pub(crate) struct ChosenPaths {
    /// Documents, folders and globs, relative to the root.
    pub(crate) paths: Vec<String>,
    /// Snippets; their documents are among the paths.
    pub(crate) places: Vec<ChosenPlace>,
}

/// Those of the usual paths that exist.
pub(crate) fn defaults(root: &Path) -> Vec<String> {
    DEFAULTS.iter().filter(|path| root.join(path).exists()).map(|path| (*path).to_owned()).collect()
}

/// Splits `path:LINE`, `path:FIRST-LAST` and `path::ID` where there is such a path. What does not exist may be a glob.
pub(crate) fn resolve(words: &[String], folder: &Path, root: &Path) -> Result<ChosenPaths, ConfigError> {
    let mut paths = Vec::new();
    let mut places = Vec::new();
    for word in words {
        let there = |path: &str| folder.join(path).exists();
        let by_line = split(word).filter(|(document, _)| there(document) && !there(word));
        let by_id =
            word.split_once("::").filter(|(document, _)| folder.join(document).is_file() && !there(word));

        let (document, point) = match (by_id, by_line) {
            (Some((document, name)), _) => {
                let id = SnippetId(format!("{}::{name}", relative(document, folder, root)));
                (document, Point::Id(id))
            }
            (None, Some((document, (first, _)))) if folder.join(document).is_dir() => {
                return Err(ConfigError::LineOfFolder { folder: document.to_owned(), line: first });
            }
            (None, Some((document, (first, last)))) => (document, Point::Lines { first, last }),
            (None, None) => {
                paths.push(relative(word, folder, root));
                continue;
            }
        };

        let path = relative(document, folder, root);
        paths.push(path.clone());
        places.push(ChosenPlace { path: DocumentPath(path), point });
    }

    Ok(ChosenPaths { paths, places })
}

/// A path that is absolute and free of `.` and `..`. No link is followed.
pub(crate) fn absolute(path: &Path, folder: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    for component in folder.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                absolute.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => absolute.push(component),
        }
    }
    absolute
}

/// The parts of `path:LINE` and `path:FIRST-LAST`, the lines in their order.
fn split(word: &str) -> Option<(&str, (Line, Line))> {
    let (path, lines) = word.rsplit_once(':')?;
    let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
    let line = |number: &str| number.parse().ok().filter(|line| *line > 0).map(Line);

    let (first, last) = (line(first)?, line(last)?);
    (!path.is_empty()).then_some((path, (first.min(last), first.max(last))))
}

/// Relative to the root with `/`, `.` for the root itself, absolute for a path outside.
fn relative(word: &str, folder: &Path, root: &Path) -> String {
    let exists = folder.join(word).exists();
    let path = absolute(Path::new(word), folder);
    let Ok(inside) = path.strip_prefix(root) else { return path.to_string_lossy().into_owned() };
    let Ok(above) = folder.strip_prefix(root) else { return inside.to_string_lossy().into_owned() };
    if inside.as_os_str().is_empty() {
        return ".".to_owned();
    }

    // Letters in the name of the current folder are no wildcards, even where they look like some.
    match inside.strip_prefix(above) {
        Ok(rest) if !exists && !above.as_os_str().is_empty() => {
            format!("{}/{}", globset::escape(&above.to_string_lossy()), rest.to_string_lossy())
        }
        Ok(_) | Err(_) => inside.to_string_lossy().into_owned(),
    }
}
