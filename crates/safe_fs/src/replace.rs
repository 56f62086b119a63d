//! Puts new contents in the place of a file that others care about: whole, on the disk, with its owner and permissions.

use std::fs::File;
use std::io::{self, Write};

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{FileStat, Mode, fchmod, fstat};
use nix::unistd::{Gid, Uid, fchown};

use crate::temporary::Temporary;
use crate::{Dir, Kind, SafeFsError};

const EDIT: OFlag = OFlag::O_RDWR.union(OFlag::O_NONBLOCK).union(OFlag::O_NOCTTY);
const PRIVATE: Mode = Mode::S_IRUSR.union(Mode::S_IWUSR);
const WRITABLE: Mode = Mode::S_IWUSR.union(Mode::S_IWGRP).union(Mode::S_IWOTH);

impl Dir {
    /// Complete or not at all, also if the machine stops meanwhile. One that nobody may write stays, whoever asks.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), SafeFsError> {
        match self.kind(name)? {
            Some(Kind::File) => {}
            None => return Err(Errno::ENOENT.into()),
            Some(found @ (Kind::Folder | Kind::Link | Kind::Special)) => {
                return Err(SafeFsError::InTheWay { path: name.to_owned(), expected: Kind::File, found });
            }
        }
        let old = File::from(self.descend(name, EDIT)?);
        let status = fstat(&old)?;
        if !permissions(&status).intersects(WRITABLE) {
            return Err(Errno::EACCES.into());
        }
        let mut new = Temporary::new(self, PRIVATE)?;
        fill(new.file(), bytes, &status)?;
        Ok(new.take_name(name)?)
    }
}

fn fill(new: &mut File, bytes: &[u8], old: &FileStat) -> io::Result<()> {
    new.write_all(bytes)?;
    // Whoever may not give files away owns what is written, as with any editor.
    let _ = fchown(&*new, Some(Uid::from_raw(old.st_uid)), Some(Gid::from_raw(old.st_gid)));
    fchmod(&*new, permissions(old))?;
    new.sync_all()
}

fn permissions(status: &FileStat) -> Mode {
    Mode::from_bits_truncate(status.st_mode)
}
