//! Output of Python code on its way to the pipe, marked with the document line that wrote it.
//!
//! A mark and the bytes that it is about go out in one `write`, and the supervisor takes the marks out again. Marks travel
//! in the stream itself: so the order with output of C code and of child processes is kept, and what a dying process has
//! written is still tied to its lines.

use std::collections::VecDeque;
use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::fstat;
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::ffi;
use snipcheck_wire::{Mark, Stack, Token};

/// Output without a line end goes out at this size.
const PENDING: usize = 8192;
/// Bytes of output that are kept in a trial process.
const ASIDE: usize = 16 << 10;
/// How many callers of the document's innermost frame are looked at.
const FRAMES: usize = 200;
/// Code objects that are remembered.
const CODES: usize = 16;

#[pyclass]
pub(super) struct MarkedStream {
    descriptor: RawFd,
    token: Token,
    /// The document, as `co_filename` spells it.
    document: Option<Py<PyString>>,
    /// A descriptor of the pipe that snippets do not know: they may put another file on `descriptor`.
    pipe: Option<OwnedFd>,
    /// Device and inode of the pipe.
    identity: (libc::dev_t, libc::ino_t),
    pending: Vec<u8>,
    /// In a trial process: what it has written, which never reaches the pipe.
    aside: Option<Vec<u8>>,
    /// The lines that wrote what is pending.
    writer: Stack,
    /// The address of the frame that wrote last, and its line. The frame may be gone by now.
    top: Option<(usize, c_int)>,
    /// Code objects that were met last, and whether each is of the document. They are held, so that no other object can
    /// get the address of one.
    codes: VecDeque<(Py<PyAny>, bool)>,
    turns: Arc<Turns>,
}

/// Which of the two streams was written to last, and how often that has changed.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The descriptor in the two lowest bits, the number in the others. The GIL is held wherever it changes.
    last: AtomicU32,
}

impl Turns {
    /// The number of a new turn, if the other stream was written to last.
    fn take(&self, descriptor: RawFd) -> Option<u32> {
        let own = descriptor.cast_unsigned() & 3;
        let last = self.last.load(Ordering::Relaxed);
        let number = (last >> 2).wrapping_add(1);
        (last & 3 != own).then(|| {
            self.last.store((number << 2) | own, Ordering::Relaxed);
            number
        })
    }
}

impl MarkedStream {
    pub(super) fn new(descriptor: RawFd, turns: Arc<Turns>) -> Self {
        Self {
            descriptor,
            token: [0; 16],
            document: None,
            pipe: None,
            identity: (0, 0),
            pending: Vec::new(),
            aside: None,
            writer: Stack::default(),
            top: None,
            codes: VecDeque::with_capacity(CODES),
            turns,
        }
    }

    /// Starts a session in this process.
    pub(super) fn open(&mut self, token: Token, document: Py<PyString>, pipe: OwnedFd) {
        self.token = token;
        self.document = Some(document);
        self.codes.clear();
        self.identity = identity(pipe.as_raw_fd()).unwrap_or_default();
        self.pipe = Some(pipe);
    }

    /// Ends a session in a process that goes on.
    pub(super) fn close(&mut self) {
        self.document = None;
        self.codes.clear();
        self.pipe = None;
        self.top = None;
    }

    /// Marks the end of what a step or an example has written. The next one begins at once, before the supervisor has read
    /// the mark.
    pub(super) fn end(&mut self, mark: Mark) -> io::Result<()> {
        self.send()?;
        let Some(pipe) = &self.pipe else { return Ok(()) };
        write_all(pipe.as_raw_fd(), &mark.encode(&self.token))
    }

    /// What was written since the last call. From the first call on, output is kept and does not reach the pipe.
    pub(super) fn put_aside(&mut self) -> Vec<u8> {
        self.aside.replace(Vec::new()).unwrap_or_default()
    }

    fn push(&mut self, writer: Stack, bytes: &[u8]) -> io::Result<()> {
        if let Some(aside) = &mut self.aside {
            let room = ASIDE.saturating_sub(aside.len()).min(bytes.len());
            aside.extend_from_slice(&bytes[..room]);
            return Ok(());
        }

        if writer != self.writer {
            self.send()?;
            self.writer = writer;
        }

        self.pending.extend_from_slice(bytes);
        if bytes.ends_with(b"\n") || self.pending.len() >= PENDING { self.send() } else { Ok(()) }
    }

    pub(super) fn send(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }

        let is_ours = identity(self.descriptor) == Some(self.identity);
        let bytes = std::mem::take(&mut self.pending);
        if !is_ours {
            return write_all(self.descriptor, &bytes);
        }

