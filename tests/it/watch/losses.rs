//! More changes than the kernel keeps, and the ends of a watch.

use std::fs;
use std::os::unix::process::CommandExt;

use nix::sys::signal::Signal;

use super::{Watch, headlines, last, replace};
use crate::project::{Project, document};

/// Pieces of news that the kernel keeps for one that does not listen. That a file is opened is one, unless it is the same as
/// the one before.
fn kept() -> usize {
    fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap()
}

#[test]
fn changes_that_the_kernel_has_lost_are_found() {
    let project = Project::new(&[
        ("docs/in/a.md", &document(&["1"])),
        ("docs/b.md", &document(&["2"])),
        ("docs/x~", ""),
        ("docs/y~", ""),
    ]);
    let mut watch = Watch::start(&project, &[]);
    watch.running.signal(Signal::SIGSTOP);
    // Soon nothing is read from now on: what happens in another folder after so much is not told.
    for number in 0..2 * kept() {
        project.read(["docs/x~", "docs/y~"][number % 2]);
    }
    replace(&project, "docs/in/beside.json", "{}");
    watch.running.signal(Signal::SIGCONT);
    watch.wait_for_change_of("docs/in/beside.json");
    let run = watch.finish();
    // What is beside `docs/in/a.md` is beside `docs/b.md` as well.
    assert_eq!(headlines(&run), ["changed: docs/in/beside.json; ran 2 of 2 documents"], "{run:?}");
}

#[test]
fn the_end_of_the_input_ends_it_with_the_last_results() {
    let project = Project::document(&["1 / 0"]);
    let run = project.call(&["watch", "a.md"]).run();
    assert!(run.code == 1 && run.stdout.ends_with("watching 1 document\n"), "{run:?}");

    let mut watch = Watch::start(&project, &["a.md"]);
    replace(&project, "a.md", document(&["1 / 1"]));
    watch.wait_for_change_of("a.md");
    assert_eq!(watch.finish().code, 0);
}

#[test]
fn signals_end_it() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let watch = Watch::start(&Project::document(&["1"]), &["a.md"]);
        watch.running.signal(signal);
        assert_eq!(watch.running.finish().code, 130);
        drop(watch.input);
    }
}

#[test]
fn a_run_that_cannot_be_had_waits_for_the_next_change() {
    let project = Project::new(&[("docs/a.md", &document(&["1"])), ("docs/b.md", &document(&["2"]))]);
    let mut watch = Watch::start(&project, &[]);
    replace(&project, "pyproject.toml", "[tool.snipcheck]\npython = \"none\"\n");
    watch.running.wait_for("watching 2 documents");
    replace(&project, "pyproject.toml", "[tool.snipcheck]\n");
    watch.wait_for_change_of("pyproject.toml");
    let run = watch.finish();
    assert_eq!(headlines(&run), ["changed: pyproject.toml; ran 2 of 2 documents"], "{run:?}");
    assert!(run.stderr.contains("error: ") && run.stderr.contains("none") && run.code == 0, "{run:?}");
}

/// In a namespace of its own, where a user may watch one folder.
#[test]
fn files_are_looked_at_where_the_kernel_watches_no_more_of_them() {
    let project = Project::new(&[("docs/a.md", &document(&["1"]))]);
    let (end, input) = std::io::pipe().unwrap();
    let mut call = project.call(&["watch"]).root_of_namespace();
    call.command().stdin(end);
    // SAFETY: between fork and exec one file is written.
    unsafe { call.command().pre_exec(|| fs::write("/proc/sys/user/max_inotify_watches", "1")) };
    let mut watch = Watch { running: call.start(), input };
    watch.running.wait_for("watching 1 document");
    replace(&project, "docs/a.md", document(&["1 / 0"]));
    watch.wait_for_change_of("docs/a.md");
    let run = watch.finish();
    let note = "note: files are looked at every second: this user may watch no more folders \
                (`sysctl fs.inotify.max_user_watches`)\n";
    assert_eq!(run.stderr, note);
    assert_eq!(run.code, 1);
}

#[test]
fn nothing_to_run_is_waited_for() {
    let project = Project::new(&[("pyproject.toml", "[tool.snipcheck]\n")]);
    let mut watch = Watch::start(&project, &[]);
    replace(&project, "docs/a.md", document(&["1"]));
    watch.wait_for_change_of("docs/a.md");
    let run = watch.finish();
    assert!(run.code == 0 && last(&run).contains("1 passed"), "{run:?}");
}
