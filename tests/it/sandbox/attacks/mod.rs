//! Attacks by documents. Each got through once, or would be worth the most if it did.
//!
//! The document `z.md` of each project is the neighbour that must not notice anything.

mod forgery;
mod hidden;
mod inside;
mod leaks;
mod memory;
mod reach;
mod remains;
mod rights;
mod shortage;
mod unmounted;

use crate::project::{Project, Run, document};

const NEIGHBOUR: &str = "passed completed | stdout undisturbed⏎";

/// Finds the runner's descriptors and the token in front of all that goes to the runner, as any snippet could.
const INSIDE: &str = r"
import json, os, struct, time

def copies(number):
    name = os.readlink(f'/proc/self/fd/{number}')
    return [int(n) for n in os.listdir('/proc/self/fd') if int(n) > 2 and link(n) == name]

def link(number):
    try:
        return os.readlink(f'/proc/self/fd/{number}')
    except OSError:
        return None

def status():
    known = {link(1), link(2)}
    pipes = [n for n in os.listdir('/proc/self/fd') if int(n) > 2 and (link(n) or '').startswith('pipe:')]
    return next(int(n) for n in pipes if link(n) not in known)

def token():
    # The pipe opened once more, to be read; the runner may be faster.
    pipe = os.open('/proc/self/fd/1', os.O_RDONLY | os.O_NONBLOCK)
    while True:
        print('mark')
        try:
            return os.read(pipe, 65536)[:16]
        except BlockingIOError:
            pass

def frame(reply):
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return struct.pack('I', len(body)) + body

NONE = 0

def finished(end='Completed', value=None, wall=NONE, cpu=NONE, notes=(), passed=NONE):
    return {'Finished': {'end': end, 'value': value, 'wall': wall, 'cpu': cpu, 'clock': 'virtual', 'passed': passed,
                         'timed': True, 'notes': list(notes)}}
";

/// Code that has [`INSIDE`] in front of it.
fn inside(code: &str) -> String {
    let code: Vec<&str> = code.lines().map(|line| line.get(12..).unwrap_or_default()).collect();
    format!("{INSIDE}\n{}", code.join("\n"))
}

/// The attack as `a.md`, and the neighbour.
fn project(snippets: &[&str]) -> Project {
    Project::new(&[("a.md", &document(snippets)), ("z.md", &document(&["print('undisturbed')"]))])
}

/// All on one lane, so that one document follows the other.
#[track_caller]
fn run(project: &Project, arguments: &[&str]) -> Run {
    project.json(&[&["-j", "1", "."], arguments].concat())
}

/// What is told of `a.md`; of its neighbour nothing but the usual.
#[track_caller]
fn tells(run: &Run, expected: &[&str]) {
    run.tells(&[expected, &[NEIGHBOUR]].concat());
}
