//! Interrupted runs: once politely, twice at once, and nothing stays.

use nix::sys::signal::Signal;

use crate::project::{Project, Running, document, eventually, marker, processes};

/// The second of three snippets waits in a child, until the file beside it says `go`.
struct Waiting {
    project: Project,
    marker: String,
}

impl Waiting {
    fn new() -> Self {
        let project = Project::new(&[("word.txt", "wait")]);
        let marker = marker(&project);
        let wait = format!(
            "
                import subprocess
                loop = 'until grep -q go word.txt; do sleep 0.01; done'
                subprocess.run(['bash', '-c', loop, '{marker}'])
                print('finished')
            "
        );
        project.write("a.md", document(&["print('first')", &wait, "print('third')"]));
        project.write("b.md", document(&["print('other')"]));
        Self { project, marker }
    }

    /// Until the first snippet has been told and the second one waits.
    #[track_caller]
    fn start(&self) -> Running {
        let words = ["run", "-v", "-j", "1", "--timeout", "100s", "a.md", "b.md"];
        let mut running = self.project.call(&words).start();
        running.wait_for("a.md:2");
        eventually("the second snippet runs", || !processes(&self.marker).is_empty());
        running
    }
}

#[test]
fn an_interrupt_lets_the_running_snippet_finish() {
    let waiting = Waiting::new();
    let mut running = waiting.start();
    running.signal(Signal::SIGINT);
    running.wait_for("interrupted: snippets that run may finish; Ctrl-C again ends them");
    waiting.project.write("word.txt", "go");
    let run = running.finish();
    assert_eq!((run.code, &*run.stderr), (130, ""), "{}", run.stdout);
    let told: Vec<String> = run
        .stdout
        .lines()
        .filter(|line| line.contains('[') && line.contains(".md:"))
        .map(|line| format!("{} {}", &line[..8], line.split("] ").last().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            "    PASS a.md:2  top::1",
            "    PASS a.md:6  top::2",
            "    FAIL a.md:13  top::3  the run was interrupted",
            "    FAIL b.md:2  top::1  the run was interrupted",
        ]
    );
    let summary = "interrupted after 2 of 4 snippets: 2 passed, 2 failed (2 not run)\n";
    assert!(run.stdout.contains(summary), "{}", run.stdout);
    eventually("the child is gone", || processes(&waiting.marker).is_empty());
}

#[track_caller]
fn ends_at_once(signals: &[Signal]) {
    let waiting = Waiting::new();
    let mut running = waiting.start();
    for signal in signals {
        running.signal(*signal);
        if *signal == Signal::SIGINT && signals.len() > 1 {
            running.wait_for("interrupted");
        }
    }
    let run = running.finish();
    assert_eq!((run.code, &*run.stderr), (130, ""), "{}", run.stdout);
    assert!(run.stdout.contains("interrupted after 2 of 4 snippets: 1 passed, 3 failed"), "{}", run.stdout);
    eventually("the child is gone", || processes(&waiting.marker).is_empty());
}

#[test]
fn a_second_interrupt_ends_the_run_at_once() {
    ends_at_once(&[Signal::SIGINT, Signal::SIGINT]);
}

#[test]
fn a_termination_ends_the_run_at_once() {
    ends_at_once(&[Signal::SIGTERM]);
}

#[test]
fn a_termination_ends_an_interrupted_run() {
    ends_at_once(&[Signal::SIGINT, Signal::SIGTERM]);
}
