//! Opens files of a project by descriptor: beneath its root, through no symbolic link, and nothing that could block.
//!
//! A checkout is written by others. A link in it may lead anywhere, and a pipe in the place of a file never ends.

mod replace;
mod temporary;
mod write;

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path};

use nix::dir::{self, Type};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};

const MIB: u64 = 1 << 20;
/// A pipe without a writer would keep a plain open waiting for ever.
const READ: OFlag = OFlag::O_NONBLOCK.union(OFlag::O_NOCTTY);
const ENTER: OFlag = OFlag::O_DIRECTORY;
/// What is made here may be read by whomever the umask allows.
const EVERYBODY: Mode = Mode::from_bits_truncate(0o666);

const PERMISSIONS: Mode = Mode::from_bits_truncate(0o777);

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// Paths in it are as they were asked for, up to the part that is in the way.
#[derive(Debug, thiserror::Error)]
pub enum SafeFsError {
    #[error("expected a {expected}, but `{path}` is a {found}")]
    InTheWay { path: String, expected: Kind, found: Kind },
    #[error("longer than {} MiB", limit / MIB)]
    TooLong { limit: u64 },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An open folder. Paths below it are relative, of plain names, with `/`.
#[derive(Debug)]
pub struct Dir {
    descriptor: OwnedFd,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub kind: Kind,
}

/// A file that is named from outside: links lead where they lead, but what is read is a file.
pub fn plain(path: &Path) -> Result<File, SafeFsError> {
    let in_the_way =
        |found| SafeFsError::InTheWay { path: path.display().to_string(), expected: Kind::File, found };
    let file = match OpenOptions::new().read(true).custom_flags(READ.bits()).open(path) {
        // A socket, or a terminal that this process has not got.
        Err(error) if error.raw_os_error() == Some(Errno::ENXIO as i32) => {
            return Err(in_the_way(Kind::Special));
        }
        file => file?,
    };
    match kind_of_open(&file)? {
        Kind::File => Ok(file),
        found @ (Kind::Folder | Kind::Link | Kind::Special) => Err(in_the_way(found)),
    }
}

/// All of a file, unless it is longer than `limit` bytes.
pub fn contents(file: &File, limit: u64) -> Result<Vec<u8>, SafeFsError> {
    let mut bytes = Vec::new();
    // The size is not believed: files of `/proc` have none, and a file may grow.
    if file.metadata()?.len() <= limit {
        file.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= limit {
            return Ok(bytes);
        }
    }
    Err(SafeFsError::TooLong { limit })
}

impl Dir {
    /// Links before it and after its name are the caller's own.
    pub fn open(path: &Path) -> Result<Self, SafeFsError> {
        let folder = OpenOptions::new().read(true).custom_flags(ENTER.bits()).open(path)?;
        Ok(Self { descriptor: folder.into() })
    }

    pub fn file(&self, path: &str) -> Result<File, SafeFsError> {
        let file =
            self.descend(path, READ).map(File::from).map_err(|error| self.reason(path, Kind::File, error))?;
        match kind_of_open(&file)? {
            Kind::File => Ok(file),
            found @ (Kind::Folder | Kind::Link | Kind::Special) => {
                Err(SafeFsError::InTheWay { path: path.to_owned(), expected: Kind::File, found })
            }
        }
    }

    pub fn folder(&self, path: &str) -> Result<Self, SafeFsError> {
        match self.descend(path, ENTER) {
            Ok(descriptor) => Ok(Self { descriptor }),
            Err(error) => Err(self.reason(path, Kind::Folder, error)),
        }
    }

    /// Makes what is missing of the way as well.
    pub fn make_folder(&self, path: &str) -> Result<Self, SafeFsError> {
        if let Ok(folder) = self.folder(path) {
            return Ok(folder);
        }
        let mut reached = None;
        for part in parts(path)? {
            let folder: &Self = reached.as_ref().unwrap_or(self);
            match mkdirat(&folder.descriptor, part, PERMISSIONS) {
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(error) => return Err(self.reason(path, Kind::Folder, error)),
            }
            match step(folder.descriptor.as_fd(), part, ENTER) {
                Ok(descriptor) => reached = Some(Self { descriptor }),
                Err(error) => return Err(self.reason(path, Kind::Folder, error)),
            }
        }
        reached.ok_or_else(|| Errno::EINVAL.into())
    }

