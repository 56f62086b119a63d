//! Compiles the statements of a snippet, with probes in those that are watched, and evaluates them.

use std::ffi::c_int;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use crate::asserts;
use crate::ffi;
use crate::own_code::{OwnCode, OwnText};
use crate::probe::{Probes, ValueProbe};

/// `ast.PyCF_ONLY_AST` and `ast.PyCF_ALLOW_TOP_LEVEL_AWAIT` (Include/cpython/compile.h, equal in 3.11 to 3.14).
const ONLY_AST: c_int = 0x0400;
const TOP_LEVEL_AWAIT: c_int = 0x2000;
/// The bits of `co_flags` that a `from __future__ import` sets (`PyCF_MASK`).
const FUTURES: c_int = 0x01fe_0000;
/// `inspect.CO_COROUTINE`: the statement awaits.
const COROUTINE: c_int = 0x0080;

/// What it takes to compile, looked up once per lane: functions and node types of Python, and those of `insert.py`.
pub(super) struct Compiler {
    compile: Py<PyAny>,
    module: Py<PyAny>,
    expression: Py<PyAny>,
    expression_statement: Py<PyAny>,
    constant: Py<PyAny>,
    insert: Py<PyAny>,
    probes_after: Py<PyAny>,
    bind: Py<PyAny>,
    operations: Py<PyAny>,
    interactive: Py<PyAny>,
    /// Of `asserts.py`.
    keep_operands: Py<PyAny>,
}

/// A statement ready to run.
pub(super) struct Statement<'py> {
    pub(super) code: Bound<'py, PyAny>,
    /// Whether the value of the statement is the value of the snippet.
    pub(super) is_value: bool,
    /// Whether evaluating the code gives a coroutine.
    pub(super) awaits: bool,
    /// The future statements in force after the statement, as compiler flags.
    pub(super) futures: c_int,
}

impl Compiler {
    pub(super) fn load(
        py: Python<'_>,
        own_code: &OwnCode,
        keep_operands: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let ast = py.import("_ast")?;
        let names = PyDict::new(py);
        names.set_item("__name__", "snipcheck")?;
        own_code.run(OwnText::Insert, &names)?;

        Ok(Self {
            compile: py.import("builtins")?.getattr("compile")?.unbind(),
            module: ast.getattr("Module")?.unbind(),
            expression: ast.getattr("Expression")?.unbind(),
            expression_statement: ast.getattr("Expr")?.unbind(),
            constant: ast.getattr("Constant")?.unbind(),
            insert: names.as_any().get_item("insert")?.unbind(),
            probes_after: names.as_any().get_item("probes_after")?.unbind(),
            bind: names.as_any().get_item("bind")?.unbind(),
            operations: names.as_any().get_item("operations")?.unbind(),
            interactive: ast.getattr("Interactive")?.unbind(),
            keep_operands: keep_operands.clone().unbind(),
        })
    }

