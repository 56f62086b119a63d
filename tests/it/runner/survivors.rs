//! Runs that are killed: whatever their snippets have started ends with them, and their folders go.

use std::fs;
use std::path::PathBuf;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::project::{Project, Running, document, eventually, marker, processes};

const SIGNALS: [Signal; 5] =
    [Signal::SIGKILL, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGABRT, Signal::SIGTERM];

/// Ways in which processes try to stay.
const KINDS: [&str; 5] = ["daemon", "deaf", "stopped", "vforked", "restless"];

const ESCAPE: &str = "
    import os, subprocess, sys
    marker = 'MARKER'
    deaf = 'trap \"\" TERM HUP INT QUIT ABRT; sleep 1000; true'
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 5000)
            os.execv('/bin/sh', ['sh', '-c', 'sleep 1000; true', marker + '-daemon'])
        os._exit(0)
    subprocess.Popen(['sh', '-c', deaf, marker + '-deaf'], start_new_session=True)
    subprocess.Popen(['sh', '-c', 'kill -STOP $$; sleep 1000; true', marker + '-stopped'])
    vforked = '''
    import ctypes
    CLONE_VM, CLONE_VFORK, SIGCHLD = 0x100, 0x4000, 17
    libc = ctypes.CDLL(None)
    libc.syscall(NUMBER, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0)
    libc.pause()
    '''
    restless = '''
    import os
    while True:
        if os.fork():
            os._exit(0)
    '''
    for kind, code in [('vforked', vforked), ('restless', restless)]:
        subprocess.Popen([sys.executable, '-Sc', code, f'{marker}-{kind}'])
    subprocess.run(['sh', '-c', 'sleep 1000; true', marker + '-main'])
";

#[derive(Clone, Copy)]
enum Tier {
    A,
    /// Without namespaces.
    B,
}

/// A run that is in the middle of its only snippet.
struct Escaping {
    project: Project,
    marker: String,
    temporary: PathBuf,
}

impl Escaping {
    fn new() -> Self {
        let project = Project::new(&[]);
        let marker = marker(&project);
        let clone = nix::libc::SYS_clone.to_string();
        let code = ESCAPE.replace("MARKER", &marker).replace("NUMBER", &clone);
        // The programs within stand at the left margin.
        let document = document(&[&code]).replace("\n    import ctypes", "\nimport ctypes");
        project.write("a.md", document);
        let temporary = project.home().join("tmp");
        fs::create_dir(&temporary).unwrap();
        Self { project, marker, temporary }
    }

    #[track_caller]
    fn start(&self, tier: Tier) -> Running {
        let words = ["run", "-v", "-j", "1", "--timeout", "100s", "a.md"];
        let call = self.project.call(&words).env("TMPDIR", &self.temporary);
        let running = match tier {
            Tier::A => call.start(),
            Tier::B => call.contained().start(),
        };
        for kind in KINDS {
            let name = format!("{}-{kind}", self.marker);
            eventually(kind, || !processes(&name).is_empty());
        }
        running
    }

    #[track_caller]
    fn nobody_is_left(&self, what: &str) {
        // One that has a new number each time may be missed by one look.
        eventually(what, || (0..20).all(|_| processes(&self.marker).is_empty()));
        let left = || fs::read_dir(&self.temporary).unwrap().map(|entry| entry.unwrap().path());
        eventually(what, || left().count() == 0);
    }
}

#[track_caller]
fn nobody_outlives_the_supervisor(tier: Tier) {
    for signal in SIGNALS {
        let escaping = Escaping::new();
        let running = escaping.start(tier);
        running.signal(signal);
        let code = running.finish().code;
        // It tells what it has seen until then.
        let expected = if signal == Signal::SIGTERM { 130 } else { -(signal as i32) };
        assert_eq!(code, expected, "{signal}");
        escaping.nobody_is_left(signal.as_str());
    }
}

#[test]
fn nobody_outlives_a_killed_run() {
    nobody_outlives_the_supervisor(Tier::A);
}

#[test]
fn nobody_outlives_a_killed_run_without_namespaces() {
    nobody_outlives_the_supervisor(Tier::B);
}

/// Children of the supervisor: sessions have theirs below them, lanes have none.
#[track_caller]
fn runner(supervisor: Pid, has_children: bool) -> Pid {
    let children = |pid: &str| {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let lists = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
        lists
            .flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    let mut found = children(&supervisor.to_string());
    found.retain(|pid| {
        let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.contains("__lane") && children(pid).is_empty() != has_children
    });
    let [runner] = &found[..] else { panic!("{found:?}") };
    Pid::from_raw(runner.parse().unwrap())
}

/// Which processes are killed while the supervisor lives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Killed {
    Init,
    Lane,
    /// At once, as the kernel does when memory is short: the two share theirs.
    Both,
}

#[track_caller]
fn nobody_outlives(killed: Killed) {
    for tier in [Tier::A, Tier::B] {
        let escaping = Escaping::new();
        let running = escaping.start(tier);
        let [init, lane] = [true, false].map(|has_children| runner(running.pid(), has_children));
        if killed != Killed::Init {
            kill(lane, Signal::SIGKILL).unwrap();
        }
        if killed == Killed::Lane {
            running.signal(Signal::SIGTERM);
            assert_eq!(running.finish().code, 130);
        } else {
            kill(init, Signal::SIGKILL).unwrap();
            // The run goes on, and ends by itself.
            let run = running.finish();
            assert!(run.code == 1 && run.stdout.contains("FAIL a.md:2"), "{run:?}");
        }
        escaping.nobody_is_left("the session is gone");
    }
}

#[test]
fn nobody_outlives_the_first_process_of_a_session() {
    nobody_outlives(Killed::Init);
}

#[test]
fn nobody_outlives_the_process_that_started_a_session() {
    nobody_outlives(Killed::Lane);
}

#[test]
fn nobody_outlives_both_of_them() {
    nobody_outlives(Killed::Both);
}
