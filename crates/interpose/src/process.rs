//! Programs that take the place of a process: those that load this library take part in the clock.

use std::ffi::{c_char, c_int, c_void};

use libc::pid_t;
use snipcheck_clock::page;

use crate::declare::interpose;
use crate::executable::{file_takes_part, found_takes_part, takes_part};
use crate::unmounted::with_preload;

type Text = *const c_char;
type List = *const *const c_char;

/// The shell of system(3) and popen(3).
const SHELL: Text = c"/bin/sh".as_ptr();

/// That of this process (environ(7)).
fn environment() -> List {
    unsafe extern "C" {
        static environ: List;
    }
    // SAFETY: libc's own, which nobody changes in the middle of a call.
    unsafe { environ }
}

/// Replaces this process, which may be a copy that shares its parent's memory (vfork(2)).
fn replace(takes_part: impl Fn() -> Option<bool>, exec: impl Fn() -> c_int) -> c_int {
    let Some((page, takes_part)) = page().zip(takes_part()) else { return exec() };
    let process = std::process::id();
    let took_part = page.takes_part(process);
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
        with_preload(environment, |environment| {
            replace(|| takes_part(path), || execve::original(path, arguments, environment))
        })
    }
);

interpose!(
    fn execv(path: Text, arguments: List) -> c_int {
        execve(path, arguments, environment())
    }
);

interpose!(
    fn execvp(file: Text, arguments: List) -> c_int {
        execvpe(file, arguments, environment())
    }
);

interpose!(
    fn execvpe(file: Text, arguments: List, environment: List) -> c_int {
        with_preload(environment, |environment| {
            replace(|| found_takes_part(file), || execvpe::original(file, arguments, environment))
        })
    }
);

interpose!(
    fn fexecve(file: c_int, arguments: List, environment: List) -> c_int {
        with_preload(environment, |environment| {
            replace(|| Some(file_takes_part(file)), || fexecve::original(file, arguments, environment))
        })
    }
);

/// A child that libc itself starts, and that joins the clock when it has started, if it does.
fn start<T>(takes_part: impl Fn() -> Option<bool>, begin: impl Fn() -> T) -> T {
    if let Some(page) = page()
        && takes_part() == Some(false)
    {
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
        with_preload(environment, |environment| {
            start(
                || takes_part(path),
                || posix_spawn::original(child, path, actions, attributes, arguments, environment),
            )
        })
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
        with_preload(environment, |environment| {
            start(
                || found_takes_part(file),
                || posix_spawnp::original(child, file, actions, attributes, arguments, environment),
            )
        })
    }
);

interpose!(
    fn system(command: Text) -> c_int {
        start(|| takes_part(SHELL), || system::original(command))
    }
);

interpose!(
    fn popen(command: Text, kind: Text) -> *mut libc::FILE {
        start(|| takes_part(SHELL), || popen::original(command, kind))
    }
);