    /// The top-level statements of the source.
    pub(super) fn parse<'py>(
        &self,
        source: PythonSource<'_, 'py>,
        futures: c_int,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = source.file.py();
        let flags = ONLY_AST | TOP_LEVEL_AWAIT | futures;
        let tree =
            self.compile.bind(py).call1((source.padded(), source.file, intern!(py, "exec"), flags, true))?;
        Ok(tree.getattr(intern!(py, "body"))?.cast_into::<PyList>()?)
    }

    /// All statements as one.
    pub(super) fn compile_whole<'py>(
        &self,
        source: PythonSource<'_, 'py>,
        futures: c_int,
    ) -> PyResult<Statement<'py>> {
        if source.probes.is_some() || source.has_operands_to_keep() {
            return self.compile_body(source, self.parse(source, futures)?, futures);
        }

        let py = source.file.py();
        let flags = TOP_LEVEL_AWAIT | futures;
        let code =
            self.compile.bind(py).call1((source.padded(), source.file, intern!(py, "exec"), flags, true))?;
        Statement::new(code, ValueIs::Nobodys, futures)
    }

    /// A statement as a prompt compiles it: values of expressions go to `sys.displayhook`.
    pub(super) fn compile_single<'py>(
        &self,
        source: PythonSource<'_, 'py>,
        futures: c_int,
    ) -> PyResult<Statement<'py>> {
        let py = source.file.py();
        let flags = TOP_LEVEL_AWAIT | futures;
        let single = intern!(py, "single");
        let compile = self.compile.bind(py);
        if !source.has_operands_to_keep() {
            let code = compile.call1((source.padded(), source.file, single, flags, true))?;
            return Statement::new(code, ValueIs::Nobodys, futures);
        }

        let tree = compile.call1((source.padded(), source.file, single, ONLY_AST | flags, true))?;
        let body = tree.getattr(intern!(py, "body"))?.cast_into::<PyList>()?;
        let operands = self.keep_operands.bind(py).call1((&body,))?;
        let tree = self.interactive.bind(py).call1((body,))?;
        let code = compile.call1((tree, source.file, single, flags, true))?;
        let code = self.bind.bind(py).call1((code, operands))?;
        Statement::new(code, ValueIs::Nobodys, futures)
    }

    /// One top-level statement. The last one gives its value if it is an expression.
    pub(super) fn compile<'py>(
        &self,
        source: PythonSource<'_, 'py>,
        node: Bound<'py, PyAny>,
        position: Position,
        futures: c_int,
    ) -> PyResult<Statement<'py>> {
        let py = source.file.py();
        if position != Position::Last || !node.is_instance(self.expression_statement.bind(py))? {
            return self.compile_body(source, PyList::new(py, [node])?, futures);
        }

        let tree = self.expression.bind(py).call1((node.getattr(intern!(py, "value"))?,))?;
        let flags = TOP_LEVEL_AWAIT | futures;
        let code = self.compile.bind(py).call1((tree, source.file, intern!(py, "eval"), flags, true))?;
        Statement::new(code, ValueIs::TheSnippets, futures)
    }

    /// The probes that come after a statement, for one that is compiled as an expression.
    pub(super) fn compile_probes_after<'py>(
        &self,
        source: PythonSource<'_, 'py>,
        node: &Bound<'py, PyAny>,
        futures: c_int,
    ) -> PyResult<Option<Statement<'py>>> {
        let Some(probes) = source.probes else { return Ok(None) };
        let body = self.probes_after.bind(node.py()).call1((node, &probes.looks))?.cast_into::<PyList>()?;
        if body.is_empty() { Ok(None) } else { self.compile_with_probes(source, body, futures).map(Some) }
    }

    fn compile_body<'py>(
        &self,
        source: PythonSource<'_, 'py>,
        body: Bound<'py, PyList>,
        futures: c_int,
    ) -> PyResult<Statement<'py>> {
        let py = source.file.py();
        if let Some(probes) = source.probes {
            self.insert.bind(py).call1((&body, &probes.looks))?;
        }
        if !source.has_operands_to_keep() {
            return self.compile_with_probes(source, body, futures);
        }

        let operands = self.keep_operands.bind(py).call1((&body,))?;
        let statement = self.compile_with_probes(source, body, futures)?;
        let code = self.bind.bind(py).call1((statement.code, operands))?;
        Ok(Statement { code, ..statement })
    }

    /// Compiles statements that the names of probes are inserted into, and puts the probes in the place of their names.
    fn compile_with_probes<'py>(
        &self,
        source: PythonSource<'_, 'py>,
        body: Bound<'py, PyList>,
        futures: c_int,
    ) -> PyResult<Statement<'py>> {
        let py = source.file.py();
        let tree = self.module.bind(py).call1((body, PyList::empty(py)))?;
        let flags = TOP_LEVEL_AWAIT | futures;
        let mut code = self.compile.bind(py).call1((tree, source.file, intern!(py, "exec"), flags, true))?;

        if let Some(probes) = source.probes {
            if !probes.operations.is_empty() {
                let lines: Vec<u32> = probes.operations.keys().map(|place| place.line.0).collect();
                probes.report_operations(self.operations.bind(py).call1((&code, lines))?.extract()?);
            }
            code = self.bind.bind(py).call1((code, &probes.by_name))?;
        }
        Statement::new(code, ValueIs::Nobodys, futures)
    }

    /// Whether a statement is a string alone, which does nothing. Compiled by itself it would become the docstring of
    /// `__main__`.
    pub(super) fn is_text(&self, node: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = node.py();
        if !node.is_instance(self.expression_statement.bind(py))? {
            return Ok(false);
        }

        let value = node.getattr(intern!(py, "value"))?;
        Ok(value.is_instance(self.constant.bind(py))?
            && value.getattr(intern!(py, "value"))?.is_instance_of::<PyString>())
    }
}

