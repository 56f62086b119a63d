//! A folder of the host for one session, removed whatever has been left in it. Knows no snippets.
//!
//! Folders are moved to the top before anybody looks into them, so that no depth matters: two descriptors and short
//! names do for all of them. Nothing is entered that is mounted, because that cannot be moved.

use std::ffi::CStr;
use std::fs::{self, DirBuilder, Permissions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, renameat};
use nix::sys::stat::{FchmodatFlags, Mode, fchmod, fchmodat};
use nix::unistd::{UnlinkatFlags, unlinkat};
use tokio::sync::oneshot;

/// Times that what living processes put back is removed again.
const ROUNDS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);
/// A million files take a few seconds.
const LONGEST: Duration = Duration::from_secs(30);

const ENTER: OFlag = OFlag::O_DIRECTORY.union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

/// Removed when it is dropped, at the latest.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    /// Whatever becomes of its name and its mode, this is the folder.
    folder: OwnedFd,
    is_gone: bool,
}

impl Scratch {
    /// In the folder for temporary files, with a name that nobody can know beforehand, and for this user alone.
    /// `prepare` gets its path before it is there.
    pub(super) fn make(prefix: &str, mut prepare: impl FnMut(&Path) -> io::Result<()>) -> io::Result<Self> {
        let made = named(prefix).make(|path| {
            prepare(path)?;
            DirBuilder::new().mode(0o700).create(path)
        })?;
        Self::adopt(&made.into_temp_path().keep().map_err(|error| error.error)?)
    }

    pub(super) fn make_in(parent: &Path) -> io::Result<Self> {
        Self::adopt(&named("s-").tempdir_in(parent)?.keep())
    }

    /// One that is there already.
    pub(super) fn adopt(path: &Path) -> io::Result<Self> {
        let folder = open(path, ENTER, Mode::empty())?;
        Ok(Self { path: path.to_path_buf(), folder, is_gone: false })
    }

    /// As [`Scratch::remove`], in another thread. Without one it is removed here when it is dropped.
    pub(super) async fn remove_elsewhere(self) -> Option<String> {
        let (said, note) = oneshot::channel();
        let remove = move || {
            // The run may have ended meanwhile.
            let _ = said.send(self.remove());
        };
        thread::Builder::new().spawn(remove).ok()?;
        note.await.ok()?
    }

    /// Whether the folder has not been removed yet.
    pub(super) fn is_there(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What there is to say if some of it could not be removed. Blocks.
    pub(super) fn remove(mut self) -> Option<String> {
        let removed = self.clear();
        self.is_gone = true;
        let error = removed.err()?;
        Some(format!("the scratch folder `{}` could not be removed: {error}", self.path.display()))
    }

    /// Removes it, however often living processes put something back. Blocks.
    pub(super) fn remove_patiently(mut self) -> io::Result<()> {
        let deadline = Instant::now() + LONGEST;
        let mut removed = self.clear();
        while removed.is_err() && Instant::now() < deadline {
            removed = self.clear();
        }
        self.is_gone = true;
        removed
    }

    fn clear(&self) -> io::Result<()> {
        let deadline = Instant::now() + LONGEST;
        let mut round = 0;
        loop {
            let stuck = Sweep::new(self.folder.as_fd(), deadline).run();
            match fs::remove_dir(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    if round == ROUNDS || Instant::now() > deadline {
                        return Err(stuck.map_or(error, io::Error::from));
                    }
                }
                Ok(()) | Err(_) => return Ok(()),
            }
            thread::sleep(PAUSE);
            round += 1;
        }
    }
}

fn named(prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    // Longer names would leave no room for the names of sockets below them (108 bytes, unix(7)).
    builder.prefix(prefix).rand_bytes(8).permissions(Permissions::from_mode(0o700));
    builder
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.is_gone {
            // Nobody is left to be told.
            let _ = self.clear();
        }
    }
}

/// One round over everything below the top.
struct Sweep<'a> {
    top: BorrowedFd<'a>,
    /// Of the names that folders get there.
    prefix: String,
    moved: u64,
    deadline: Instant,
    /// The first thing that could not be removed.
    stuck: Option<Errno>,
}

