//! The functions of libc that the executable has in libc's place.

use crate::project::Project;

/// Prints which names of a list lead to another file than the executable.
const LOOK: &str = "\
import ctypes, os
program = os.readlink('/proc/self/exe')
maps = [line.split(maxsplit=5) for line in open('/proc/self/maps')]
areas = [columns[0].split('-') for columns in maps if columns[5:] == [program + '\\n']]
areas = [range(int(start, 16), int(end, 16)) for start, end in areas]
scope = ctypes.CDLL(None)
for name in names:
    address = ctypes.cast(getattr(scope, name), ctypes.c_void_p).value
    if not any(address in area for area in areas):
        print(name)
";

/// Libpython and extension modules find ours first; of what is not ours, libc's.
#[test]
fn the_executable_has_every_interposed_function() {
    let ours: Vec<&str> = env!("SNIPCHECK_INTERPOSED").split_terminator(',').skip(1).collect();
    assert!(["clock_gettime", "getrandom", "shm_open"].iter().all(|name| ours.contains(name)), "{ours:?}");

    let names = format!("names = {ours:?} + ['getpid']");
    for mode in ["auto", "off"] {
        let project = Project::document(&[&names, LOOK]);
        let run = project.json(&["a.md", "--sandbox", mode]);
        run.tells(&["passed completed", "passed completed | stdout getpid⏎"]);
    }
}
