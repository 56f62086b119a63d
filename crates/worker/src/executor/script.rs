//! Runs a step as a file runs: as a whole where it can, else one top-level statement after the other.

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::intern;
use pyo3::prelude::*;

use crate::executor::compile_mode;
use crate::executor::expected_exception;
use crate::executor::{Executor, Ran};
use crate::statement::{self, Position, PythonSource, StatementEnd};
use snipcheck_model::outcome::Survived;
use snipcheck_model::snippet::Line;
use snipcheck_wire::{Fact, StepEnd};

/// Exceptions of code that does not compile.
const SYNTAX_ERRORS: [&str; 3] = ["SyntaxError", "IndentationError", "TabError"];
/// Lines that do not compile and may be left out.
const MOST_SYNTAX_ERRORS: usize = 20;

/// Bytes kept of the value of a last expression.
const VALUE_LIMIT: usize = 64 << 10;

impl<'py> Executor<'py, '_> {
    /// Runs the code. If an exception ends it, a trial process runs the statements after that, up to the line `until`.
    pub(crate) fn run_script(&mut self, source: PythonSource<'_, 'py>, until: Option<Line>) -> PyResult<Ran> {
        let valid = self.without_announced_syntax_errors(source);
        let source = PythonSource { code: valid.as_deref().unwrap_or(source.code), ..source };

        let mut last_run = 0;
        if compile_mode::has_no_value(source.code) && !self.namespace.contains(intern!(self.py, "print"))? {
            let Err(error) = self.whole(source) else {
                return Ok(Ran { end: StepEnd::Completed, value: None });
            };
            let Some(line) = self.report_if_expected(source, &error)? else {
                return self.ended_by(source, &error, until);
            };
            last_run = line;
        }

        let body = match self.harness.compiler.parse(source, self.futures) {
            Ok(body) => body,
            Err(error) => return Ok(Ran { end: self.raised(source, &error)?, value: None }),
        };
        let count = body.len();
        let mut value = None;
        for (index, node) in body.iter().enumerate() {
            if statement::last_line(&node)? <= last_run {
                continue;
            }
            if self.harness.compiler.is_text(&node)? && source.probe(&node)?.is_none() {
                continue;
            }

            let position = if index + 1 == count { Position::Last } else { Position::Inner };
            match self.statement(source, &node, position) {
                Ok(shown) => value = shown,
                Err(error) if self.report_if_expected(source, &error)?.is_some() => {}
                Err(error) => return self.ended_by(source, &error, until),
            }
        }
        Ok(Ran { end: StepEnd::Completed, value })
    }

    /// The code with empty lines in the place of those that do not compile, if a comment on each of them announces it.
    fn without_announced_syntax_errors(&self, source: PythonSource<'_, 'py>) -> Option<String> {
        let is_announced = SYNTAX_ERRORS.iter().any(|name| source.code.contains(name));
        if !is_announced {
            return None;
        }

        let mut lines: Vec<&str> = source.code.split('\n').collect();
        let mut survived = Vec::new();
        for _ in 0..MOST_SYNTAX_ERRORS {
            let code = lines.join("\n");
            let tried = PythonSource { code: &code, probes: None, ..source };
            let Err(error) = self.harness.compiler.compile_whole(tried, self.futures) else {
                let is_changed = !survived.is_empty();
                for fact in survived {
                    self.tell(Fact::Survived(fact));
                }
                return is_changed.then_some(code);
            };

            let (exception, _) = self.described(source, &error);
            let Some(line) = exception.line else { break };
            let index = line.0.checked_sub(source.line).and_then(|index| usize::try_from(index).ok());
            let Some(text) = index.and_then(|index| lines.get_mut(index)) else { break };
            if !expected_exception::is_expected_on(text, &exception) {
                break;
            }
            *text = "";
            survived.push(Survived { first: line, last: line, exception });
        }
        None
    }

    fn ended_by(
        &mut self,
        source: PythonSource<'_, 'py>,
        error: &PyErr,
        until: Option<Line>,
    ) -> PyResult<Ran> {
        let end = self.raised(source, error)?;
        self.run_rest_in_trial(source, &end, until);
        Ok(Ran { end, value: None })
    }

    /// Runs all statements at once, where none of them has a value to show.
    fn whole(&mut self, source: PythonSource<'_, 'py>) -> PyResult<()> {
        let statement = self.harness.compiler.compile_whole(source, self.futures)?;
        self.evaluate(&statement)?;
        Ok(())
    }

    /// Runs one statement. The `repr` of its value, where that is the value of the snippet.
    pub(crate) fn statement(
        &mut self,
        source: PythonSource<'_, 'py>,
        node: &Bound<'py, PyAny>,
        position: Position,
    ) -> PyResult<Option<String>> {
        let statement = self.harness.compiler.compile(source, node.clone(), position, self.futures)?;
        let value = self.evaluate(&statement)?;
        if statement.is_value
            && let Some(probe) = source.probe(node)?
        {
            probe.get().see(&value);
        }
        if statement.is_value
            && let Some(probes) = self.harness.compiler.compile_probes_after(source, node, self.futures)?
        {
            self.evaluate(&probes)?;
        }

        if !statement.is_value || value.is_none() {
            return Ok(None);
        }
        let text = value.repr()?.to_string_lossy().into_owned();
        if text.len() <= VALUE_LIMIT {
            return Ok(Some(text));
        }
        let kept = String::from_utf8_lossy(&text.as_bytes()[..VALUE_LIMIT]);
        Ok(Some(format!("{kept}… [{} bytes not kept]", text.len() - VALUE_LIMIT)))
    }

    /// Reports an exception as survived if the comment after its top-level statement expects it, and returns the last
    /// line of that statement.
    pub(crate) fn report_if_expected(
        &self,
        source: PythonSource<'_, 'py>,
        error: &PyErr,
    ) -> PyResult<Option<u32>> {
        let says_nothing = ["#", "\"\"\"", "'''"].iter().all(|sign| !source.code.contains(sign));
        if says_nothing || error.is_instance_of::<PyKeyboardInterrupt>(self.py) {
            return Ok(None);
        }
        let (exception, _) = self.described(source, error);
        let Some(frame) = exception.frames.iter().find(|frame| frame.document) else { return Ok(None) };
        let Ok(body) = self.harness.compiler.parse(source, self.futures) else { return Ok(None) };

        for node in body.iter() {
            let end = statement::end(&node)?;
            if end.line < frame.line {
                continue;
            }

            let in_code =
                StatementEnd { line: (end.line + 1).saturating_sub(source.line), offset: end.offset };
            if !expected_exception::is_expected(source.code, in_code, &exception) {
                return Ok(None);
            }
            let first = Line(statement::first_line(&node)?);
            if self.status.is_ours() {
                self.main.borrow_mut().leave_out(self.py, self.harness, first.0)?;
            }
            self.reopen_after(error)?;
            self.tell(Fact::Survived(Survived { first, last: Line(end.line), exception }));
            return Ok(Some(end.line));
        }
        Ok(None)
    }
}