impl<'a> Sweep<'a> {
    fn new(top: BorrowedFd<'a>, deadline: Instant) -> Self {
        // The folder may have been closed to its owner.
        let stuck = fchmod(top, Mode::S_IRWXU).err();
        // Nobody can have taken the names beforehand.
        let prefix = format!(".{:016x}-", RandomState::new().build_hasher().finish());
        Self { top, prefix, moved: 0, deadline, stuck }
    }

    fn run(mut self) -> Option<Errno> {
        self.empty(self.top);
        let mut next = 0;
        while next < self.moved && Instant::now() < self.deadline {
            let name = self.name(next);
            let removed = self.enter(&name).and_then(|folder| {
                self.empty(folder.as_fd());
                unlinkat(self.top, name.as_str(), UnlinkatFlags::RemoveDir)
            });
            self.note(removed);
            next += 1;
        }
        self.stuck
    }

    fn enter(&self, name: &str) -> Result<OwnedFd, Errno> {
        let folder = match openat(self.top, name, ENTER, Mode::empty()) {
            Err(Errno::EACCES) => {
                fchmodat(self.top, name, Mode::S_IRWXU, FchmodatFlags::NoFollowSymlink)?;
                openat(self.top, name, ENTER, Mode::empty())?
            }
            folder => folder?,
        };
        fchmod(&folder, Mode::S_IRWXU)?;
        Ok(folder)
    }

    fn empty(&mut self, folder: BorrowedFd<'_>) {
        let emptied = Dir::openat(folder, ".", ENTER, Mode::empty())
            .and_then(|mut entries| self.take_all(folder, &mut entries));
        self.note(emptied);
    }

    /// Reading a folder that changes may miss some of it. That is left to the next round.
    fn take_all(&mut self, folder: BorrowedFd<'_>, entries: &mut Dir) -> Result<(), Errno> {
        for entry in entries.iter() {
            let entry = entry?;
            if Instant::now() > self.deadline {
                return Err(Errno::ETIMEDOUT);
            }
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") || name.to_bytes().starts_with(self.prefix.as_bytes())
            {
                continue;
            }
            let taken = self.take(folder, name);
            self.note(taken);
        }
        Ok(())
    }

