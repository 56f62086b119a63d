//! Documents that are watched: what a change makes run again, and what keys do.

mod changes;
mod keys;
mod losses;
mod project_files;
mod recorded;

use std::fs;
use std::io::{PipeWriter, pipe};

use crate::project::{Project, Run, Running};

/// The last line of what is shown each time.
const READY: &str = "watching ";

/// A project that is watched without a terminal, until its input is closed.
struct Watch {
    running: Running,
    input: PipeWriter,
}

impl Watch {
    /// Waits for the first results.
    #[track_caller]
    fn start(project: &Project, words: &[&str]) -> Self {
        let mut watch = Self::begin(project, words);
        watch.running.wait_for(READY);
        watch
    }

    fn begin(project: &Project, words: &[&str]) -> Self {
        let (end, input) = pipe().unwrap();
        let mut call = project.call(&[&["watch", "--color", "never"], words].concat());
        call.command().stdin(end);
        Self { running: call.start(), input }
    }

    /// Waits until a change of this file has been acted upon.
    #[track_caller]
    fn wait_for_change_of(&mut self, file: &str) {
        self.running.wait_for(&format!("changed: {file}"));
        self.running.wait_for(READY);
    }

    /// Ends it. Returns everything it has said.
    #[track_caller]
    fn finish(self) -> Run {
        drop(self.input);
        self.running.finish()
    }
}

/// Writes a file at once: nobody sees a part of it.
fn replace(project: &Project, path: &str, text: impl AsRef<[u8]>) {
    let whole = project.home().join("whole");
    fs::write(&whole, text).unwrap();
    let path = project.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::rename(whole, path).unwrap();
}

/// What was changed each time, and how much ran.
fn headlines(run: &Run) -> Vec<&str> {
    run.stdout.lines().filter(|line| line.starts_with("changed: ")).collect()
}

/// What is shown last.
fn last(run: &Run) -> &str {
    run.stdout.rsplit("\nchanged: ").next().unwrap()
}
