//! Starts CPython in this process: its library, if it has one, or the program itself.

use std::convert::Infallible;
use std::ffi::{CStr, CString, c_char, c_int};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use nix::libc;

/// `Py_BytesMain` of Python's C API.
type BytesMain = unsafe extern "C" fn(c_int, *mut *mut c_char) -> c_int;

/// Runs what `arguments` say, in place of this program. Returns only if that fails.
///
/// `python` is its `argv[0]`, by which CPython finds the standard library and the environment. `library` is the
/// libpython that it is linked to; without one it is hosted by its own executable.
pub(super) fn start(python: &Path, library: Option<&Path>, arguments: &[String]) -> io::Result<Infallible> {
    let text = |bytes: &[u8]| CString::new(bytes).map_err(io::Error::from);
    let mut words = vec![text(python.as_os_str().as_bytes())?];
    for argument in arguments {
        words.push(text(argument.as_bytes())?);
    }
    match library {
        Some(library) => embed(&text(library.as_os_str().as_bytes())?, &words),
        None => Err(nix::unistd::execv(&words[0], &words)
            .expect_err("a program that was started does not return")
            .into()),
    }
}

/// Loads libpython where everybody finds its symbols, as extension modules expect.
fn embed(library: &CStr, words: &[CString]) -> io::Result<Infallible> {
    let mut pointers: Vec<*mut c_char> = words.iter().map(|word| word.as_ptr().cast_mut()).collect();
    pointers.push(ptr::null_mut());
    let count = c_int::try_from(words.len()).expect("there are few arguments");

    // SAFETY: the file is the library of the interpreter that the user chose; its initialisers are libc's to run.
    let handle = unsafe { libc::dlopen(library.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    if handle.is_null() {
        return Err(loading_error());
    }
    // SAFETY: the handle is open, and the name ends with a zero byte.
    let main = unsafe { libc::dlsym(handle, c"Py_BytesMain".as_ptr()) };
    if main.is_null() {
        return Err(loading_error());
    }
    // SAFETY: the function has had this type since Python 3.8. argc and argv are those of a C main, and outlive the call.
    let code = unsafe {
        let main = std::mem::transmute::<*mut libc::c_void, BytesMain>(main);
        main(count, pointers.as_mut_ptr())
    };
    // The worker ends the process itself. Python has said on stderr why it has not come to that.
    // SAFETY: _exit(2) takes any code and does not return.
    unsafe { libc::_exit(code.max(1)) }
}

/// What dlerror(3) has to say.
fn loading_error() -> io::Error {
    // SAFETY: null, or a text that ends with a zero byte and is valid until the next call.
    let text =
        unsafe { libc::dlerror().as_ref().map(|text| CStr::from_ptr(text).to_string_lossy().into_owned()) };
    io::Error::other(text.unwrap_or_default())
}
