//! Puts a fixture into the working directory. Snippets may have left anything under its name.

use std::io;
use std::path::Path;

use nix::sys::stat::{Mode, fstat};

use snipcheck_safe_fs::{Dir, SafeFsError};
use snipcheck_wire::FixtureFile;

/// Copies the fixture. What has its name is removed first, unless it is a folder; of a link the target stays.
pub(super) fn copy(fixture: &FixtureFile) -> Result<(), SafeFsError> {
    let (folder, name) = (fixture.from.parent(), fixture.from.file_name().and_then(|name| name.to_str()));
    let (Some(folder), Some(name)) = (folder, name) else {
        return Err(io::Error::from(io::ErrorKind::InvalidFilename).into());
    };

    let mut source = Dir::open(folder)?.file(name)?;
    let here = Dir::open(Path::new("."))?;
    here.remove(&fixture.name)?;

    // What can be executed there can be executed here.
    let mode = Mode::from_bits_truncate(fstat(&source)?.st_mode);
    let mut target = here.create(&fixture.name, mode)?;
    match io::copy(&mut source, &mut target) {
        Ok(_) => Ok(()),
        Err(error) => {
            // Half a fixture is worse than none. An error of the removal is dropped for the one that led to it.
            let _ = here.remove(&fixture.name);
            Err(error.into())
        }
    }
}
