//! Runs the steps of one session, in a process that is theirs alone.

use std::cell::RefCell;
use std::ffi::c_int;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::executor::{Executor, Ran, compile_mode, own_tests};
use crate::fixture;
use crate::harness::Harness;
#[cfg(sandboxed)]
use crate::image;
use crate::main_file::MainFile;
use crate::probe::{Ledger, Probes};
use crate::stacks;
use crate::statement::PythonSource;
use crate::status_pipe::StatusPipe;
use crate::titled::TitledFiles;
use crate::usage::cpu_time;
use snipcheck_clock::{Passed, Stretch, real_nanoseconds};
use snipcheck_model::policy::Clock;
use snipcheck_model::snippet::Namespace;
use snipcheck_sandbox::{self as sandbox, CopyFilter, HOME, SessionDescriptors};
#[cfg(sandboxed)]
use snipcheck_wire::ImageUse;
use snipcheck_wire::{FinishedStep, LaneSetup, Mark, Mode, Reply, Request, Step, StepEnd};

/// How long a snippet's threads may take to end before they are taken for residents.
const SETTLE_SECONDS: f64 = 0.5;

/// What the lane and the sandbox hand to a session's process.
pub(super) struct SessionInput<'a> {
    pub(super) request: &'a Request,
    pub(super) setup: &'a LaneSetup,
    pub(super) trial_filter: Option<Arc<CopyFilter>>,
    pub(super) descriptors: SessionDescriptors,
    /// The directory that the sandbox has made for the session.
    pub(super) home: &'a Path,
    pub(super) start: Start,
}

/// How a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// As a copy of its lane.
    Cold,
    /// With the memory of a session that has run start code and loaded packages.
    #[cfg(sandboxed)]
    Resumed,
}

/// Runs all steps, reporting each, and ends the process as the interpreter would. Returns only if that fails.
pub(super) fn run(py: Python<'_>, harness: &Harness, input: SessionInput<'_>) {
    let SessionInput { request, setup, trial_filter, descriptors, home, start } = input;
    let SessionDescriptors { stdout, stderr, status, stacks, image } = descriptors;
    let token = request.token;

    let document = PyString::new(py, &request.document);
    harness.out.borrow_mut(py).open(token, document.clone().unbind(), stdout);
    harness.err.borrow_mut(py).open(token, document.clone().unbind(), stderr);
    #[cfg(sandboxed)]
    if let (ImageUse::Record, Some(file)) = (request.image, image) {
        drop((status, stacks));
        return image::of_session(py, harness, request, &file);
    }
    #[cfg(not(sandboxed))]
    drop(image);

    // The pid is noted before anything runs that may fork: a fork has to know that it is one.
    let status = Arc::new(StatusPipe::new(status, token, trial_filter));
    #[cfg(sandboxed)]
    if start == Start::Resumed {
        status.send(&Reply::Warm);
    }
    if let Some(pipe) = stacks
        && let Err(error) = stacks::tell(py, harness, pipe)
    {
        error.print(py);
    }

    let session = RunningSession {
        py,
        harness,
        setup,
        document,
        namespace: PyDict::new(py),
        main: RefCell::new(MainFile::new(PathBuf::new())),
        titled: RefCell::new(TitledFiles::new(PathBuf::new())),
        request,
        futures: 0,
        cpu: Duration::ZERO,
        status,
    };
    if let Err(error) = session.run_all(home, start) {
        // The error is this program's or an exit handler's. It is written where a script's would be.
        error.print(py);
        let _ = harness.out.borrow_mut(py).send();
        let _ = harness.err.borrow_mut(py).send();
    }
}

/// Runs the steps of a session in a lane, as far as that has no effect on those that come after it.
pub(super) fn practise(
    py: Python<'_>,
    harness: &Harness,
    setup: &LaneSetup,
    request: &Request,
) -> PyResult<()> {
    let [stdout, stderr, status] = [nowhere()?, nowhere()?, nowhere()?];
    let number = status.as_raw_fd();
    let status = Arc::new(StatusPipe::new(status, request.token, None));
    let document = PyString::new(py, &request.document);
    harness.out.borrow_mut(py).open(request.token, document.clone().unbind(), stdout);
    harness.err.borrow_mut(py).open(request.token, document.clone().unbind(), stderr);

    let path = Path::new(HOME).join("main.py");
    let namespace = harness.call(py, "namespace", (path.to_string_lossy(),))?.cast_into::<PyDict>()?;
    let main = RefCell::new(MainFile::new(path));
    let titled = RefCell::new(TitledFiles::new(PathBuf::new()));
    let (futures, cpu) = (0, cpu_time());
    let mut session = RunningSession {
        py,
        harness,
        setup,
        document,
        namespace,
        main,
        titled,
        request,
        futures,
        cpu,
        status,
    };
    for step in &request.steps {
        let finished = session.step(step)?;
        session.status.send(&Reply::Finished(Box::new(finished)));
    }
    harness.call(py, "thread_names", ())?;

    harness.out.borrow_mut(py).close();
    harness.err.borrow_mut(py).close();
    // SAFETY: the number is that of the status, which the session has left open and nothing uses any more.
    drop(unsafe { OwnedFd::from_raw_fd(number) });
    Ok(())
}

