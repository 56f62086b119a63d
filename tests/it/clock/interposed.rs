//! The functions of libc that everything in a session calls in libc's place.

use std::fs;
use std::path::Path;

use crate::project::Project;

/// Prints which names of a list lead to another file than the library of interposed functions.
const LOOK: &str = "\
import ctypes
maps = [line.split(maxsplit=5) for line in open('/proc/self/maps')]
areas = [(range(*(int(end, 16) for end in columns[0].split('-'))), columns[3:5]) for columns in maps]
scope = ctypes.CDLL(None)
def file_of(name):
    address = ctypes.cast(getattr(scope, name), ctypes.c_void_p).value
    return [file for area, file in areas if address in area]
for name in names:
    if file_of(name) != file_of('snipcheck_interposition'):
        print(name)
";

/// Libpython and extension modules find ours first, and so does a program that the session starts; of what is not ours,
/// libc's.
#[test]
fn sessions_find_every_interposed_function() {
    let ours = interposed();
    assert!(
        ["clock_gettime", "getrandom", "shm_open"].iter().all(|name| ours.contains(&name.to_string())),
        "{ours:?}"
    );

    let names = format!("names = {ours:?} + ['getpid']");
    let child = format!(
        "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', '''{names}\n{LOOK}'''], capture_output=True, text=True).stdout)"
    );
    for (mode, snippets) in
        [("auto", vec![names.as_str(), LOOK, &child]), ("off", vec![names.as_str(), LOOK])]
    {
        let project = Project::document(&snippets);
        let run = project.json(&["a.md", "--sandbox", mode]);
        let mut told = vec!["passed completed", "passed completed | stdout getpid⏎"];
        if snippets.len() > 2 {
            told.push("passed completed | stdout getpid⏎⏎");
        }
        run.tells(&told);
    }
}

/// The functions that `interpose!` declares.
fn interposed() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/interpose/src");
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let text: String = files.collect();
    let declared = text.split("\ninterpose!(\n").skip(1);
    let name =
        |declared: &str| declared.split_once("    fn ").unwrap().1.split_once('(').unwrap().0.to_owned();
    declared.map(name).collect()
}
