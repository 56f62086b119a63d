//! The Python side of the worker as code objects. Compiling its texts takes longer than starting CPython, so the supervisor keeps
//! what one lane has compiled for the lanes of later runs.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

/// Texts that every lane runs.
#[derive(Clone, Copy)]
pub(super) enum OwnText {
    Harness,
    Standard,
    Threads,
    MainFile,
    Module,
    Titled,
    Start,
    Packages,
    Failures,
    Asserts,
    Insert,
    TrialProcess,
}

/// In the order of [`OwnText`].
const TEXTS: [&str; 12] = [
    include_str!("harness.py"),
    include_str!("standard.py"),
    include_str!("threads.py"),
    include_str!("main_file.py"),
    include_str!("module.py"),
    include_str!("titled.py"),
    include_str!("start.py"),
    include_str!("packages.py"),
    include_str!("failures.py"),
    include_str!("asserts.py"),
    include_str!("probe/insert.py"),
    include_str!("trial_process.py"),
];

/// As the compiler calls what `PyRun_String` runs.
const FILE: &str = "<string>";

/// All [`TEXTS`], compiled.
pub(super) struct OwnCode(Py<PyTuple>);

impl OwnCode {
    /// `kept` is what [`Self::to_keep`] gave, perhaps of another Python or of another build: then it is compiled anew.
    pub(super) fn load(py: Python<'_>, kept: &[u8]) -> PyResult<(Self, IsKept)> {
        if let Some(codes) = whole(kept, &header(py)?) {
            let codes = py.import("marshal")?.call_method1("loads", (PyBytes::new(py, codes),))?;
            return Ok((Self(codes.cast_into::<PyTuple>()?.unbind()), true));
        }

        let compile = py.import("builtins")?.getattr("compile")?;
        let mut codes = Vec::new();
        for text in TEXTS {
            codes.push(compile.call1((text, FILE, "exec", 0, true))?);
        }
        Ok((Self(PyTuple::new(py, codes)?.unbind()), false))
    }

    /// Bytes for [`Self::load`].
    pub(super) fn to_keep(&self, py: Python<'_>) -> PyResult<Vec<u8>> {
        let codes = py.import("marshal")?.call_method1("dumps", (&self.0,))?;
        let codes = codes.cast::<PyBytes>()?.as_bytes();
        let mut bytes = header(py)?;
        bytes.extend_from_slice(&digest(BASIS, codes).to_ne_bytes());
        bytes.extend_from_slice(codes);
        Ok(bytes)
    }

    pub(super) fn run(&self, text: OwnText, globals: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = globals.py();
        let code = self.0.bind(py).get_item(text as usize)?;
        py.import("builtins")?.getattr("exec")?.call1((code, globals))?;
        Ok(())
    }
}

/// Whether code was not compiled but had been kept.
pub(super) type IsKept = bool;

/// What code objects are good for: the Python whose bytecode they have (as in `.pyc` files, PEP 552), and these texts.
fn header(py: Python<'_>) -> PyResult<Vec<u8>> {
    const DIGEST: u64 = digest_of_texts();
    let magic = py.import("_frozen_importlib_external")?.getattr("MAGIC_NUMBER")?;
    let mut header = magic.cast::<PyBytes>()?.as_bytes().to_vec();
    header.extend_from_slice(&DIGEST.to_ne_bytes());
    Ok(header)
}

/// What follows the header, unless it is another one or something is missing.
fn whole<'a>(kept: &'a [u8], header: &[u8]) -> Option<&'a [u8]> {
    let (checksum, codes) = kept.strip_prefix(header)?.split_first_chunk()?;
    (u64::from_ne_bytes(*checksum) == digest(BASIS, codes)).then_some(codes)
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

/// It tells builds apart, and keeps nobody out.
const fn digest_of_texts() -> u64 {
    let mut state = BASIS;
    let mut text = 0;
    while text < TEXTS.len() {
        // No text has the byte in between.
        state = digest(digest(state, TEXTS[text].as_bytes()), &[0xff]);
        text += 1;
    }
    state
}

/// FNV-1a.
const fn digest(mut state: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        state = (state ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    state
}
