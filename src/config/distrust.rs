//! Why a file does not count: because of who owns it, or of who else may write to it.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

const WRITABLE_BY_EVERYBODY: u32 = 0o002;
/// Everybody may put files into such a folder, and only a file's owner may replace it: `/tmp` is one.
pub(super) const STICKY: u32 = 0o1000;

/// Why a file does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Distrust {
    Owner { path: PathBuf, user: u32 },
    Writable { path: PathBuf },
}

/// Why a project's environment does not get the Python that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaseRefusal {
    OfCheckout,
    /// It would not be found without the environment.
    Unknown,
    Distrusted(Distrust),
}

impl fmt::Display for BaseRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfCheckout => formatter.write_str("it lies in the project itself"),
            Self::Unknown => formatter.write_str("it is neither on `PATH` nor where Pythons are installed"),
            Self::Distrusted(distrust) => distrust.fmt(formatter),
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner { path, user } => {
                write!(formatter, "`{}` belongs to user {user}, neither to you nor to root", path.display())
            }
            Self::Writable { path } => write!(formatter, "`{}` can be written by everybody", path.display()),
        }
    }
}

impl Distrust {
    /// Of one file. What everybody may write to counts if its mode has one of the bits of `allowed`.
    pub(super) fn of(path: &Path, metadata: &Metadata, allowed: u32, sudo_user: Option<u32>) -> Option<Self> {
        let users = [Some(geteuid().as_raw()), Some(0), sudo_user];
        if !users.contains(&Some(metadata.uid())) {
            return Some(Self::Owner { path: path.to_owned(), user: metadata.uid() });
        }
        // The mode of a link says nothing: what it leads to has the mode that holds.
        let is_open = !metadata.is_symlink()
            && metadata.mode() & WRITABLE_BY_EVERYBODY != 0
            && metadata.mode() & allowed == 0;
        is_open.then(|| Self::Writable { path: path.to_owned() })
    }
}

/// Why a program, whose path has no links in it, is not to be started: because of itself or of a folder above it.
pub(super) fn distrust_of_program(executable: &Path, sudo_user: Option<u32>) -> Option<Distrust> {
    let mut allowed = 0;
    for path in executable.ancestors() {
        let Ok(metadata) = fs::metadata(path) else { continue };
        if let Some(distrust) = Distrust::of(path, &metadata, allowed, sudo_user) {
            return Some(distrust);
        }
        allowed = STICKY;
    }
    None
}
