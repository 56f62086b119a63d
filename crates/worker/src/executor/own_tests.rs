//! Runs the tests that a snippet defines, once its last statement has finished.

use std::ffi::CString;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::executor::Executor;
use crate::statement::PythonSource;
use snipcheck_wire::StepEnd;

/// Whether the code may define tests. Loading what runs them would cost every other snippet time.
pub(crate) fn may_define_tests(code: &str) -> bool {
    code.contains("def test")
}

impl<'py> Executor<'py, '_> {
    /// `StepEnd::Completed` unless a test fails. `notes` gets a sentence for each test that fails or does not run.
    pub(crate) fn run_tests(
        &self,
        source: PythonSource<'_, 'py>,
        notes: &mut Vec<String>,
    ) -> PyResult<StepEnd> {
        match self.tested(source) {
            Ok((more, error)) => {
                notes.extend(more);
                error.map_or(Ok(StepEnd::Completed), |error| self.raised(source, &PyErr::from_value(error)))
            }
            Err(error) => self.raised(source, &error),
        }
    }

    fn tested(&self, source: PythonSource<'_, 'py>) -> PyResult<(Vec<String>, Option<Bound<'py, PyAny>>)> {
        let globals = PyDict::new(self.py);
        globals.set_item("__name__", "snipcheck")?;
        globals.set_item("standard", self.harness.named(self.py, "standard")?)?;
        let text = CString::new(include_str!("own_tests.py"))?;
        self.py.run(&text, Some(&globals), None)?;

        let run = globals.as_any().get_item("run")?;
        run.call1((&self.namespace, source.file, source.line, source.code))?.extract()
    }
}
