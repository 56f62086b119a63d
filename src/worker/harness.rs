//! What all sessions of a lane share: the Python beside ours, the compiler, the two streams.

use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::worker::copy;
use crate::worker::statement::Compiler;
use crate::worker::stream::Stream;

/// The Python side, loaded once per lane.
pub(super) struct Harness {
    globals: Py<PyDict>,
    pub(super) compiler: Compiler,
    pub(super) out: Py<Stream>,
    pub(super) err: Py<Stream>,
}

impl Harness {
    /// `networks` is what exceptions about the network are judged by.
    pub(super) fn load(py: Python<'_>, networks: &str) -> PyResult<Self> {
        let globals = PyDict::new(py);
        globals.set_item("__name__", "snipcheck")?;
        for text in [include_str!("harness.py"), include_str!("failures.py")] {
            py.run(&std::ffi::CString::new(text)?, Some(&globals), None)?;
        }
        let (out, err) = (Py::new(py, Stream::new(1))?, Py::new(py, Stream::new(2))?);
        let harness = Self { globals: globals.unbind(), compiler: Compiler::load(py)?, out, err };
        harness.call(py, "install_streams", (&harness.out, &harness.err))?;
        harness.call(py, "set_networks", (networks,))?;
        copy::load(py, &harness.globals.bind(py).as_any().get_item("kind_of")?)?;
        Ok(harness)
    }

    /// Names what every session enters before its first step.
    pub(super) fn prepare(
        &self,
        py: Python<'_>,
        environment: Option<&Path>,
        pythonpath: &[PathBuf],
    ) -> PyResult<()> {
        let prefix = environment.and_then(Path::parent).and_then(Path::parent);
        let texts = (environment.map(Path::as_os_str), prefix.map(Path::as_os_str));
        let folders: Vec<_> = pythonpath.iter().map(|folder| folder.as_os_str()).collect();
        self.call(py, "prepare", (texts.0, texts.1, folders)).map(drop)
    }

    pub(super) fn call<'py>(
        &self,
        py: Python<'py>,
        function: &str,
        arguments: impl pyo3::call::PyCallArgs<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.globals.bind(py).as_any().get_item(function)?.call1(arguments)
    }
}
