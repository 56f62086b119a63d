//! What a lane does once so that its sessions need not: code of this program runs in it as a snippet does.
//!
//! Where code runs for the first time, Python fills its caches, and libraries look for their functions. Each session
//! would do that anew, and have pages of memory copied for what it writes then.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use nix::unistd::{dup2_stderr, dup2_stdout};
use pyo3::prelude::*;

use crate::harness::Harness;
use crate::session;
use snipcheck_clock as clock;
#[cfg(sandboxed)]
use snipcheck_clock::interposition::interposition;
use snipcheck_model::policy::{Chance, Clock};
use snipcheck_model::snippet::{Line, Namespace};
use snipcheck_sandbox as sandbox;
use snipcheck_wire::{ImageUse, LaneSetup, Mode, Request, Step};

const DOCUMENT: &str = "warm_up.py";
/// The first has no value and runs as a whole, the second has one.
const STEPS: [&str; 2] = [include_str!("warm_up.py"), "point\nlen(squares)\n"];
/// The second time finds what the first has changed.
const TIMES: usize = 2;

/// In a lane with one thread, before its first session.
pub(super) fn warm_up(py: Python<'_>, harness: &Harness, setup: &LaneSetup) -> PyResult<()> {
    clock::prepare();
    #[cfg(sandboxed)]
    if let Some(library) = interposition() {
        (library.prepare)();
    }

    let before = harness.call(py, "begin_warm_up", ())?;
    let streams = Streams::put_aside()?;
    let ran = (0..TIMES).try_for_each(|_| session::practise(py, harness, setup, &request()));
    streams.restore()?;
    harness.call(py, "end_warm_up", (before,))?;
    ran
}

fn request() -> Request {
    let steps = STEPS.map(|code| Step {
        file: DOCUMENT.to_owned(),
        code: code.to_owned(),
        line: Line(1),
        files: Vec::new(),
        mode: Mode::default(),
        namespace: Namespace::Shared,
        clock: Clock::Real,
        titled: 0,
        package: None,
    });
    Request {
        token: [0; 16],
        document: DOCUMENT.to_owned(),
        neighbours: None,
        folders: String::new(),
        scratch: None,
        chance: Chance::USUAL,
        clock: Clock::Real,
        files: Vec::new(),
        steps: steps.into(),
        image: ImageUse::None,
        imports: Vec::new(),
    }
}

/// The lane's own stdout and stderr, while what is written there goes nowhere.
struct Streams {
    out: OwnedFd,
    err: OwnedFd,
}

impl Streams {
    fn put_aside() -> io::Result<Self> {
        let aside = Self { out: sandbox::lift(io::stdout())?, err: sandbox::lift(io::stderr())? };
        let nowhere = File::options().write(true).open("/dev/null")?;
        dup2_stdout(&nowhere)?;
        dup2_stderr(&nowhere)?;
        Ok(aside)
    }

    fn restore(self) -> io::Result<()> {
        dup2_stdout(&self.out)?;
        dup2_stderr(&self.err)?;
        Ok(())
    }
}
