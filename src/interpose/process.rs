//! Programs that take the place of a process: only the interpreter's own takes part in the clock.

use std::ffi::{c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::SeqCst;

use libc::{pid_t, stat};

use crate::clock::page::Page;
use crate::clock::{page, real};
use crate::interpose::exported::Exported;
use crate::unmounted;

pub(super) static FUNCTIONS: [Exported; 9] = [
    Exported(execve as *const ()),
    Exported(execv as *const ()),
    Exported(execvp as *const ()),
    Exported(execvpe as *const ()),
    Exported(fexecve as *const ()),
    Exported(posix_spawn as *const ()),
    Exported(posix_spawnp as *const ()),
    Exported(system as *const ()),
    Exported(popen as *const ()),
];

type Text = *const c_char;
type List = *const *const c_char;

/// Whether this is the file that children run as their interpreter, which joins the clock by itself.
fn is_interpreter(page: &Page, look: impl Fn(*mut stat) -> c_int) -> bool {
    let mut found = MaybeUninit::<stat>::uninit();
    // SAFETY: the kernel fills it in where it answers 0.
    let known = (look(found.as_mut_ptr()) == 0).then(|| unsafe { found.assume_init() });
    let [device, inode] = [0, 1].map(|index| page.interpreter[index].load(SeqCst));
    known.is_some_and(|file| (file.st_dev, file.st_ino) == (device, inode))
}

/// Replaces this process, which may be a copy that shares its parent's memory (vfork(2)).
fn replace(look: impl Fn(*mut stat) -> c_int, exec: impl Fn() -> c_int) -> c_int {
    let Some(page) = page() else { return exec() };
    let process = std::process::id();
    let took_part = page.takes_part(process);
    let takes_part = is_interpreter(page, look);
    if takes_part {
        page.join(process);
    } else {
        page.leave(process);
        page.expect_foreigner();
    }
    let answer = exec();
    if took_part {
        page.join(process);
    } else {
        page.leave(process);
    }
    answer
}

#[unsafe(no_mangle)]
unsafe extern "C" fn execve(path: Text, arguments: List, environment: List) -> c_int {
    if let Some(program) = unmounted::in_place_of(path) {
        // SAFETY: as the caller has it. Where this returns, the file itself is tried.
        unsafe { real::execve(program, arguments, environment) };
    }
    // SAFETY: as the caller has it.
    replace(
        |file| unsafe { libc::stat(path, file) },
        || unsafe { real::execve(path, arguments, environment) },
    )
}

#[unsafe(no_mangle)]
unsafe extern "C" fn execv(path: Text, arguments: List) -> c_int {
    if let Some(program) = unmounted::in_place_of(path) {
        // SAFETY: as above.
        unsafe { real::execv(program, arguments) };
    }
    // SAFETY: as the caller has it.
    replace(|file| unsafe { libc::stat(path, file) }, || unsafe { real::execv(path, arguments) })
}

/// Where `PATH` is searched nobody knows what is found: it joins the clock when it starts, if it does.
#[unsafe(no_mangle)]
unsafe extern "C" fn execvp(file: Text, arguments: List) -> c_int {
    // SAFETY: as the caller has it.
    replace(|place| unsafe { libc::stat(file, place) }, || unsafe { real::execvp(file, arguments) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn execvpe(file: Text, arguments: List, environment: List) -> c_int {
    // SAFETY: as the caller has it.
    replace(
        |place| unsafe { libc::stat(file, place) },
        || unsafe { real::execvpe(file, arguments, environment) },
    )
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fexecve(file: c_int, arguments: List, environment: List) -> c_int {
    // SAFETY: as the caller has it.
    replace(
        |place| unsafe { libc::fstat(file, place) },
        || unsafe { real::fexecve(file, arguments, environment) },
    )
}

/// A child that libc itself starts: the interpreter joins the clock when it has started.
fn start<T>(begin: impl Fn() -> T) -> T {
    if let Some(page) = page() {
        page.expect_foreigner();
    }
    begin()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_spawn(
    child: *mut pid_t,
    path: Text,
    actions: *const c_void,
    attributes: *const c_void,
    arguments: List,
    environment: List,
) -> c_int {
    if let Some(program) = unmounted::in_place_of(path) {
        // SAFETY: as the caller has it.
        let answer =
            unsafe { real::posix_spawn(child, program, actions, attributes, arguments, environment) };
        if answer == 0 {
            return answer;
        }
    }
    // SAFETY: as the caller has it.
    start(|| unsafe { real::posix_spawn(child, path, actions, attributes, arguments, environment) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_spawnp(
    child: *mut pid_t,
    file: Text,
    actions: *const c_void,
    attributes: *const c_void,
    arguments: List,
    environment: List,
) -> c_int {
    // SAFETY: as the caller has it.
    start(|| unsafe { real::posix_spawnp(child, file, actions, attributes, arguments, environment) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn system(command: Text) -> c_int {
    // SAFETY: as the caller has it.
    start(|| unsafe { real::system(command) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn popen(command: Text, kind: Text) -> *mut libc::FILE {
    // SAFETY: as the caller has it.
    start(|| unsafe { real::popen(command, kind) })
}
