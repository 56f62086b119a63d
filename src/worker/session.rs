//! Runs the steps of one session, in a process that is theirs alone.

use std::ffi::c_int;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::clock::{Passed, Stretch, real_nanoseconds};
use crate::model::policy::{Clock, Limits};
use crate::model::snippet::Namespace;
use crate::sandbox::SessionDescriptors;
use crate::wire::{FinishedStep, Mark, Mode, Reply, Request, Step, StepEnd};
use crate::worker::executor::Executor;
use crate::worker::executor::compile_mode;
use crate::worker::executor::own_tests;
use crate::worker::fixture;
use crate::worker::harness::Harness;
use crate::worker::interpreter::ConfinedLane;
use crate::worker::main_file::MainFile;
use crate::worker::probe::{Ledger, Probes};
use crate::worker::stacks;
use crate::worker::statement::PythonSource;
use crate::worker::status_pipe::StatusPipe;

/// How long a snippet's threads may take to end before they are taken for residents.
const SETTLE_SECONDS: f64 = 0.5;

/// Runs all steps, reporting each, and ends the process as the interpreter would. Returns only if that fails.
pub(super) fn run(
    py: Python<'_>,
    harness: &Harness,
    lane: &ConfinedLane,
    request: &Request,
    (descriptors, home): (SessionDescriptors, &Path),
) {
    let SessionDescriptors { stdout, stderr, status, stacks: pipe } = descriptors;
    let token = request.token;
    // Before anything that may fork: a copy is to know that it is one.
    let status = Arc::new(StatusPipe::new(status, token, lane.confinement.copies.clone()));
    let document = PyString::new(py, &request.document);
    harness.out.borrow_mut(py).open(token, document.clone().unbind(), stdout);
    harness.err.borrow_mut(py).open(token, document.clone().unbind(), stderr);
    let surroundings = (document, home, Arc::clone(&status));
    if let Some(pipe) = pipe
        && let Err(error) = stacks::tell(py, harness, pipe)
    {
        error.print(py);
    }
    let ended =
        RunningSession::start(harness, &lane.setup.limits, request, surroundings).and_then(|mut session| {
            if request.steps.is_empty() {
                harness.call(py, "print_loaded", ())?;
            }
            for step in &request.steps {
                let finished = session.step(step)?;
                status.send(&Reply::Finished(Box::new(finished)));
            }
            let threads: Vec<String> = harness.call(py, "thread_names", ())?.extract()?;
            if !threads.is_empty() {
                status.send(&Reply::Closing { threads });
            }
            harness.call(py, "close", ())?;
            session.cut()
        });
    if let Err(error) = ended {
        // Ours or an exit handler's: it belongs to the output, where a script's would be.
        error.print(py);
        let _ = harness.out.borrow_mut(py).send();
        let _ = harness.err.borrow_mut(py).send();
    }
}

struct RunningSession<'py, 'request> {
    py: Python<'py>,
    harness: &'request Harness,
    limits: &'request Limits,
    document: Bound<'py, PyString>,
    namespace: Bound<'py, PyDict>,
    main: MainFile,
    request: &'request Request,
    futures: c_int,
    /// CPU time when the last step ended.
    cpu: Duration,
    status: Arc<StatusPipe>,
}

