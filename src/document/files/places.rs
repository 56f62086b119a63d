//! Where documents are looked up, and what their paths are called.

use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use crate::model::problem::Problem;
use crate::model::snippet::DocumentPath;

/// Where targets are looked up.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The project: paths of documents and `exclude` are relative to it. Absolute.
    pub root: &'a Path,
    /// What the targets are relative to. Absolute.
    pub base: &'a Path,
    /// Globs of documents that take no part.
    pub exclude: &'a [String],
    pub exclusion: Exclusion,
    pub named_by: NamedBy,
}

/// Which targets `exclude` holds for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exclusion {
    /// For what folders and globs contribute.
    #[default]
    Found,
    /// For files and folders that the caller names, too.
    Named,
}

/// Who chose the targets. A target whose path is outside of the root, links not followed, has been granted either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// A document is read wherever its name leads.
    Caller,
    /// A file of the project: a link of the project must not lead out of it.
    Project,
    /// Nobody, it is one of the usual places: as with [`NamedBy::Project`], and `exclude` holds for it.
    Nobody,
}

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFile {
    pub file: PathBuf,
    pub path: DocumentPath,
}

#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// Ascending by path, each file once.
    pub files: Vec<DocumentFile>,
    pub problems: Vec<Problem>,
}

/// Relative to the root; absolute where the file is outside.
pub(crate) fn relative(file: &Path, root: &Path) -> PathBuf {
    let file = normal(file);
    file.strip_prefix(normal(root)).map(Path::to_owned).unwrap_or(file)
}

/// Without `.` and `..`. Links are not followed: they keep the name under which the user knows them.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => normal.push(component),
        }
    }
    normal
}

/// Bytes that are not UTF-8 become `\xNN`, so that different names stay different.
pub(crate) fn document_path(path: &Path) -> DocumentPath {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    DocumentPath(text)
}