        let turn = self.turns.take(self.descriptor).map(|number| Mark::Turn(number).encode(&self.token));
        let mut marked = turn.unwrap_or_default();
        if !self.writer.lines().is_empty() {
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            marked.extend(Mark::Written { by: self.writer, length }.encode(&self.token));
        }
        marked.extend_from_slice(&bytes);
        write_all(self.descriptor, &marked)
    }

    /// The lines that write these bytes, in the thread that runs.
    ///
    /// `print` writes its arguments, what is between them and the line end one by one. Blanks that the same line of the
    /// same frame adds have the writer of what comes before them.
    fn writer_of(&mut self, py: Python<'_>, bytes: &[u8]) -> Stack {
        // SAFETY: the GIL is held; the frame is null or borrowed from the thread that runs, and gets a reference here.
        let frame = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetFrame().cast()) };
        let top = frame.as_ref().map(|frame| (frame.as_ptr() as usize, line(frame)));
        let adds = !self.pending.is_empty() && top == self.top;
        self.top = top;

        if adds && bytes.trim_ascii().is_empty() { self.writer } else { self.stack(py, frame) }
    }

    /// Lines of the document on the stack.
    fn stack<'py>(&mut self, py: Python<'py>, mut frame: Option<Bound<'py, PyAny>>) -> Stack {
        let mut stack = Stack::default();
        let mut callers = 0;

        while let Some(current) = frame
            && callers < FRAMES
            && !stack.is_full()
        {
            callers += usize::from(!stack.lines().is_empty());
            if self.is_inside(py, &current)
                && let Ok(line) = u32::try_from(line(&current))
            {
                stack.push(line);
            }
            // SAFETY: `current` holds a reference to its frame; the caller's comes as a new reference or null.
            frame = unsafe {
                Bound::from_owned_ptr_or_opt(py, ffi::PyFrame_GetBack(current.as_ptr().cast()).cast())
            };
        }
        stack
    }

    /// Whether the frame runs code of the document.
    fn is_inside(&mut self, py: Python<'_>, frame: &Bound<'_, PyAny>) -> bool {
        // SAFETY: `frame` holds a reference to its frame; the code comes as a new reference.
        let code =
            unsafe { Bound::from_owned_ptr_or_opt(py, ffi::PyFrame_GetCode(frame.as_ptr().cast()).cast()) };
        let (Some(code), Some(document)) = (code, &self.document) else { return false };
        if let Some((_, inside)) = self.codes.iter().find(|(known, _)| known.is(&code)) {
            return *inside;
        }

        let document = document.bind(py);
        let file = code.getattr(intern!(py, "co_filename"));
        let inside = file.is_ok_and(|file| file.is(document) || file.eq(document).unwrap_or(false));

        self.codes.truncate(CODES - 1);
        self.codes.push_front((code.unbind(), inside));
        inside
    }
}

fn line(frame: &Bound<'_, PyAny>) -> c_int {
    // SAFETY: `frame` holds a reference to its frame.
    unsafe { ffi::PyFrame_GetLineNumber(frame.as_ptr().cast()) }
}

#[pymethods]
impl MarkedStream {
    /// `RawIOBase.write`: takes anything with a buffer, returns the number of bytes.
    fn write(&mut self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<usize> {
        let buffer = PyBuffer::<u8>::get(data)?;
        let bytes = buffer.to_vec(py)?;
        let writer = self.writer_of(py, &bytes);
        self.push(writer, &bytes).map_err(as_python)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> PyResult<()> {
        self.send().map_err(as_python)
    }
}

fn identity(descriptor: RawFd) -> Option<(libc::dev_t, libc::ino_t)> {
    // SAFETY: fstat(2) alone uses the number. Where no file is open it is an error, which is an answer.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    fstat(borrowed).ok().map(|status| (status.st_dev, status.st_ino))
}

/// The error with its number and the words of the system, as Python raises it.
fn as_python(error: io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, Errno::from_raw(number).desc())),
        None => error.into(),
    }
}

fn wait_for_room(descriptor: RawFd) {
    // SAFETY: poll(2) alone uses the number. Where no file is open it says so.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    // A signal or an error is found by the next write.
    let _ = poll(&mut [PollFd::new(borrowed, PollFlags::POLLOUT)], PollTimeout::from(100_u8));
}

fn write_all(descriptor: RawFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        // SAFETY: the bytes outlive the call, which reads as many as there are; a closed number is an error that is
        // passed on.
        let written = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(written) {
            Ok(written) => bytes = &bytes[written..],
            Err(_) if Errno::last() == Errno::EINTR => {}
            // A snippet has made its stdout non-blocking, where a terminal would have taken the output all the same.
            Err(_) if Errno::last() == Errno::EAGAIN => wait_for_room(descriptor),
            Err(_) => return Err(io::Error::last_os_error()),
        }
    }
    Ok(())
}