    fn take(&mut self, folder: BorrowedFd<'_>, name: &CStr) -> Result<(), Errno> {
        match unlinkat(folder, name, UnlinkatFlags::NoRemoveDir) {
            // POSIX says EPERM for folders, Linux EISDIR.
            Err(Errno::EISDIR | Errno::EPERM) => self.lift(folder, name),
            Ok(()) | Err(Errno::ENOENT) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn lift(&mut self, folder: BorrowedFd<'_>, name: &CStr) -> Result<(), Errno> {
        let new = self.name(self.moved);
        let mut lifted = renameat(folder, name, self.top, new.as_str());
        if lifted == Err(Errno::EACCES) {
            // A folder that must not be written to cannot get another parent.
            fchmodat(folder, name, Mode::S_IRWXU, FchmodatFlags::NoFollowSymlink)?;
            lifted = renameat(folder, name, self.top, new.as_str());
        }
        self.moved += u64::from(lifted.is_ok());
        lifted
    }

    fn name(&self, number: u64) -> String {
        format!("{}{number}", self.prefix)
    }

    fn note(&mut self, result: Result<(), Errno>) {
        if self.stuck.is_none() {
            self.stuck = result.err();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs::{self, File, Permissions};
    use std::io;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use nix::fcntl::{AT_FDCWD, openat};
    use nix::sys::stat::{Mode, mkdirat};
    use nix::unistd::{Uid, mkfifo, setfsuid};

    use super::{ENTER, Scratch};

    /// Files are for this thread what they are for somebody who is not root.
    fn as_nobody() {
        setfsuid(Uid::from_raw(65534));
    }

    fn scratch() -> Scratch {
        Scratch::make("snipcheck-", |_| Ok(())).unwrap()
    }

    #[track_caller]
    fn vanishes(scratch: Scratch) {
        let path = scratch.path().to_owned();
        assert_eq!(scratch.remove(), None);
        assert_eq!(fs::symlink_metadata(path).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    fn close(folder: PathBuf) {
        fs::set_permissions(folder, Permissions::from_mode(0o000)).unwrap();
    }

    #[test]
    fn it_is_private() {
        let scratch = scratch();
        assert_eq!(fs::metadata(scratch.path()).unwrap().permissions().mode() & 0o777, 0o700);
        vanishes(scratch);
    }

    #[test]
    fn closed_folders() {
        as_nobody();
        let scratch = scratch();
        let deep = scratch.path().join("a/b/c");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("file"), "").unwrap();
        for folder in ["a/b/c", "a/b", "a", "."] {
            close(scratch.path().join(folder));
        }
        vanishes(scratch);
    }

    #[test]
    fn five_thousand_folders_in_one_another() {
        as_nobody();
        let scratch = scratch();
        let mut folder = openat(AT_FDCWD, scratch.path(), ENTER, Mode::empty()).unwrap();
        for _ in 0..5000 {
            mkdirat(&folder, "deeper", Mode::S_IRWXU).unwrap();
            folder = openat(&folder, "deeper", ENTER, Mode::empty()).unwrap();
        }
        vanishes(scratch);
    }

    #[test]
    fn odd_names_and_kinds() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), "kept").unwrap();
        let scratch = scratch();
        let place = |name: &[u8]| scratch.path().join(OsStr::from_bytes(name));
        for name in [&b"new\nline"[..], b"\xff\xfe", b" ", b"-rf", b"*", &[b'x'; 255], b"..."] {
            fs::write(place(name), "").unwrap();
        }
        for name in [&b"folder\n"[..], b"\xff", b".snipcheck-0-0", &[b'y'; 255]] {
            fs::create_dir_all(place(name).join("inner/\n")).unwrap();
        }
        mkfifo(&place(b"pipe"), Mode::S_IRWXU).unwrap();
        let _listener = UnixListener::bind(place(b"socket")).unwrap();
        File::create(place(b"giant")).unwrap().set_len(1 << 40).unwrap();
        symlink(outside.path(), place(b"link")).unwrap();
        symlink(outside.path().join("kept"), place(b"link to a file")).unwrap();
        symlink(outside.path(), place(b"folder\n").join("link")).unwrap();
        fs::hard_link(outside.path().join("kept"), place(b"hard link")).unwrap();
        vanishes(scratch);
        assert_eq!(fs::read_to_string(outside.path().join("kept")).unwrap(), "kept");
    }

    #[test]
    fn the_name_may_lead_elsewhere_by_now() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), "kept").unwrap();
        let scratch = scratch();
        fs::write(scratch.path().join("file"), "").unwrap();
        let moved = outside.path().join("moved");
        fs::rename(scratch.path(), &moved).unwrap();
        symlink(outside.path(), scratch.path()).unwrap();
        let path = scratch.path().to_owned();
        let note = format!(
            "the scratch folder `{}` could not be removed: Not a directory (os error 20)",
            path.display()
        );
        assert_eq!(scratch.remove(), Some(note));
        assert_eq!(fs::read_dir(&moved).unwrap().count(), 0);
        assert_eq!(fs::read_to_string(outside.path().join("kept")).unwrap(), "kept");
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_process_that_writes_on_does_not_hold_it() {
        let scratch = scratch();
        let path = scratch.path().to_owned();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let writer = thread::spawn(move || {
            let mut number = 0;
            while !stopped.load(Ordering::Relaxed) && path.exists() {
                number += 1;
                // Its folders go away while it writes.
                for folder in ["a".to_owned(), format!("a/{number}"), format!("a/{number}/b")] {
                    let _ = fs::create_dir(path.join(folder));
                }
                let _ = fs::write(path.join(format!("a/{number}/file")), "x");
                thread::park_timeout(Duration::from_micros(200));
            }
        });
        while fs::read_dir(scratch.path()).unwrap().count() == 0 {}
        // Whoever wins, it ends and says so.
        let path = scratch.path().to_owned();
        let note = scratch.remove();
        assert_eq!(note.is_some(), path.exists(), "{note:?}");
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        let _ = fs::remove_dir_all(path);
    }
}
