//! This program as the interpreter itself: in a sandbox it is mounted at the interpreter's path, or is executed in its
//! place.

use std::ffi::{CString, OsString, c_char, c_int};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::ExitCode;

use crate::clock;
use crate::interpose;
use crate::sandbox::{self, CHANCE, CLOCK};
use crate::unmounted;
use crate::worker::ffi;
use crate::worker::interpreter::restore_faults;

/// Runs Python as `python` would, on the clock of the session it was started in. `None` where this is not meant.
pub(crate) fn interpreter(arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    if !unmounted::join() {
        let program = sandbox::executable().and_then(std::fs::read_link).ok()?;
        let named = program.file_name()?.to_str()?.starts_with("python");
        if !named || !Path::new(CLOCK).parent().is_some_and(Path::is_dir) {
            return None;
        }
        // A session on the real clock has no clock to join.
        let _ = clock::join(Path::new(CLOCK));
    }
    interpose::join(Path::new(CHANCE));
    restore_faults();

    let arguments: Vec<CString> =
        arguments.map(|argument| CString::new(argument.into_vec()).unwrap_or_default()).collect();
    let count = c_int::try_from(arguments.len()).ok()?;
    let mut pointers: Vec<*mut c_char> =
        arguments.iter().map(|argument| argument.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());

    // SAFETY: argc and argv are those of a C main, and outlive the call.
    let code = unsafe { ffi::Py_BytesMain(count, pointers.as_mut_ptr()) };
    Some(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
