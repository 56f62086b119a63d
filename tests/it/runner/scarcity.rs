//! Callers who have little, or close what others have open: a run ends with its result or with a complaint, never in
//! the middle.

use std::fs;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Output, Stdio};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::project::{EXECUTABLE, Project, document, eventually};

fn project() -> Project {
    Project::document(&["print(1)  # 1", "print(2)"])
}

/// Runs a line of the shell in the project, where `$SNIPCHECK` is the executable. Descriptors that the tests were started
/// with are closed before it: they would count as the executable's.
fn shell(project: &Project, line: &str) -> Output {
    let line = format!("for n in {{3..99}}; do exec {{n}}>&-; done; {line}");
    Command::new("bash")
        .args(["-c", &line])
        .current_dir(project.root())
        .env_clear()
        .env("PATH", crate::project::search_path())
        .env("HOME", project.home())
        .env("SNIPCHECK", &*EXECUTABLE)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// A complete report, or a complaint that says what to do.
#[track_caller]
fn result_or_complaint(line: &str, output: &Output) {
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    match output.status.code() {
        Some(0) => assert!(stdout.contains("2 snippets in 1 document: 2 passed"), "{line}: {stdout}"),
        Some(2) => {
            assert!(stderr.starts_with("error: ") && stderr.contains("\nhint: "), "{line}: {stderr}");
            assert_eq!(stdout, "", "{line}");
        }
        code => panic!("{line}: {code:?} {stdout}{stderr}"),
    }
}

#[test]
fn little_is_enough_or_said_to_be_too_little() {
    let project = project();
    fs::write(project.home().join("file"), "").unwrap();
    for limit in
        ["-n 4", "-n 8", "-n 12", "-n 16", "-n 20", "-n 24", "-n 32", "-n 64", "-v 250000", "-v 1000000"]
    {
        let line = format!("ulimit {limit}; exec $SNIPCHECK run a.md");
        result_or_complaint(&line, &shell(&project, &line));
    }
    // Without a self-test that is remembered a run needs a folder for temporary files.
    for (folder, cache) in [("/nonexistent", "a"), ("$HOME/file", "b"), ("/proc", "c"), ("/tmp", "file")] {
        let line = format!("TMPDIR={folder} XDG_CACHE_HOME=$HOME/{cache} exec $SNIPCHECK run a.md");
        result_or_complaint(&line, &shell(&project, &line));
    }
}

#[test]
fn streams_may_be_closed() {
    let project = project();
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "<&- 2>&-"] {
        let output = shell(&project, &format!("exec $SNIPCHECK run a.md {closed}"));
        assert_eq!(output.status.code(), Some(0), "{closed}");
        assert_eq!(
            !output.stdout.is_empty(),
            !closed.contains(" >&-") && !closed.starts_with('>'),
            "{closed}"
        );
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{closed}");
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let project = project();
    for words in ["run a.md", "run --format json a.md", "list .", "doctor", "--help", "--version"] {
        let output = shell(&project, &format!("exec $SNIPCHECK {words} >/dev/full"));
        assert_eq!(output.status.code(), Some(1), "{words}");
    }
}

#[test]
fn an_output_that_does_not_block_is_waited_for() {
    let project = Project::new(&[("a.md", &document(&["print('x' * 900_000)"]))]);
    let (mut reading, writing) = std::io::pipe().unwrap();
    fcntl(&writing, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
    let mut child = Command::new(&*EXECUTABLE)
        .args(["run", "--format", "json", "a.md"])
        .current_dir(project.root())
        .env("XDG_CACHE_HOME", project.home().join("cache"))
        .stdin(Stdio::null())
        .stdout(OwnedFd::from(writing))
        .spawn()
        .unwrap();
    // Nobody reads before it is full and the writer has noticed.
    poll(&mut [PollFd::new(reading.as_fd(), PollFlags::POLLIN)], PollTimeout::from(60_000_u16)).unwrap();
    eventually("the writer waits or is gone", || {
        let status = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        status.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['S', 'Z']))
    });

    let mut text = String::new();
    reading.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(text.len() > 900_000 && text.lines().count() == 2, "{}", text.len());
}
