//! What the code of a step runs in: names, the future statements in force, a loop.

pub(super) mod compile_mode;
mod console;
mod expected_exception;
mod forked_trial;
pub(super) mod own_tests;
mod script;

use std::cell::RefCell;
use std::ffi::c_int;
use std::sync::Arc;

use pyo3::exceptions::{PyMemoryError, PyOSError, PySystemExit};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::exception::{self, DescribedBlame};
use crate::ffi;
use crate::harness::Harness;
use crate::main_file::MainFile;
use crate::statement::{self, PythonSource, Statement, evaluate};
use crate::status_pipe::StatusPipe;
use crate::usage;
use snipcheck_model::outcome::Exception;
use snipcheck_model::snippet::{Line, Namespace};
use snipcheck_wire::{Fact, LaneSetup, Reply, StepEnd};

/// How a step ended, and the `repr` of its last expression if that had a value.
pub(super) struct Ran {
    pub(super) end: StepEnd,
    pub(super) value: Option<String>,
}

pub(super) struct Executor<'py, 'request> {
    pub(super) py: Python<'py>,
    pub(super) harness: &'request Harness,
    pub(super) setup: &'request LaneSetup,
    pub(super) status: &'request Arc<StatusPipe>,
    pub(super) main: &'request RefCell<MainFile>,
    pub(super) namespace: Bound<'py, PyDict>,
    /// The future statements in force, as compiler flags.
    pub(super) futures: c_int,
    /// Whether statements run inside of the session's event loop.
    pub(super) in_loop: bool,
}

impl<'py> Executor<'py, '_> {
    /// Changes to the namespace that a step starts with. An error is one of the snippet, whose module it imports.
    pub(super) fn enter(&mut self, namespace: &Namespace) -> PyResult<()> {
        match namespace {
            Namespace::Shared => {}
            Namespace::Fresh => {
                let names = self.harness.call(
                    self.py,
                    "enter_fresh",
                    (self.main.borrow().path.to_string_lossy(),),
                )?;
                (self.namespace, self.futures) = (names.cast_into()?, 0);
            }
            Namespace::Module { name, folder, above } => {
                let copied = self.harness.call(self.py, "copied", (name, folder, *above))?;
                (self.namespace, self.futures) = copied.extract()?;
            }
        }
        Ok(())
    }

    /// Changes back to the namespace of the session.
    pub(super) fn leave(self, namespace: &Namespace) -> PyResult<()> {
        match namespace {
            Namespace::Shared | Namespace::Module { .. } => {}
            Namespace::Fresh => drop(self.harness.call(self.py, "leave_fresh", ())?),
        }
        Ok(())
    }

    pub(super) fn evaluate(&mut self, statement: &Statement<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.futures = statement.futures;
        if self.in_loop && !statement.awaits {
            return self.harness.call(self.py, "run_inside", (&statement.code, &self.namespace));
        }

        let value = evaluate(&statement.code, &self.namespace)?;
        if statement.awaits { self.harness.call(self.py, "run_coroutine", (value,)) } else { Ok(value) }
    }

    pub(super) fn raised(&self, source: PythonSource<'_, 'py>, error: &PyErr) -> PyResult<StepEnd> {
        if error.is_instance_of::<PySystemExit>(self.py) {
            // `sys.exit(object)` prints the object and ends with code 1, also where the object cannot be printed.
            let code = self
                .harness
                .call(self.py, "exit_code", (error.value(self.py),))
                .and_then(|code| code.extract())
                .unwrap_or(1);
            let line = outermost_line(source, error.traceback(self.py).map(Bound::into_any))?;
            let left = line.map_or(Ok(0), |line| self.left_behind(source, line))?;
            return Ok(StepEnd::Exited { code, line, left });
        }

        let (exception, blame) = self.described(source, error);
        let blame = exception::blame(blame, self.setup);
        Ok(StepEnd::Raised { exception, blame })
    }

    pub(super) fn described(
        &self,
        source: PythonSource<'_, 'py>,
        error: &PyErr,
    ) -> (Exception, DescribedBlame) {
        if error.is_instance_of::<PyOSError>(self.py) || error.is_instance_of::<PyMemoryError>(self.py) {
            usage::release_reserves();
        }

        let instance = error.value(self.py);
        if let Some(traceback) = error.traceback(self.py) {
            // SAFETY: both are live objects, the first an exception and the second a traceback. The C function is used
            // because it does not call a `__setattr__` that the class may have.
            unsafe { ffi::PyException_SetTraceback(instance.as_ptr(), traceback.as_ptr()) };
        }

        let described = self.harness.call(self.py, "describe", (instance, source.file));
        let read = described.and_then(|described| exception::read(&described));
        read.unwrap_or_else(|second| (exception::bare(error, &second, self.py), DescribedBlame::default()))
    }

    /// Opens stdin again after `exit()`, which closes it: the code goes on.
    pub(super) fn reopen_after(&self, error: &PyErr) -> PyResult<()> {
        if error.is_instance_of::<PySystemExit>(self.py) {
            self.harness.call(self.py, "reopen", ())?;
        }
        Ok(())
    }

    /// How many top-level statements come after this line.
    fn left_behind(&self, source: PythonSource<'_, 'py>, line: Line) -> PyResult<usize> {
        let body = self.harness.compiler.parse(source, self.futures)?;
        let mut left = 0;
        for node in body.iter() {
            left += usize::from(statement::first_line(&node)? > line.0);
        }
        Ok(left)
    }

    /// Reports a fact, unless this is a fork of the process that reports.
    pub(super) fn tell(&self, fact: Fact) {
        if self.status.is_ours() {
            self.status.send(&Reply::Seen(Box::new(fact)));
        }
    }
}

/// The line of the document in the outermost frame that is one of its own.
fn outermost_line<'py>(
    source: PythonSource<'_, 'py>,
    mut traceback: Option<Bound<'py, PyAny>>,
) -> PyResult<Option<Line>> {
    while let Some(frame) = traceback.filter(|frame| !frame.is_none()) {
        if frame.getattr("tb_frame")?.getattr("f_code")?.getattr("co_filename")?.eq(source.file)? {
            return Ok(Some(Line(frame.getattr("tb_lineno")?.extract()?)));
        }
        traceback = Some(frame.getattr("tb_next")?);
    }
    Ok(None)
}
