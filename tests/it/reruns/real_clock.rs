//! What fails on the virtual clock, and passes on one that measures.

use crate::project::Project;
use crate::story::check;

const NOTE: &str = "- it fails on the virtual clock and passes on the real one";

/// Faster than a virtual clock notices, slower than any look at it.
const WORK: &str =
    "import time\nstarted = time.perf_counter()\nn = sum(range(10**6))\ntook = time.perf_counter() - started";

#[test]
fn work_takes_time_on_the_real_clock() {
    let project = Project::document(&[
        &format!("{WORK}\nassert took > 1e-3\nfast = False"),
        "print(fast)",
        "print('z')",
    ]);
    let run = project.json(&["a.md"]);
    run.tells(&[
        &format!("passed completed | {NOTE}"),
        // It failed too, for want of a name.
        "passed completed | stdout False⏎",
        "passed completed | stdout z⏎",
    ]);
    let clocks: Vec<_> = run.snippets().iter().map(|snippet| snippet["clock"].clone()).collect();
    assert_eq!(clocks, ["real", "virtual", "virtual"], "{run:?}");
}

#[test]
fn what_is_shown_may_be_a_measurement() {
    let text = format!("```python\n{WORK}\nprint(took > 1e-3)\n```\n\nOutput:\n\n```text\nTrue\n```\n");
    Project::new(&[("a.md", &text)])
        .json(&["a.md"])
        .tells(&[&format!("passed completed | stdout True⏎ | {NOTE}")]);
}

#[test]
fn what_fails_on_both_fails() {
    check(&[&format!("{WORK}\nassert took > 100")], &["failed raised | AssertionError @6"]);
}
