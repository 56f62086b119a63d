//! What stands in for mounts in a session that has none: shared memory below the session's own folder, and this program
//! where children start the interpreter, so that they find the same shared memory.
//!
//! The executable exports functions that win over those of libc for CPython and for its extension modules. Programs
//! that call libc's own, and interpreters that a shell starts, have no shared memory by name there.

mod places;

use std::ffi::{CStr, CString, OsStr, c_char};
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

pub(crate) use self::places::places;
use crate::unmounted::places::Places;

/// Folder of a session for its shared memory.
const SHARED: &str = "shm";
/// Link to this program. Children run it in place of the interpreter, and find the session's folder by its path.
const PROGRAM: &str = ".python";
/// Link to the interpreter.
const INTERPRETER: &str = ".interpreter";

/// Makes the folder for shared memory and the links to programs in a session's folder.
pub(crate) fn make(folder: &Path, interpreter: &Path) -> io::Result<()> {
    std::fs::create_dir(folder.join(SHARED))?;
    // The path of this program may lead through folders that the user of a session may not enter.
    symlink("/proc/self/exe", folder.join(PROGRAM))?;
    symlink(interpreter, folder.join(INTERPRETER))
}

/// Makes a session's folder the one of this process and of its forks.
pub(crate) fn enter(folder: &Path) {
    let Ok(program) = CString::new(folder.join(PROGRAM).as_os_str().as_bytes()) else { return };
    let interpreter = std::fs::metadata(folder.join(INTERPRETER)).ok();

    let places = Places {
        shared: folder.join(SHARED),
        program,
        interpreter: interpreter.map(|file| (file.dev(), file.ino())),
    };
    places::set(places);
}

/// Enters the session's folder in which this program was started, if it was started in place of the interpreter.
pub(crate) fn join() -> bool {
    // SAFETY: the kernel has written the executed path to this process's stack, where it stays (getauxval(3)).
    let path = unsafe {
        (libc::getauxval(libc::AT_EXECFN) as *const c_char).as_ref().map(|path| CStr::from_ptr(path))
    };
    let path = path.map(|path| Path::new(OsStr::from_bytes(path.to_bytes())));

    match path.and_then(|path| Some((path.file_name()?, path.parent()?))) {
        Some((name, folder)) if name == PROGRAM && folder.is_absolute() => {
            enter(folder);
            true
        }
        _ => false,
    }
}

/// What to execute instead of the file at this path: this program, if that file is the interpreter. It takes no lock
/// and no memory, because a child may share its parent's.
pub(crate) fn in_place_of(path: *const c_char) -> Option<*const c_char> {
    let places = places()?;

    let mut found = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the path is one that the caller would execute, and `stat` fills in the facts where it answers 0.
    let found = unsafe { (libc::stat(path, found.as_mut_ptr()) == 0).then(|| found.assume_init()) }?;
    (places.interpreter == Some((found.st_dev, found.st_ino))).then_some(places.program.as_ptr())
}