impl<'py, 'request> RunningSession<'py, 'request> {
    fn start(
        harness: &'request Harness,
        limits: &'request Limits,
        request: &'request Request,
        (document, home, status): (Bound<'py, PyString>, &Path, Arc<StatusPipe>),
    ) -> PyResult<Self> {
        let py = document.py();
        if let Some(scratch) = &request.scratch {
            harness.call(py, "set_environment", (home.as_os_str(), scratch.join("tmp").as_os_str()))?;
        }
        harness.call(py, "enter", ())?;
        let main = MainFile::new(home.join("main.py"));
        let namespace =
            harness.call(py, "namespace", (main.path.to_string_lossy(),))?.cast_into::<PyDict>()?;
        Ok(Self {
            py,
            harness,
            limits,
            document,
            namespace,
            main,
            request,
            futures: 0,
            cpu: cpu_time(),
            status,
        })
    }

    fn step(&mut self, step: &Step) -> PyResult<FinishedStep> {
        let started = monotonic();
        let stretch = Stretch::begin(step.clock == Clock::Real);
        let mut notes = Vec::new();
        for file in &step.files {
            if let Err(error) = fixture::copy(file) {
                notes.push(format!("cannot copy `{}`: {error}", file.from.display()));
            }
        }
        if step.file == self.request.document {
            self.show(step)?;
        }
        let collector = self.harness.call(self.py, "collector", ())?.cast_into::<PyTuple>()?;
        let (end, value) = self.run(step, &mut notes)?;
        if step.file == self.request.document {
            self.harness.call(self.py, "restore_collector", &collector)?;
        }
        if !self.status.is_ours() {
            self.leave(&end);
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

    /// Lets the code be found by those who look for it: `linecache`, child processes. Examples show themselves.
    fn show(&mut self, step: &Step) -> PyResult<()> {
        match (&step.mode, &step.namespace) {
            (Mode::Console { .. }, _) => return Ok(()),
            (Mode::Script { .. }, Namespace::Shared) if self.is_plain(step) => self.main.append(step),
            (Mode::Script { .. }, Namespace::Fresh) if self.is_plain(step) => {
                MainFile::new(self.main.path.clone()).append(step);
            }
            (Mode::Script { .. }, Namespace::Shared | Namespace::Fresh | Namespace::Module { .. }) => {}
        }
        self.harness.call(self.py, "show", (&self.document, step.line.0, &step.code)).map(drop)
    }

    /// Whether a child process could import it: `await` at the top level is an error there.
    fn is_plain(&self, step: &Step) -> bool {
        !step.code.contains("await") || self.harness.compiler.is_plain(self.py, &step.code)
    }

    fn run(&mut self, step: &Step, notes: &mut Vec<String>) -> PyResult<(StepEnd, Option<String>)> {
        let py = self.py;
        let file = if step.file == self.request.document {
            self.document.clone()
        } else {
            PyString::new(py, &step.file)
        };
        let mut executor = Executor {
            py,
            harness: self.harness,
            limits: self.limits,
            status: &self.status,
            namespace: self.namespace.clone(),
            futures: self.futures,
            in_loop: compile_mode::wants_loop(&step.code),
        };
        let (line, code) = (step.line.0, step.code.as_str());
        let source = PythonSource { file: &file, line, code, probes: None };
        if let Err(error) = executor.enter(&step.namespace, &self.main) {
            return Ok((executor.raised(source, &error)?, None));
        }
        let mut ended = match &step.mode {
            Mode::Script { watched, until } if watched.is_empty() => executor.run_script(source, *until),
            Mode::Script { watched, until } => {
                let probes = Probes::call(py, watched, &Ledger::new(Arc::clone(&self.status)))?;
                executor.run_script(PythonSource { probes: Some(&probes), ..source }, *until)
            }
            Mode::Console { examples } => executor.run_console(source, examples).map(|end| (end, None)),
        };
        if let (Mode::Script { .. }, Ok((end @ StepEnd::Completed, _))) = (&step.mode, &mut ended)
            && step.file == self.request.document
            && own_tests::may_define_tests(code)
        {
            *end = executor.run_tests(source, notes)?;
        }
        if step.namespace == Namespace::Shared {
            self.futures = executor.futures;
        }
        executor.leave(&step.namespace)?;
        ended
    }

    /// The end of a copy that the snippet has forked and let run on. Its parent reports the step.
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
        // SAFETY: _exit(2) does not return.
        unsafe { nix::libc::_exit(code) }
    }

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

/// CPU time of this process and of its children that have been waited for.
fn cpu_time() -> Duration {
    let own = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from);
    let children = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_or(0, |usage| usage.user_time().num_microseconds() + usage.system_time().num_microseconds());
    own + Duration::from_micros(children.cast_unsigned())
}
