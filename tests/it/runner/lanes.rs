//! Processes of the runner itself that are killed, and callers who hear nothing of their children.

use std::os::unix::process::CommandExt;

use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;

use crate::project::{Call, Project, Run, Running, document, eventually};

/// A project whose sandbox has been tried.
fn project() -> Project {
    let project = Project::document(&["print('runs')"]);
    tells(&project.json(&["a.md"]), "a");
    project
}

#[track_caller]
fn tells(run: &Run, tier: &str) {
    run.tells(&["passed completed | stdout runs⏎"]);
    assert_eq!(run.summary()["sandbox"], tier);
}

fn start(project: &Project) -> Running {
    project.call(&["run", "--format", "json", "-j", "1", "a.md"]).start()
}

/// As the kernel kills when memory is short: before a word has been said.
#[test]
fn a_lane_killed_at_its_start_is_started_again() {
    let project = project();
    let running = start(&project);
    let mut killed = Pid::from_raw(0);
    eventually("a lane starts", || {
        running.children().first().is_some_and(|lane| {
            killed = *lane;
            kill(killed, Signal::SIGKILL).is_ok()
        })
    });
    let run = running.finish();
    tells(&run, "a");
    assert!(killed.as_raw() > 1);
}

#[test]
fn whoever_kills_every_lane_is_named() {
    let project = project();
    let mut running = start(&project);
    eventually("the run ends", || {
        for lane in running.children() {
            let _ = kill(lane, Signal::SIGKILL);
        }
        running.has_ended()
    });
    let run = running.finish();
    assert_eq!((run.code, &*run.stdout), (70, ""), "{run:?}");
    let [error, hint] = &run.stderr.lines().collect::<Vec<_>>()[..] else { panic!("{run:?}") };
    assert!(error.starts_with("error: the interpreter `"), "{error}");
    assert!(error.ends_with("` was killed by SIGKILL before it was ready"), "{error}");
    assert_eq!(*hint, "hint: the kernel kills when memory is short: `--jobs 1` needs the least");
}

/// SIGCHLD is ignored, as whoever starts a program can pass it on (signal(7)).
fn deaf(mut call: Call<'_>) -> Call<'_> {
    let ignore = || {
        // SAFETY: no code of ours runs upon the signal.
        unsafe { signal(Signal::SIGCHLD, SigHandler::SigIgn) }?;
        Ok(())
    };
    // SAFETY: between fork and exec only a disposition is set.
    unsafe { call.command().pre_exec(ignore) };
    call
}

/// Nothing of that is remembered as what this machine can do.
#[test]
fn a_caller_who_ignores_its_children_changes_nothing() {
    let project = Project::document(&["print('runs')"]);
    let words = ["run", "--format", "json", "a.md"];
    tells(&deaf(project.call(&words)).run(), "a");
    tells(&project.call(&words).run(), "a");
    let shown = Project::document(&["
        import os, signal
        print(signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL, os.waitstatus_to_exitcode(os.system('exit 3')))
    "]);
    deaf(shown.call(&words)).run().tells(&["passed completed | stdout True 3⏎"]);
}

/// Processes may be short for a moment, or a file system full.
#[test]
fn a_weaker_sandbox_is_not_remembered() {
    let project = Project::unknown(&[("a.md", &document(&["print('runs')"]))]);
    let words = ["run", "--format", "json", "a.md"];
    tells(&project.call(&words).contained().run(), "b");
    let memory = project.memory().join("self-test.json");
    assert!(!memory.exists(), "{:?}", std::fs::read_to_string(memory));
    tells(&project.call(&words).run(), "a");
    assert!(memory.exists());
}
