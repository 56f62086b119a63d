//! Interrupted runs: once politely, twice at once, and nothing stays.

use nix::sys::signal::Signal;

use crate::project::{Project, Running, document, eventually, marker, processes};

const NOT_RUN: &str = "failed not-run | - the run was interrupted";

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

    #[track_caller]
    fn start(&self, format: &str) -> Running {
        let words = ["run", "--format", format, "-j", "1", "--timeout", "100s", "a.md", "b.md"];
        let running = self.project.call(&words).start();
        eventually("the second snippet runs", || !processes(&self.marker).is_empty());
        running
    }
}

#[track_caller]
fn finishes_what_runs(signal: Signal) {
    let waiting = Waiting::new();
    let running = waiting.start("json");
    running.signal(signal);
    waiting.project.write("word.txt", "go");
    let run = running.finish();
    run.tells(&["passed completed | stdout first⏎", "passed completed | stdout finished⏎", NOT_RUN, NOT_RUN]);
    assert_eq!(run.code, 130);
    eventually("the child is gone", || processes(&waiting.marker).is_empty());
}

#[track_caller]
fn ends_at_once(first: Signal, then: Signal) {
    let waiting = Waiting::new();
    let running = waiting.start("human");
    running.signal(first);
    running.signal(then);
    let run = running.finish();
    assert_eq!((run.code, &*run.stderr), (130, ""), "{}", run.stdout);
    assert!(run.stdout.contains("interrupted after"), "{}", run.stdout);
    eventually("the child is gone", || processes(&waiting.marker).is_empty());
}

#[test]
fn an_interrupt_lets_the_running_snippet_finish() {
    finishes_what_runs(Signal::SIGINT);
}

#[test]
fn a_termination_lets_the_running_snippet_finish() {
    finishes_what_runs(Signal::SIGTERM);
}

#[test]
fn two_interrupts_end_at_once() {
    ends_at_once(Signal::SIGINT, Signal::SIGINT);
}

#[test]
fn two_terminations_end_at_once() {
    ends_at_once(Signal::SIGTERM, Signal::SIGTERM);
}

#[test]
fn an_interrupt_and_a_termination_end_at_once() {
    ends_at_once(Signal::SIGINT, Signal::SIGTERM);
}

#[test]
fn an_interrupted_run_says_so() {
    let waiting = Waiting::new();
    let running = waiting.start("human");
    running.signal(Signal::SIGINT);
    waiting.project.write("word.txt", "go");
    let run = running.finish();
    assert_eq!((run.code, &*run.stderr), (130, ""), "{}", run.stdout);
    assert!(run.stdout.contains("interrupted after 2 of 4 snippets: 2 passed"), "{}", run.stdout);
}
