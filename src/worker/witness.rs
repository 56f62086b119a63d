//! Sees the values of watched statements while these run, and tells of them at once: what is told outlives the process.
#![expect(
    clippy::disallowed_types,
    reason = "snippets' threads share what is left, and may not wait for a channel while they hold Python's lock"
)]

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFrozenSet, PyList, PySet, PyString, PyTuple};

use crate::outcome::Value;
use crate::snippet::Place;
use crate::wire::{Fact, MAX_FACTS, Reply};
use crate::worker::status::Status;

/// Values that are told of one statement.
const VALUES: u32 = 1000;
/// Bytes of a `repr` or `str`. A longer one is not told: half of it could be taken for the whole.
const TEXT_LIMIT: usize = 16 << 10;
/// Bytes of text that a step tells.
const ALL_TEXT: usize = 1 << 20;
/// Time that a step spends on texts.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the names of witnesses start with. Whoever writes such a text into a snippet gets a witness for it.
const NAME: &str = "\u{e000}snipcheck witness";

thread_local! {
    /// A `repr` runs: what its own statements compute is nobody's business, and could go on for ever.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// What may still be told of a step.
#[derive(Debug)]
pub(super) struct Ledger {
    status: Arc<Status>,
    /// Witnesses of several threads share it, and the lock is never held while Python runs.
    left: Mutex<Left>,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    values: usize,
    text: usize,
    patience: Duration,
}

impl Ledger {
    pub(super) fn new(status: Arc<Status>) -> Arc<Self> {
        let left = Left { values: MAX_FACTS, text: ALL_TEXT, patience: PATIENCE };
        Arc::new(Self { status, left: Mutex::new(left) })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Left) -> T) -> T {
        change(&mut self.left.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Within what is left: a value whose text would be too much is told without.
    fn tell(&self, at: Place, value: &Bound<'_, PyAny>) {
        let patience = self.change(|left| left.patience);
        let started = Instant::now();
        let (mut repr, mut text) = if patience.is_zero() { (None, None) } else { texts(value) };
        let taken = started.elapsed();
        let size = [&repr, &text].into_iter().flatten().map(String::len).sum::<usize>();
        let affordable = self.change(|left| {
            left.patience = left.patience.saturating_sub(taken);
            let rest = left.text.checked_sub(size);
            left.text = rest.unwrap_or(left.text);
            rest.is_some()
        });
        if !affordable {
            (repr, text) = (None, None);
        }
        self.status.send(&Reply::Seen(Box::new(Fact::Value(Value { at, repr, text }))));
    }
}

/// Stands in compiled code where a target stands: what is assigned to it is told.
#[pyclass(frozen)]
pub(super) struct Witness {
    at: Place,
    /// How often it has seen something.
    seen: Mutex<u32>,
    ledger: Arc<Ledger>,
}

#[pymethods]
impl Witness {
    fn __setitem__(&self, _key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) {
        self.see(value);
    }
}

impl Witness {
    pub(super) fn see(&self, value: &Bound<'_, PyAny>) {
        if BUSY.get() || !self.ledger.status.is_ours() {
            return;
        }
        let count = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            *seen = seen.saturating_add(1);
            *seen
        };
        let affordable = self.ledger.change(|left| {
            let rest = left.values.checked_sub(1);
            left.values = rest.unwrap_or(0);
            rest.is_some()
        });
        // That a statement ran at all is told in any case.
        if count == 1 || count <= VALUES && affordable {
            BUSY.set(true);
            self.ledger.tell(self.at, value);
            BUSY.set(false);
        }
    }
}

/// `repr`, and `str` where it differs. None of what they raise is the snippet's business.
fn texts(value: &Bound<'_, PyAny>) -> (Option<String>, Option<String>) {
    if is_long(value) {
        return (None, None);
    }
    let repr = value.repr().ok().and_then(|text| short(&text));
    if is_plain(value) {
        return (repr, None);
    }
    let text = value.str().ok().and_then(|text| short(&text)).filter(|text| repr.as_ref() != Some(text));
    (repr, text)
}

/// A builtin so large that its text is too long in any case.
fn is_long(value: &Bound<'_, PyAny>) -> bool {
    let is_builtin = value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyBytes>()
        || value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyFrozenSet>();
    is_builtin && value.len().is_ok_and(|length| length > TEXT_LIMIT)
}

/// Whether its `str` is its `repr` by inheritance.
fn is_plain(value: &Bound<'_, PyAny>) -> bool {
    let py = value.py();
    let name = intern!(py, "__str__");
    let own = value.get_type().getattr(name);
    own.is_ok_and(|own| py.get_type::<PyAny>().getattr(name).is_ok_and(|inherited| own.is(&inherited)))
}

fn short(text: &Bound<'_, PyString>) -> Option<String> {
    // In characters first: a text of many megabytes is not even copied.
    if text.len().ok()? > TEXT_LIMIT {
        return None;
    }
    let text = text.to_string_lossy();
    (text.len() <= TEXT_LIMIT).then(|| text.into_owned())
}

/// The witnesses of a step, and the names that stand for them until its code is compiled.
pub(super) struct Witnesses<'py> {
    /// By line and column.
    pub(super) names: Bound<'py, PyDict>,
    pub(super) by_name: Bound<'py, PyDict>,
}

impl<'py> Witnesses<'py> {
    /// One for each of these statements.
    pub(super) fn call(py: Python<'py>, watched: &[Place], ledger: &Arc<Ledger>) -> PyResult<Self> {
        let (names, by_name) = (PyDict::new(py), PyDict::new(py));
        for (index, at) in watched.iter().enumerate() {
            let name = format!("{NAME} {index}");
            let witness = Witness { at: *at, seen: Mutex::new(0), ledger: Arc::clone(ledger) };
            names.set_item((at.line.0, at.column), &name)?;
            by_name.set_item(&name, Bound::new(py, witness)?)?;
        }
        Ok(Self { names, by_name })
    }

    /// The one of a statement.
    pub(super) fn at(&self, node: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, Witness>>> {
        let py = node.py();
        let begin = (node.getattr(intern!(py, "lineno"))?, node.getattr(intern!(py, "col_offset"))?);
        let Some(name) = self.names.get_item(begin)? else { return Ok(None) };
        Ok(self.by_name.get_item(name)?.map(Bound::cast_into).transpose()?)
    }
}
