//! The statements after the exception that ended a snippet. A trial process runs them, so that something is known of
//! what they do.

use std::ops::RangeInclusive;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::executor::Executor;
use crate::statement::{self, Position, PythonSource};
use crate::trial_process;
use snipcheck_model::outcome::Value;
use snipcheck_model::snippet::{Line, Look, Place};
use snipcheck_wire::{Fact, StepEnd};

impl<'py> Executor<'py, '_> {
    /// Runs the statements after the one that raised, up to a line, in a trial process: the session sees nothing of
    /// what they do.
    pub(crate) fn run_rest_in_trial(
        &mut self,
        source: PythonSource<'_, 'py>,
        end: &StepEnd,
        until: Option<Line>,
    ) {
        let (StepEnd::Raised { exception, .. }, Some(until)) = (end, until) else { return };
        let raising = exception.frames.iter().find(|frame| frame.document).map(|frame| Line(frame.line));
        let Some(raising) = raising.filter(|line| *line < until) else { return };

        let (py, status) = (self.py, self.status);
        trial_process::run(py, status, |names| {
            // What an error of our own leaves unknown stays unknown.
            let _ = self.run_rest(source, raising..=until, names);
        });
    }

    /// In the trial process: runs the statements one by one, whatever one of them raises. `names` are those of
    /// `trial_process.py`.
    fn run_rest(
        &mut self,
        source: PythonSource<'_, 'py>,
        lines: RangeInclusive<Line>,
        names: &Bound<'py, PyDict>,
    ) -> PyResult<()> {
        let body = self.harness.compiler.parse(source, self.futures)?;
        self.harness.out.borrow_mut(self.py).put_aside();
        self.main.borrow_mut().freeze();

        for node in body.iter() {
            let first = Line(statement::first_line(&node)?);
            if first <= *lines.start() {
                continue;
            }
            if first > *lines.end() {
                break;
            }

            let ended = self.statement(source, &node, Position::Inner);
            let raised = ended.as_ref().err().map(|error| error.value(self.py));
            let is_own = !names.as_any().get_item("has_refused")?.call1((raised,))?.extract::<bool>()?;
            if let Err(error) = ended
                && is_own
            {
                self.report_if_expected(source, &error)?;
            }

            self.harness.call(self.py, "flush", ())?;
            let written = self.harness.out.borrow_mut(self.py).put_aside();
            if !written.is_empty() {
                let at = Place { line: first, column: 0 };
                let text = Some(String::from_utf8_lossy(&written).into_owned());
                self.tell(Fact::Value(Value { at, look: Look::Output, repr: None, text }));
            }
        }
        Ok(())
    }
}