    /// `None` where nothing has this name.
    pub fn kind(&self, path: &str) -> Result<Option<Kind>, SafeFsError> {
        match fstatat(&self.descriptor, path, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(status) => Ok(Some(kind_of(&status))),
            Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// In no particular order. Names that are not UTF-8 are left out.
    pub fn entries(&self) -> Result<Vec<Entry>, SafeFsError> {
        let mut folder = dir::Dir::openat(&self.descriptor, ".", ENTER | OFlag::O_CLOEXEC, Mode::empty())?;
        let mut entries = Vec::new();
        for entry in folder.iter() {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if matches!(name, "." | "..") {
                continue;
            }
            let kind = match entry.file_type() {
                Some(Type::File) => Some(Kind::File),
                Some(Type::Directory) => Some(Kind::Folder),
                Some(Type::Symlink) => Some(Kind::Link),
                Some(Type::Fifo | Type::CharacterDevice | Type::BlockDevice | Type::Socket) => {
                    Some(Kind::Special)
                }
                // Some file systems do not say it here.
                None => self.kind(name)?,
            };
            // It may be gone by now.
            entries.extend(kind.map(|kind| Entry { name: name.to_owned(), kind }));
        }
        Ok(entries)
    }

    /// For writing, with a mode that the umask narrows. Fails where the name is taken, by whatever it is.
    pub fn create(&self, name: &str, mode: Mode) -> io::Result<File> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        Ok(openat(&self.descriptor, name, flags, mode & PERMISSIONS)?.into())
    }

    /// The name itself, never what a link stands for. One that is gone already is fine.
    pub fn remove(&self, name: &str) -> Result<(), SafeFsError> {
        match unlinkat(&self.descriptor, name, UnlinkatFlags::NoRemoveDir) {
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(error) => Err(self.reason(name, Kind::File, error)),
        }
    }

    pub fn remove_empty_folder(&self, name: &str) -> Result<(), SafeFsError> {
        Ok(unlinkat(&self.descriptor, name, UnlinkatFlags::RemoveDir)?)
    }

    #[cfg(target_os = "linux")]
    fn descend(&self, path: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
        use nix::fcntl::{OpenHow, ResolveFlag, openat2};
        parts(path)?;
        let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
        let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC).resolve(resolve);
        match openat2(&self.descriptor, path, how) {
            // A kernel before 5.6, or a filter that does not know the call.
            Err(Errno::ENOSYS | Errno::EPERM) => self.descend_by_steps(path, flags),
            opened => opened,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn descend(&self, path: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
        self.descend_by_steps(path, flags)
    }

    fn descend_by_steps(&self, path: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
        let mut reached: Option<OwnedFd> = None;
        let mut parts = parts(path)?.into_iter().peekable();
        while let Some(part) = parts.next() {
            let folder = reached.as_ref().unwrap_or(&self.descriptor).as_fd();
            let flags = if parts.peek().is_some() { ENTER } else { flags };
            reached = Some(step(folder, part, flags)?);
        }
        reached.ok_or(Errno::EINVAL)
    }

    /// Why a path could not be opened: the first part of it that is not what it should be, if there is one.
    fn reason(&self, path: &str, expected: Kind, error: Errno) -> SafeFsError {
        let ends = path.match_indices('/').map(|(end, _)| (end, Kind::Folder));
        for (end, expected) in ends.chain([(path.len(), expected)]) {
            match self.kind(&path[..end]) {
                Ok(Some(found)) if found == expected => {}
                Ok(Some(found)) => {
                    return SafeFsError::InTheWay { path: path[..end].to_owned(), expected, found };
                }
                Ok(None) | Err(_) => break,
            }
        }
        error.into()
    }
}

impl From<Errno> for SafeFsError {
    fn from(error: Errno) -> Self {
        Self::Io(error.into())
    }
}

impl SafeFsError {
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Io(error) => error.kind() == io::ErrorKind::NotFound,
            Self::InTheWay { .. } | Self::TooLong { .. } => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Link => "symbolic link",
            Self::Special => "special file",
        })
    }
}

