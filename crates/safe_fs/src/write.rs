//! New contents under a name, and the removal of what writers that were killed have left.

use std::io::Write;

use nix::unistd::{UnlinkatFlags, unlinkat};

use crate::temporary::{Temporary, is_abandoned};
use crate::{Dir, EVERYBODY, Entry, Kind, SafeFsError};

impl Dir {
    /// Complete or not at all, also for those who read at the same time. Replaces only a file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), SafeFsError> {
        match self.kind(name)? {
            None | Some(Kind::File) => {}
            Some(found @ (Kind::Folder | Kind::Link | Kind::Special)) => {
                return Err(SafeFsError::InTheWay { path: name.to_owned(), expected: Kind::File, found });
            }
        }
        let mut new = Temporary::new(self, EVERYBODY)?;
        new.file().write_all(bytes)?;
        Ok(new.take_name(name)?)
    }

    /// Removes what processes that were killed have left on its way to a name. What cannot be removed stays.
    pub fn remove_abandoned(&self) -> Result<(), SafeFsError> {
        for Entry { name, kind } in self.entries()? {
            if kind == Kind::File && is_abandoned(self, &name) {
                // The next run tries again.
                let _ = unlinkat(&self.descriptor, name.as_str(), UnlinkatFlags::NoRemoveDir);
            }
        }
        Ok(())
    }
}
