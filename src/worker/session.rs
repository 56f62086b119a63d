//! Runs the steps of one session, in a process that is theirs alone.

use std::ffi::c_int;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};
use pyo3::exceptions::{PyMemoryError, PyOSError, PySystemExit};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::outcome::Facts;
use crate::policy::Limits;
use crate::sandbox::SessionDescriptors;
use crate::wire::{End, Finished, Reply, Request, Step, Token, encode};
use crate::worker::announced;
use crate::worker::exception;
use crate::worker::fixture;
use crate::worker::main_file::MainFile;
use crate::worker::shape;
use crate::worker::statement::{self, Compiler, Position, Source, Statement, evaluate};
use crate::worker::stream::Stream;
use crate::worker::usage;

/// How long a snippet's threads may take to end before they are taken for residents.
const SETTLE_SECONDS: f64 = 0.5;
/// Bytes kept of the value of a last expression.
const VALUE_LIMIT: usize = 64 << 10;

/// The Python side, loaded once per lane.
pub(super) struct Harness {
    globals: Py<PyDict>,
    compiler: Compiler,
    out: Py<Stream>,
    err: Py<Stream>,
}

impl Harness {
    /// `networks` is what exceptions about the network are judged by.
    pub(super) fn load(py: Python<'_>, networks: &str) -> PyResult<Self> {
        let globals = PyDict::new(py);
        globals.set_item("__name__", "snipcheck")?;
        let text = std::ffi::CString::new(include_str!("harness.py"))?;
        py.run(&text, Some(&globals), None)?;
        let (out, err) = (Py::new(py, Stream::new(1))?, Py::new(py, Stream::new(2))?);
        let harness = Self { globals: globals.unbind(), compiler: Compiler::load(py)?, out, err };
        harness.call(py, "install_streams", (&harness.out, &harness.err))?;
        harness.call(py, "set_networks", (networks,))?;
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

    fn call<'py>(
        &self,
        py: Python<'py>,
        function: &str,
        arguments: impl pyo3::call::PyCallArgs<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.globals.bind(py).as_any().get_item(function)?.call1(arguments)
    }
}

