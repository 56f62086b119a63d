//! Runs a step as an interactive session runs: one example after the other, whatever one of them raises.

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::executor::Executor;
use crate::statement::PythonSource;
use snipcheck_model::outcome::{ExampleEnd, Exception};
use snipcheck_model::snippet::Example;
use snipcheck_wire::{Fact, Mark, StepEnd};

impl<'py> Executor<'py, '_> {
    pub(crate) fn run_console(
        &mut self,
        source: PythonSource<'_, 'py>,
        examples: &[Example],
    ) -> PyResult<StepEnd> {
        self.harness.call(self.py, "enter_console", ())?;
        let ended = self.run_examples(source, examples);
        self.harness.call(self.py, "leave_console", ())?;
        ended
    }

    fn run_examples(&mut self, whole: PythonSource<'_, 'py>, examples: &[Example]) -> PyResult<StepEnd> {
        for example in examples {
            let source = PythonSource { line: example.line.0, code: &example.code, ..whole };
            self.harness.call(self.py, "show", (source.file, source.line, source.code))?;

            let mut end = ExampleEnd::default();
            if let Err(error) = self.run_example(source) {
                if error.is_instance_of::<PyKeyboardInterrupt>(self.py) {
                    return self.raised(source, &error);
                }
                self.reopen_after(&error)?;
                let (exception, _) = self.described(source, &error);
                end = ExampleEnd {
                    headline: Some(self.headline(&error, &exception)),
                    exception: Some(exception),
                };
            }

            // A copy of the process that the example has forked runs on, and the supervisor awaits no ends from it.
            if self.status.is_ours() {
                self.harness.call(self.py, "flush", ())?;
                self.harness.out.borrow_mut(self.py).end(Mark::Example)?;
                self.tell(Fact::Example(end));
            }
        }
        Ok(StepEnd::Completed)
    }

    fn run_example(&mut self, source: PythonSource<'_, 'py>) -> PyResult<()> {
        let statement = self.harness.compiler.compile_single(source, self.futures)?;
        self.evaluate(&statement)?;
        Ok(())
    }

    /// The last lines of a traceback: what was raised. An exception that cannot be formatted is given by its name.
    fn headline(&self, error: &PyErr, exception: &Exception) -> String {
        let headline = self.harness.call(self.py, "headline", (error.value(self.py),));
        headline.and_then(|text| text.extract()).unwrap_or_else(|_| format!("{}\n", exception.kind))
    }
}
