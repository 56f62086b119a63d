//! What all sessions of a lane share: the Python side of the worker, the compiler, the two streams.

use std::path::Path;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::own_code::{OwnCode, OwnText};
use crate::statement::Compiler;
use crate::stream::{MarkedStream, Turns};
use crate::trial_process;
use snipcheck_clock as clock;
use snipcheck_wire::{LaneSetup, SEARCH_PATH, StartCode};

/// Seconds until the first of the session's other threads and processes has slept enough. `None` where none of them
/// waits for a time, and on the real clock.
#[pyfunction]
fn next_deadline() -> Option<f64> {
    clock::next_deadline().map(|left| left.as_secs_f64())
}

/// The Python side, loaded once per lane.
pub(super) struct Harness {
    globals: Py<PyDict>,
    pub(super) compiler: Compiler,
    pub(super) out: Py<MarkedStream>,
    pub(super) err: Py<MarkedStream>,
}

impl Harness {
    /// `networks` is what exceptions about the network are judged by.
    pub(super) fn load(py: Python<'_>, own_code: &OwnCode, networks: &str) -> PyResult<Self> {
        let globals = PyDict::new(py);
        globals.set_item("__name__", "snipcheck")?;
        globals.set_item("next_deadline", wrap_pyfunction!(next_deadline, py)?)?;
        let parts = [
            OwnText::Harness,
            OwnText::Standard,
            OwnText::Threads,
            OwnText::MainFile,
            OwnText::Module,
            OwnText::Titled,
            OwnText::Start,
            OwnText::Packages,
            OwnText::Failures,
            OwnText::Asserts,
        ];
        for text in parts {
            own_code.run(text, &globals)?;
        }

        let turns = Arc::new(Turns::default());
        let out = Py::new(py, MarkedStream::new(1, Arc::clone(&turns)))?;
        let err = Py::new(py, MarkedStream::new(2, turns))?;
        let compiler = Compiler::load(py, own_code, &globals.as_any().get_item("keep_operands")?)?;
        let harness = Self { globals: globals.unbind(), compiler, out, err };

        harness.call(py, "install_streams", (&harness.out, &harness.err))?;
        harness.call(py, "set_networks", (networks,))?;
        trial_process::load(py, own_code, &harness.globals.bind(py).as_any().get_item("kind_of")?)?;
        Ok(harness)
    }

    /// Starts the interpreter as far as a lane may, and names what every session does before its first step.
    pub(super) fn prepare(&self, py: Python<'_>, setup: &LaneSetup) -> PyResult<()> {
        let executable = setup.environment.as_deref();
        let prefix = executable.and_then(Path::parent).and_then(Path::parent);
        let search = setup.variables.iter().rev().find(|(name, _)| name == SEARCH_PATH);
        let search = search.map(|(_, value)| value.as_os_str());
        let texts = (executable.map(Path::as_os_str), prefix.map(Path::as_os_str), search);
        self.call(py, "prepare_start", texts)?;

        if setup.start_code == StartCode::Omitted {
            self.call(py, "omit_start_code", ())?;
        }

        let folders = self.globals.bind(py).as_any().get_item("folders")?;
        for folder in &setup.pythonpath {
            folders.call_method1("append", (folder.as_os_str(),))?;
        }
        Ok(())
    }

    pub(super) fn call<'py>(
        &self,
        py: Python<'py>,
        function: &str,
        arguments: impl pyo3::call::PyCallArgs<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.named(py, function)?.call1(arguments)
    }

    /// What the Python side has under this name.
    pub(super) fn named<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        self.globals.bind(py).as_any().get_item(name)
    }
}