/// A descriptor like those of sessions.
fn nowhere() -> PyResult<OwnedFd> {
    Ok(sandbox::lift(File::options().write(true).open("/dev/null")?)?)
}

struct RunningSession<'py, 'input> {
    py: Python<'py>,
    harness: &'input Harness,
    setup: &'input LaneSetup,
    document: Bound<'py, PyString>,
    namespace: Bound<'py, PyDict>,
    main: RefCell<MainFile>,
    titled: RefCell<TitledFiles>,
    request: &'input Request,
    /// The future statements in force, as compiler flags.
    futures: c_int,
    /// CPU time when the last step ended.
    cpu: Duration,
    status: Arc<StatusPipe>,
}

impl RunningSession<'_, '_> {
    fn run_all(mut self, home: &Path, start: Start) -> PyResult<()> {
        if start == Start::Cold {
            self.start(home)?;
        }
        self.enter(home)?;
        if self.request.steps.is_empty() {
            self.harness.call(self.py, "print_loaded", ())?;
        }
        for step in &self.request.steps {
            let finished = self.step(step)?;
            self.status.send(&Reply::Finished(Box::new(finished)));
        }

        let threads: Vec<String> = self.harness.call(self.py, "thread_names", ())?.extract()?;
        if !threads.is_empty() {
            self.status.send(&Reply::Closing { threads });
        }
        self.harness.call(self.py, "close", ())?;
        self.cut()
    }

    /// Runs start code.
    fn start(&self, home: &Path) -> PyResult<()> {
        if let Some(scratch) = &self.request.scratch {
            let temporary = scratch.join("tmp");
            self.harness.call(self.py, "set_environment", (home.as_os_str(), temporary.as_os_str()))?;
        }
        self.harness.call(self.py, "enter", ()).map(drop)
    }

    /// Makes `__main__`.
    fn enter(&mut self, home: &Path) -> PyResult<()> {
        let taken: Vec<&str> = self.request.files.iter().map(|file| file.name.as_str()).collect();
        let paths = self.harness.call(self.py, "main_path", (home.as_os_str(), taken))?;
        let (path, folder): (PathBuf, PathBuf) = paths.extract()?;
        self.titled = RefCell::new(TitledFiles::new(folder));
        let namespace = self.harness.call(self.py, "namespace", (path.to_string_lossy(),))?;
        self.main = RefCell::new(MainFile::new(path));
        self.namespace = namespace.cast_into::<PyDict>()?;
        self.cpu = cpu_time();
        Ok(())
    }

    fn step(&mut self, step: &Step) -> PyResult<FinishedStep> {
        let started = monotonic();
        let stretch = Stretch::begin(step.clock == Clock::Real);
        let mut notes = Vec::new();
        self.write_titled(step, &mut notes)?;
        for file in &step.files {
            if let Err(error) = fixture::copy(file) {
                notes.push(format!("cannot copy `{}`: {error}", file.from.display()));
            }
        }

        let is_of_document = step.file == self.request.document;
        let script = (step.namespace == Namespace::Fresh).then(|| self.start_script());
        if is_of_document {
            self.show(step)?;
        }
        self.harness.call(self.py, "reopen", ())?;
        let collector = self.harness.call(self.py, "collector", ())?.cast_into::<PyTuple>()?;
        let Ran { end, value } = self.run(step, &mut notes)?;
        if is_of_document {
            self.harness.call(self.py, "restore_collector", &collector)?;
        }
        if !self.status.is_ours() {
            self.leave(&end);
        }

        if let Some(script) = script {
            self.main.replace(script);
        }

        let passed = stretch.as_ref().map_or_else(Passed::default, Stretch::passed);
        self.harness.call(self.py, "settle", (SETTLE_SECONDS,))?;
        self.cut()?;

        let now = cpu_time();
        let cpu = now.saturating_sub(std::mem::replace(&mut self.cpu, now));
        Ok(FinishedStep {
            end,
            value,
            wall: monotonic().saturating_sub(started).into(),
            cpu: cpu.into(),
            clock: if stretch.is_some() { step.clock } else { Clock::Real },
            passed: passed.time.into(),
            timed: passed.used,
            notes,
        })
    }

