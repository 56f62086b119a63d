//! New contents of a file on their way to its name: a process that is killed leaves as little of them as can be.
//!
//! Where the file system can, they have no name until they are complete, and then for a moment one that says whose it is.

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::process;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, renameat};
use nix::sys::stat::{Mode, fstatat};
use nix::unistd::{LinkatFlags, UnlinkatFlags, geteuid, linkat, unlinkat};

use crate::Dir;

const PREFIX: &str = ".snipcheck-";
const OPEN_FILES: &str = "/proc/self/fd";
/// Age at which what another machine or container has left is nobody's.
const ABANDONED: Duration = Duration::from_hours(24);

/// Gone when it is dropped, unless it has got its name.
pub(super) struct Temporary<'a> {
    folder: &'a Dir,
    file: File,
    name: Option<String>,
}

impl<'a> Temporary<'a> {
    pub(super) fn new(folder: &'a Dir, mode: Mode) -> io::Result<Self> {
        match nameless(folder, mode) {
            Ok(file) => return Ok(Self { folder, file: file.into(), name: None }),
            // Not every file system has files without a name, nor has every kernel.
            Err(Errno::EOPNOTSUPP | Errno::EISDIR | Errno::ENOENT | Errno::EINVAL | Errno::ENOSYS) => {}
            Err(error) => return Err(error.into()),
        }
        let name = OWNER.name();
        let file = folder.create(&name, mode)?;
        Ok(Self { folder, file, name: Some(name) })
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Whatever had the name is replaced.
    pub(super) fn take_name(mut self, name: &str) -> io::Result<()> {
        if self.name.is_none() {
            match self.link(name) {
                Err(Errno::EEXIST) => {}
                linked => return Ok(linked?),
            }
            let own = OWNER.name();
            self.link(&own)?;
            self.name = Some(own);
        }
        if let Some(own) = &self.name {
            renameat(&self.folder.descriptor, own.as_str(), &self.folder.descriptor, name)?;
        }
        self.name = None;
        Ok(())
    }

    fn link(&self, name: &str) -> Result<(), Errno> {
        let open = format!("{OPEN_FILES}/{}", self.file.as_raw_fd());
        linkat(AT_FDCWD, open.as_str(), &self.folder.descriptor, name, LinkatFlags::AT_SYMLINK_FOLLOW)
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // The error that is told is the one that led here.
            let _ = unlinkat(&self.folder.descriptor, name.as_str(), UnlinkatFlags::NoRemoveDir);
        }
    }
}

#[cfg(target_os = "linux")]
fn nameless(folder: &Dir, mode: Mode) -> Result<OwnedFd, Errno> {
    use nix::fcntl::{OFlag, openat};

    // A file without a name gets one by way of `/proc`.
    if !std::path::Path::new(OPEN_FILES).exists() {
        return Err(Errno::ENOSYS);
    }
    openat(&folder.descriptor, ".", OFlag::O_WRONLY | OFlag::O_TMPFILE | OFlag::O_CLOEXEC, mode)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_: &Dir, _: Mode) -> Result<OwnedFd, Errno> {
    Err(Errno::ENOSYS)
}

/// A process by what no other one shares with it.
#[derive(Debug, PartialEq, Eq)]
struct Owner {
    /// In which process numbers mean something.
    namespace: u64,
    process: u32,
    /// In ticks since the machine booted.
    start: u64,
}

static OWNER: LazyLock<Owner> = LazyLock::new(|| Owner {
    namespace: namespace().unwrap_or_default(),
    process: process::id(),
    start: start(process::id()).unwrap_or_default(),
});

impl Owner {
    fn name(&self) -> String {
        let Self { namespace, process, start } = self;
        format!("{PREFIX}{namespace}-{process}-{start}-{:016x}", RandomState::new().build_hasher().finish())
    }

    fn of(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        let (namespace, process, start) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours = parts.next().is_some_and(is_random) && parts.next().is_none();
        let owner = Self {
            namespace: namespace.parse().ok()?,
            process: process.parse().ok()?,
            start: start.parse().ok()?,
        };
        is_ours.then_some(owner)
    }

    fn lives(&self) -> bool {
        start(self.process) == Some(self.start)
    }
}

fn is_random(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether this user's file was on its way to a name when its process ended.
pub(super) fn is_abandoned(folder: &Dir, name: &str) -> bool {
    let Some(owner) = Owner::of(name) else { return false };
    let Ok(status) = fstatat(&folder.descriptor, name, AtFlags::AT_SYMLINK_NOFOLLOW) else { return false };
    if status.st_uid != geteuid().as_raw() {
        return false;
    }
    if owner.namespace != 0 && owner.namespace == OWNER.namespace {
        return !owner.lives();
    }
    let changed =
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(status.st_mtime).unwrap_or_default());
    changed.elapsed().is_ok_and(|age| age > ABANDONED)
}

/// The number of this process's namespace of processes.
fn namespace() -> Option<u64> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    link.to_str()?.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok()
}

/// The 22nd field of `proc_pid_stat(5)`. The second one is a name in brackets, of any characters.
fn start(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    status.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write;
    use std::os::unix::fs::symlink;
    use std::time::{Duration, SystemTime};

    use super::{OWNER, Owner, Temporary};
    use crate::{Dir, EVERYBODY};

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn there_is_nothing_before_it_is_complete() {
        let home = tempfile::tempdir().unwrap();
        let folder = Dir::open(home.path()).unwrap();
        for text in ["new", "newer"] {
            let before = names(&home);
            let mut file = Temporary::new(&folder, EVERYBODY).unwrap();
            file.file().write_all(text.as_bytes()).unwrap();
            assert_eq!(names(&home), before);
            file.take_name("file").unwrap();
            assert_eq!(names(&home), ["file"]);
            assert_eq!(fs::read_to_string(home.path().join("file")).unwrap(), text);
        }
        drop(Temporary::new(&folder, EVERYBODY).unwrap());
        assert_eq!(names(&home), ["file"]);
    }

    #[test]
    fn only_what_nobody_owns_is_removed() {
        let home = tempfile::tempdir().unwrap();
        let folder = Dir::open(home.path()).unwrap();
        let name = |namespace, process, start| Owner { namespace, process, start }.name();
        let (ours, process, start) = (OWNER.namespace, OWNER.process, OWNER.start);
        let (own, reused, elsewhere) =
            (name(ours, process, start), name(ours, process, start - 1), name(ours + 1, process, start));
        let (gone, old) = (name(ours, u32::MAX, start), name(ours + 1, 1, 1));
        let other = ".snipcheck-notes-1-2-0123456789abcdef".to_owned();
        for name in [&own, &reused, &elsewhere, &gone, &old, &other] {
            fs::write(home.path().join(name), "").unwrap();
        }
        let long_ago = SystemTime::now() - Duration::from_hours(25);
        File::options().write(true).open(home.path().join(&old)).unwrap().set_modified(long_ago).unwrap();
        let link = name(ours, u32::MAX, start);
        symlink("kept", home.path().join(&link)).unwrap();

        folder.remove_abandoned().unwrap();
        let mut expected = vec![own, elsewhere, other, link];
        expected.sort();
        assert_eq!(names(&home), expected);
    }
}
