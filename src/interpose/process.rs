//! Programs that take the place of a process: only the interpreter's own takes part in the clock.

use std::ffi::{c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::SeqCst;

use libc::{pid_t, stat};

use crate::clock::page;
use crate::clock::page::Page;
use crate::interpose::declare::interpose;
use crate::unmounted;

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

interpose!(
    fn execve(path: Text, arguments: List, environment: List) -> c_int {
        if let Some(program) = unmounted::in_place_of(path) {
            // Where this returns, the file itself is tried.
            execve::original(program, arguments, environment);
        }
        // SAFETY: the path is the caller's, and the place is for this answer.
        replace(|file| unsafe { libc::stat(path, file) }, || execve::original(path, arguments, environment))
    }
);

interpose!(
    fn execv(path: Text, arguments: List) -> c_int {
        if let Some(program) = unmounted::in_place_of(path) {
            execv::original(program, arguments);
        }
        // SAFETY: the path is the caller's, and the place is for this answer.
        replace(|file| unsafe { libc::stat(path, file) }, || execv::original(path, arguments))
    }
);

interpose!(
    /// Where `PATH` is searched nobody knows what is found: it joins the clock when it starts, if it does.
    fn execvp(file: Text, arguments: List) -> c_int {
        // SAFETY: the path is the caller's, and the place is for this answer.
        replace(|place| unsafe { libc::stat(file, place) }, || execvp::original(file, arguments))
    }
);

interpose!(
    fn execvpe(file: Text, arguments: List, environment: List) -> c_int {
        // SAFETY: the path is the caller's, and the place is for this answer.
        replace(
            |place| unsafe { libc::stat(file, place) },
            || execvpe::original(file, arguments, environment),
        )
    }
);

interpose!(
    fn fexecve(file: c_int, arguments: List, environment: List) -> c_int {
        // SAFETY: the place is for this answer.
        replace(
            |place| unsafe { libc::fstat(file, place) },
            || fexecve::original(file, arguments, environment),
        )
    }
);

/// A child that libc itself starts: the interpreter joins the clock when it has started.
fn start<T>(begin: impl Fn() -> T) -> T {
    if let Some(page) = page() {
        page.expect_foreigner();
    }
    begin()
}

interpose!(
    fn posix_spawn(
        child: *mut pid_t,
        path: Text,
        actions: *const c_void,
        attributes: *const c_void,
        arguments: List,
        environment: List,
    ) -> c_int {
        if let Some(program) = unmounted::in_place_of(path) {
            let answer = posix_spawn::original(child, program, actions, attributes, arguments, environment);
            if answer == 0 {
                return answer;
            }
        }
        start(|| posix_spawn::original(child, path, actions, attributes, arguments, environment))
    }
);

interpose!(
    fn posix_spawnp(
        child: *mut pid_t,
        file: Text,
        actions: *const c_void,
        attributes: *const c_void,
        arguments: List,
        environment: List,
    ) -> c_int {
        start(|| posix_spawnp::original(child, file, actions, attributes, arguments, environment))
    }
);

interpose!(
    fn system(command: Text) -> c_int {
        start(|| system::original(command))
    }
);

interpose!(
    fn popen(command: Text, kind: Text) -> *mut libc::FILE {
        start(|| popen::original(command, kind))
    }
);