/// Python text and where it begins in its file.
#[derive(Clone, Copy)]
pub(super) struct PythonSource<'a, 'py> {
    /// `co_filename`.
    pub(super) file: &'a Bound<'py, PyString>,
    pub(super) line: u32,
    pub(super) code: &'a str,
    /// The probes of its statements, if some are watched.
    pub(super) probes: Option<&'a Probes<'py>>,
}

impl<'py> PythonSource<'_, 'py> {
    /// The probe of the value of a statement.
    pub(super) fn probe(&self, node: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, ValueProbe>>> {
        let Some(probes) = self.probes else { return Ok(None) };
        probes.at(node)
    }

    fn has_operands_to_keep(&self) -> bool {
        asserts::are_to_be_kept(self.code)
    }

    /// Blank lines before the code are the cheapest way to tell the compiler where the document has it.
    fn padded(&self) -> String {
        let blank = self.line.saturating_sub(1) as usize;
        let mut text = String::with_capacity(blank + self.code.len());
        text.extend(std::iter::repeat_n('\n', blank));
        text.push_str(self.code);
        text
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ValueIs {
    TheSnippets,
    Nobodys,
}

impl<'py> Statement<'py> {
    fn new(code: Bound<'py, PyAny>, value: ValueIs, futures: c_int) -> PyResult<Self> {
        let flags: c_int = code.getattr(intern!(code.py(), "co_flags"))?.extract()?;
        let is_value = value == ValueIs::TheSnippets;
        Ok(Self { code, is_value, awaits: flags & COROUTINE != 0, futures: futures | (flags & FUTURES) })
    }
}

pub(super) fn first_line(node: &Bound<'_, PyAny>) -> PyResult<u32> {
    node.getattr(intern!(node.py(), "lineno"))?.extract()
}

pub(super) fn last_line(node: &Bound<'_, PyAny>) -> PyResult<u32> {
    node.getattr(intern!(node.py(), "end_lineno"))?.extract()
}

/// Where a statement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatementEnd {
    /// The last line, from 1.
    pub(super) line: u32,
    /// In the last line, in bytes, as the compiler counts.
    pub(super) offset: usize,
}

pub(super) fn end(node: &Bound<'_, PyAny>) -> PyResult<StatementEnd> {
    let offset = node.getattr(intern!(node.py(), "end_col_offset"))?.extract()?;
    Ok(StatementEnd { line: last_line(node)?, offset })
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Inner,
    Last,
}

/// Evaluates code with no Python frame below, so that the snippet's frame is the outermost one.
pub(super) fn evaluate<'py>(
    code: &Bound<'py, PyAny>,
    namespace: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = code.py();
    // SAFETY: the GIL is held, `code` is a code object and the namespace a dict; the result is a new reference or null.
    unsafe {
        let value = ffi::PyEval_EvalCode(code.as_ptr(), namespace.as_ptr(), namespace.as_ptr());
        Bound::from_owned_ptr_or_err(py, value)
    }
}