fn step(folder: BorrowedFd<'_>, part: &str, flags: OFlag) -> Result<OwnedFd, Errno> {
    openat(folder, part, flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::empty())
}

/// Its names, none of which may lead up.
fn parts(path: &str) -> Result<Vec<&str>, Errno> {
    let plain = |part: &str| {
        let mut components = Path::new(part).components();
        matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
    };
    let parts: Vec<&str> = path.split('/').collect();
    if parts.iter().all(|part| plain(part)) { Ok(parts) } else { Err(Errno::EXDEV) }
}

fn kind_of_open(file: &File) -> Result<Kind, Errno> {
    Ok(kind_of(&fstat(file)?))
}

fn kind_of(status: &FileStat) -> Kind {
    match SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT {
        SFlag::S_IFREG => Kind::File,
        SFlag::S_IFDIR => Kind::Folder,
        SFlag::S_IFLNK => Kind::Link,
        _ => Kind::Special,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::{Dir, Kind, READ, contents, plain};

    #[test]
    fn only_files_beneath_are_opened() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        for file in ["secret", "root/a/b/file"] {
            fs::write(home.path().join(file), "text").unwrap();
        }
        symlink("../../secret", root.join("a/out")).unwrap();
        symlink("b/file", root.join("a/in")).unwrap();
        symlink("a/b", root.join("link")).unwrap();
        nix::unistd::mkfifo(&root.join("a/pipe"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        let _listener = UnixListener::bind(root.join("a/socket")).unwrap();
        let folder = Dir::open(&root).unwrap();
        for (path, expected) in [
            ("a/b/file", "text"),
            ("a/b/none", "No such file or directory (os error 2)"),
            ("../secret", "Invalid cross-device link (os error 18)"),
            ("a/../../secret", "Invalid cross-device link (os error 18)"),
            ("/etc/passwd", "Invalid cross-device link (os error 18)"),
            ("a/b", "expected a file, but `a/b` is a folder"),
            ("a/b/file/c", "expected a folder, but `a/b/file` is a file"),
            ("a/out", "expected a file, but `a/out` is a symbolic link"),
            ("a/in", "expected a file, but `a/in` is a symbolic link"),
            ("link/file", "expected a folder, but `link` is a symbolic link"),
            ("a/pipe", "expected a file, but `a/pipe` is a special file"),
            ("a/socket", "expected a file, but `a/socket` is a special file"),
        ] {
            let read = folder.file(path).and_then(|file| contents(&file, 4));
            let read = read.map(|bytes| String::from_utf8(bytes).unwrap());
            let said = read.unwrap_or_else(|error| error.to_string());
            assert_eq!(said, expected);
            // Where the kernel cannot go the whole way alone, the steps end at the same place.
            let by_steps = folder.descend_by_steps(path, READ).map(drop);
            assert_eq!(by_steps.is_ok(), folder.descend(path, READ).is_ok(), "{path}");
        }
        assert_eq!(
            folder.make_folder("link/new").unwrap_err().to_string(),
            "expected a folder, but `link` is a symbolic link"
        );
        folder.make_folder("new/er").unwrap().write("file", b"text").unwrap();
        assert_eq!(folder.kind("new/er/file").unwrap(), Some(Kind::File));
    }

    #[test]
    fn files_named_from_outside_are_plain() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR).unwrap();
        symlink(&pipe, folder.path().join("link")).unwrap();
        for path in [pipe.as_path(), &folder.path().join("link"), "/dev/zero".as_ref(), folder.path()] {
            assert!(plain(path).unwrap_err().to_string().starts_with("expected a file, but"), "{path:?}");
        }
        let giant = folder.path().join("giant");
        fs::File::create(&giant).unwrap().set_len(20 << 30).unwrap();
        let error = plain(&giant).and_then(|file| contents(&file, 1 << 20)).unwrap_err();
        assert_eq!(error.to_string(), "longer than 1 MiB");
    }
}