/// Runs all steps, reporting each, and ends the process as the interpreter would. Returns only if that fails.
pub(super) fn run(
    py: Python<'_>,
    harness: &Harness,
    limits: &Limits,
    request: &Request,
    (descriptors, home): (SessionDescriptors, &Path),
) {
    let SessionDescriptors { stdout, stderr, status } = descriptors;
    let mut status = Status { file: File::from(status), token: request.token };
    let token = request.token;
    let document = PyString::new(py, &request.document);
    harness.out.borrow_mut(py).open(token, document.clone().unbind(), stdout);
    harness.err.borrow_mut(py).open(token, document.clone().unbind(), stderr);
    let ended = Session::start(harness, limits, request, (document, home)).and_then(|mut session| {
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

struct Status {
    file: File,
    token: Token,
}

impl Status {
    /// A supervisor that is gone or a descriptor that a snippet closed: the process ends, and that is the news.
    fn send(&mut self, reply: &Reply) {
        let sent = encode(&self.token, reply).map(|frame| self.file.write_all(&frame));
        if !matches!(sent, Ok(Ok(()))) {
            // SAFETY: _exit(2) does not return.
            unsafe { nix::libc::_exit(1) }
        }
    }
}

struct Session<'py, 'request> {
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
    /// Statements run while the session's loop does.
    in_loop: bool,
    /// Our own pid: a fork of this process is another.
    process: u32,
}

impl<'py, 'request> Session<'py, 'request> {
    fn start(
        harness: &'request Harness,
        limits: &'request Limits,
        request: &'request Request,
        (document, home): (Bound<'py, PyString>, &Path),
    ) -> PyResult<Self> {
        let py = document.py();
        if let Some(scratch) = &request.scratch {
            harness.call(py, "set_environment", (home.as_os_str(), scratch.join("tmp").as_os_str()))?;
        }
        // Before anything that may fork: a copy is to know that it is one.
        let process = std::process::id();
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
            in_loop: false,
            process,
        })
    }

    fn step(&mut self, step: &Step) -> PyResult<Finished> {
        let started = Instant::now();
        let mut notes = Vec::new();
        for file in &step.files {
            if let Err(error) = fixture::copy(file) {
                notes.push(format!("cannot copy `{}`: {error}", file.from.display()));
            }
        }
        if step.file == self.request.document {
            if self.is_plain(step) {
                self.main.append(step);
            }
            self.harness.call(self.py, "show", (&self.document, step.line.0, &step.code))?;
        }
        let (end, value) = self.run(step, &mut notes)?;
        if std::process::id() != self.process {
            self.leave(&end);
        }
        self.harness.call(self.py, "settle", (SETTLE_SECONDS,))?;
        self.cut()?;
        let now = cpu_time();
        let cpu = now.saturating_sub(std::mem::replace(&mut self.cpu, now));
        Ok(Finished { end, value, wall: started.elapsed(), cpu, notes, facts: Facts::default() })
    }

    /// Whether a child process could import it: `await` at the top level is an error there.
    fn is_plain(&self, step: &Step) -> bool {
        !step.code.contains("await") || self.harness.compiler.is_plain(self.py, &step.code)
    }

    /// The end of a copy that the snippet has forked and let run on. Its parent reports the step.
    fn leave(&self, end: &End) -> ! {
        let code = match end {
            End::Completed => 0,
            End::Exited { code, .. } => *code,
            End::Raised { exception, .. } => {
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

    fn run(&mut self, step: &Step, notes: &mut Vec<String>) -> PyResult<(End, Option<String>)> {
        let file = if step.file == self.request.document {
            self.document.clone()
        } else {
            PyString::new(self.py, &step.file)
        };
        let source = Source { file: &file, line: step.line.0, code: &step.code };
        self.in_loop = shape::wants_loop(&step.code);
        let mut resumed_behind = 0;
        if shape::has_no_value(&step.code) && !self.namespace.contains(intern!(self.py, "print"))? {
            let Err(error) = self.whole(source) else { return Ok((End::Completed, None)) };
            match self.line_of_announced(source, &error, notes)? {
                Some(line) => resumed_behind = line,
                None => return Ok((self.raised(source, &error)?, None)),
            }
        }
        let body = match self.harness.compiler.parse(source, self.futures) {
            Ok(body) => body,
            Err(error) => return Ok((self.raised(source, &error)?, None)),
        };
        let count = body.len();
        let mut value = None;
        for (index, node) in body.iter().enumerate() {
            if statement::last_line(&node)? <= resumed_behind || self.harness.compiler.is_text(&node)? {
                continue;
            }
            let position = if index + 1 == count { Position::Last } else { Position::Inner };
            match self.statement(source, node.clone(), position) {
                Ok(shown) => value = shown,
                Err(error) if self.line_of_announced(source, &error, notes)?.is_some() => {}
                Err(error) => return Ok((self.raised(source, &error)?, None)),
            }
        }
        Ok((End::Completed, value))
    }

    /// All statements at once, where none of them has a value to show.
    fn whole(&mut self, source: Source<'_, 'py>) -> PyResult<()> {
        let statement = self.harness.compiler.compile_whole(source, self.futures)?;
        self.evaluate(&statement)?;
        Ok(())
    }

    /// The `repr` of its value where that is the snippet's.
    fn statement(
        &mut self,
        source: Source<'_, 'py>,
        node: Bound<'py, PyAny>,
        position: Position,
    ) -> PyResult<Option<String>> {
        let statement = self.harness.compiler.compile(source, node, position, self.futures)?;
        let value = self.evaluate(&statement)?;
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

    fn evaluate(&mut self, statement: &Statement<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.futures = statement.futures;
        if self.in_loop && !statement.awaits {
            return self.harness.call(self.py, "run_inside", (&statement.code, &self.namespace));
        }
        let value = evaluate(&statement.code, &self.namespace)?;
        if statement.awaits { self.harness.call(self.py, "run_coroutine", (value,)) } else { Ok(value) }
    }

    /// The last line of the top-level statement that raised, if its own comment announces the exception.
    fn line_of_announced(
        &self,
        source: Source<'_, 'py>,
        error: &PyErr,
        notes: &mut Vec<String>,
    ) -> PyResult<Option<u32>> {
        if !source.code.contains('#') || error.is_instance_of::<PySystemExit>(self.py) {
            return Ok(None);
        }
        let End::Raised { exception, .. } = self.raised(source, error)? else { return Ok(None) };
        let Some(frame) = exception.frames.iter().find(|frame| frame.document) else { return Ok(None) };
        let Ok(body) = self.harness.compiler.parse(source, self.futures) else { return Ok(None) };
        for node in body.iter() {
            let end = statement::end(&node)?;
            if end.0 < frame.line {
                continue;
            }
            let line = (end.0 + 1).saturating_sub(source.line) as usize;
            if !announced::announces(source.code, (line, end.1), &exception) {
                return Ok(None);
            }
            notes.push(format!("line {} raised `{}`, as its comment says", frame.line, exception.kind));
            return Ok(Some(end.0));
        }
        Ok(None)
    }

    fn raised(&self, source: Source<'_, 'py>, error: &PyErr) -> PyResult<End> {
        let instance = error.value(self.py);
        let traceback = error.traceback(self.py);
        if let Some(traceback) = &traceback {
            // SAFETY: both are live objects; the exception's own `__setattr__` is not asked.
            unsafe { ffi::PyException_SetTraceback(instance.as_ptr(), traceback.as_ptr()) };
        }
        if error.is_instance_of::<PySystemExit>(self.py) {
            // One whose text cannot be made fails like one with a text.
            let code = self
                .harness
                .call(self.py, "exit_code", (instance,))
                .and_then(|code| code.extract())
                .unwrap_or(1);
            let left = self.left_behind(source, traceback.map(Bound::into_any))?;
            return Ok(End::Exited { code, left });
        }
        if error.is_instance_of::<PyOSError>(self.py) || error.is_instance_of::<PyMemoryError>(self.py) {
            usage::release_reserves();
        }
        let described = self.harness.call(self.py, "describe", (instance, source.file));
        let read = described.and_then(|described| exception::read(&described, self.limits));
        let (exception, blame) =
            read.unwrap_or_else(|second| (exception::bare(error, &second, self.py), None));
        Ok(End::Raised { exception, blame })
    }

    /// Top-level statements behind the one that left.
    fn left_behind(
        &self,
        source: Source<'_, 'py>,
        mut traceback: Option<Bound<'py, PyAny>>,
    ) -> PyResult<usize> {
        let mut line = None;
        while let Some(frame) = traceback.filter(|frame| !frame.is_none() && line.is_none()) {
            if frame.getattr("tb_frame")?.getattr("f_code")?.getattr("co_filename")?.eq(source.file)? {
                line = Some(frame.getattr("tb_lineno")?.extract::<u32>()?);
            }
            traceback = Some(frame.getattr("tb_next")?);
        }
        let Some(line) = line else { return Ok(0) };
        let body = self.harness.compiler.parse(source, self.futures)?;
        let mut left = 0;
        for node in body.iter() {
            left += usize::from(statement::first_line(&node)? > line);
        }
        Ok(left)
    }

    fn cut(&self) -> PyResult<()> {
        self.harness.out.borrow_mut(self.py).cut()?;
        self.harness.err.borrow_mut(self.py).cut()?;
        Ok(())
    }
}

/// CPU time of this process and of its children that have been waited for.
fn cpu_time() -> Duration {
    let own = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from);
    let children = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_or(0, |usage| usage.user_time().num_microseconds() + usage.system_time().num_microseconds());
    own + Duration::from_micros(children.cast_unsigned())
}