    /// Puts the files beside the snippet that blocks up to this one show under their names.
    fn write_titled(&self, step: &Step, notes: &mut Vec<String>) -> PyResult<()> {
        let mut titled = self.titled.borrow_mut();
        let written = titled.write(&self.request.files, step.titled);
        notes.extend(written.notes);
        for file in written.files {
            let path = titled.path(file);
            self.harness.call(self.py, "titled_file", (path.as_os_str(), &file.name, &file.text))?;
        }
        Ok(())
    }

    /// A script that begins anew at the same path. Returns the session's.
    fn start_script(&self) -> MainFile {
        let path = self.main.borrow().path.clone();
        self.main.replace(MainFile::new(path))
    }

    /// Lets the code be found by those who look for it: `linecache`, child processes. Console examples do so themselves,
    /// one by one.
    fn show(&mut self, step: &Step) -> PyResult<()> {
        match (&step.mode, &step.namespace) {
            (Mode::Console { .. }, _) => return Ok(()),
            (Mode::Script { .. }, Namespace::Shared | Namespace::Fresh) => {
                self.main.borrow_mut().append(self.py, self.harness, step)?;
            }
            (Mode::Script { .. }, Namespace::Module { .. }) => {}
        }
        self.harness.call(self.py, "show", (&self.document, step.line.0, &step.code)).map(drop)
    }

    fn run(&mut self, step: &Step, notes: &mut Vec<String>) -> PyResult<Ran> {
        let py = self.py;
        let is_of_document = step.file == self.request.document;
        let file = if is_of_document { self.document.clone() } else { PyString::new(py, &step.file) };
        let (line, code) = (step.line.0, step.code.as_str());
        let source = PythonSource { file: &file, line, code, probes: None };

        let mut executor = Executor {
            py,
            harness: self.harness,
            setup: self.setup,
            status: &self.status,
            main: &self.main,
            namespace: self.namespace.clone(),
            futures: self.futures,
            in_loop: compile_mode::wants_loop(code),
        };
        if let Err(error) = executor.enter(&step.namespace) {
            return Ok(Ran { end: executor.raised(source, &error)?, value: None });
        }

        if let Some(package) = &step.package {
            executor.namespace.set_item("__package__", package)?;
        }

        let mut ran = match &step.mode {
            Mode::Script { watched, until } if watched.is_empty() => executor.run_script(source, *until),
            Mode::Script { watched, until } => {
                let probes = Probes::new(py, watched, &Ledger::new(Arc::clone(&self.status)))?;
                executor.run_script(PythonSource { probes: Some(&probes), ..source }, *until)
            }
            Mode::Console { examples } => {
                executor.run_console(source, examples).map(|end| Ran { end, value: None })
            }
        };
        if let (Mode::Script { .. }, Ok(Ran { end, .. })) = (&step.mode, &ran)
            && is_of_document
            && self.status.is_ours()
            && let Some(line) = end.line()
        {
            self.main.borrow_mut().end_at(py, self.harness, line.0)?;
        }
        if let (Mode::Script { .. }, Ok(Ran { end: end @ StepEnd::Completed, .. })) = (&step.mode, &mut ran)
            && is_of_document
            && own_tests::may_define_tests(code)
        {
            *end = executor.run_tests(source, notes)?;
        }

        if step.package.is_some() {
            executor.namespace.set_item("__package__", py.None())?;
        }
        if step.namespace == Namespace::Shared {
            self.futures = executor.futures;
        }
        executor.leave(&step.namespace)?;
        ran
    }

    /// Ends a copy of the process that the snippet has forked and let run on. Its parent reports the step.
    fn leave(&self, end: &StepEnd) -> ! {
        let code = match end {
            StepEnd::Completed => 0,
            StepEnd::Exited { code, .. } => *code,
            StepEnd::Raised { exception, .. } => {
                // Its stderr is where a script's would go.
                let _ = std::io::stderr().write_all(exception.traceback.as_bytes());
                1
            }
        };

        // Nobody is left to hear of an error.
        let _ = self.harness.call(self.py, "close", ());
        let _ = self.harness.out.borrow_mut(self.py).send();
        let _ = self.harness.err.borrow_mut(self.py).send();
        // SAFETY: _exit(2) takes any code and does not return.
        unsafe { nix::libc::_exit(code) }
    }

    /// Marks the end of the step's output in both streams.
    fn cut(&self) -> PyResult<()> {
        self.harness.out.borrow_mut(self.py).end(Mark::Cut)?;
        self.harness.err.borrow_mut(self.py).end(Mark::Cut)?;
        Ok(())
    }
}

/// Of the machine's clock, whatever the session's shows.
fn monotonic() -> Duration {
    Duration::from_nanos(real_nanoseconds())
}
