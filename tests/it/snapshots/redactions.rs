//! Redactions of a checkout have bounds: of time, of size, and of how long they keep a run from ending.

use std::io::Read;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::project::{EXECUTABLE, Project, document};

/// A megabyte of output with an accepted snapshot, and the redactions in the settings' third line.
fn project(snippets: &[&str], redactions: &str) -> Project {
    let project = Project::document(snippets);
    assert_eq!(project.run(&["accept", "a.md"]).code, 0);
    project.write("pyproject.toml", format!("[tool.snipcheck]\n\nredactions = [{redactions}]\n"));
    project
}

const MEGABYTE: &str = "print('a' * 1_000_000)";
const GROWING: &str = "{ pattern = 'a', replacement = 'aaaaaaaaaaaaaaaaaaaa' }";
const ENDLESS: &str = "{ pattern = '(a{1,100}){1,100}b', replacement = '' }";

#[test]
fn redactions_that_grow_are_refused_with_their_line() {
    let project = project(&[MEGABYTE], &[GROWING; 4].join(", "));
    let run = project.json(&["a.md"]);
    let reason = "the snapshot cannot be compared: the redaction at pyproject.toml:3 adds more than 4 MiB to its output";
    assert_eq!(run.snippets()[0]["reasons"], serde_json::json!([reason]));
    assert_eq!((run.code, &*run.stderr), (1, ""));
}

#[test]
fn nothing_is_accepted_that_cannot_be_redacted() {
    let project = project(&[MEGABYTE], GROWING);
    let accepted = project.read("expected/a.md/top-1.snap");
    project.write("a.md", document(&["print('b' + 'a' * 1_000_000)"]));
    let run = project.run(&["accept", "a.md"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let told = "error: the redaction at pyproject.toml:3 adds more than 4 MiB to its output";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    assert_eq!(project.read("expected/a.md/top-1.snap"), accepted);
}

#[test]
fn a_redaction_that_never_ends_is_given_up() {
    let project = project(&[MEGABYTE, MEGABYTE, MEGABYTE], ENDLESS);
    let run = project.json(&["a.md"]);
    let reason = "the snapshot cannot be compared: the redaction at pyproject.toml:3 is too slow: \
                  5 s for an output, or 60 s for all of them, are over";
    for snippet in run.snippets() {
        assert_eq!(snippet["reasons"], serde_json::json!([reason]));
    }
}

#[test]
fn two_interrupts_end_a_run_whose_outcomes_are_being_compared() {
    for signals in [&[Signal::SIGINT, Signal::SIGINT][..], &[Signal::SIGTERM]] {
        let project = project(&["print('small')", MEGABYTE], ENDLESS);
        let mut running = project.call(&["run", "-v", "a.md"]).start();
        running.wait_for("a.md:2  top::1");
        for signal in signals {
            running.signal(*signal);
        }
        assert_eq!(running.finish().code, 130, "{signals:?}");
    }
}

#[test]
fn a_reader_that_stops_reading_does_not_keep_a_run_from_ending() {
    let project = Project::document(&[MEGABYTE]);
    let mut child = Command::new(&*EXECUTABLE)
        .args(["run", "--format", "json", "a.md"])
        .current_dir(project.root())
        .env("XDG_CACHE_HOME", project.home().join("cache"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    poll(&mut [PollFd::new(stdout.as_fd(), PollFlags::POLLIN)], PollTimeout::from(60_000_u16)).unwrap();

    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "interrupted: what was still being compared is not reported\n");
    drop(stdout);
}
