//! A review that is killed at any moment leaves every file as it was before a decision or after it.

use std::thread;
use std::time::Duration;

use crate::review::questions::{NEW, READY, SNAP, kettle, review};

/// Moments that one test tries.
const KILLS: u64 = 12;

#[test]
fn a_kill_leaves_nothing_half_written() {
    let project = kettle();
    let (document, snapshot, pending) = (project.read("tea.md"), project.read(SNAP), project.read("tea.md"));
    assert_eq!(document, pending);

    for round in 0..KILLS {
        project.write("tea.md", &document);
        project.write(SNAP, &snapshot);
        let mut session = review(&project, &["tea.md"], (80, 24));
        session.wait_for(&["1 of 4", READY]);
        session.press("a");
        if round % 2 == 1 {
            session.wait_for(&["2 of 4", READY]);
            session.press("c");
        }
        // The writes take some milliseconds: the rounds differ in where they are met.
        thread::park_timeout(Duration::from_micros(round * 397));
        session.kill();

        let written = project.read("tea.md");
        assert!(written == document || written == document.replace("# 3", "# 2"), "{round}: {written}");
        let accepted = project.read(SNAP);
        let expected = [snapshot.clone(), snapshot.replace("green", "black")];
        let body = |text: &str| text.rsplit("---\n").next().unwrap().to_owned();
        assert!(expected.iter().any(|expected| body(expected) == body(&accepted)), "{round}: {accepted}");
        if project.path(NEW).exists() {
            assert!(project.read(NEW).ends_with("\nblack tea\n"), "{round}");
        }

        // The next run makes nothing of what is left.
        let run = project.run(&["run", "tea.md:4"]);
        let is_accepted = accepted.ends_with("black tea\n");
        assert_eq!(run.code, i32::from(!is_accepted), "{round}: {}", run.stdout);
    }
}
