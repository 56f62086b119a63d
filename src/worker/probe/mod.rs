//! Sees the values of watched statements while these run, and tells of them at once: what is told outlives the process.
#![expect(
    clippy::disallowed_types,
    reason = "snippets' threads share what is left, and may not wait for a channel while they hold Python's lock"
)]

#[cfg(test)]
mod tests;
mod texts;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use self::texts::{TEXT_LIMIT, sizes, texts};
use crate::model::outcome::Value;
use crate::model::snippet::{Look, Place, Watch};
use crate::wire::{Fact, MAX_FACTS, Reply};
use crate::worker::ffi;
use crate::worker::status_pipe::StatusPipe;
use crate::worker::trial_process;

/// Values that are told of one statement.
const VALUES: u32 = 1000;
/// Bytes of text that a step tells.
const ALL_TEXT: usize = 1 << 20;
/// Time that a step spends on texts.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the names of probes start with. Whoever writes such a text into a snippet gets a probe for it.
const NAME: &str = "\u{e000}snipcheck probe";

thread_local! {
    /// A `repr` runs: what its own statements compute is nobody's business, and could go on for ever.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// What may still be told of a step.
#[derive(Debug)]
pub(super) struct Ledger {
    status: Arc<StatusPipe>,
    /// Probes of several threads share it, and the lock is never held while Python runs.
    left: Mutex<Left>,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    values: usize,
    text: usize,
    patience: Duration,
}

impl Ledger {
    pub(super) fn new(status: Arc<StatusPipe>) -> Arc<Self> {
        let left = Left { values: MAX_FACTS, text: ALL_TEXT, patience: PATIENCE };
        Arc::new(Self { status, left: Mutex::new(left) })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Left) -> T) -> T {
        change(&mut self.left.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What takes time, while there is some.
    fn take_time<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        if self.change(|left| left.patience).is_zero() {
            return None;
        }
        let started = Instant::now();
        let done = work();
        let taken = started.elapsed();
        self.change(|left| left.patience = left.patience.saturating_sub(taken));
        Some(done)
    }

    /// Within what is left: a value whose text would be too much is told without.
    fn tell(&self, watch: &Watch, value: &Bound<'_, PyAny>) {
        let seen = self.take_time(|| look(&watch.look, value)).unwrap_or(Some((None, None)));
        let Some((mut repr, mut text)) = seen else { return };
        let size = [&repr, &text].into_iter().flatten().map(String::len).sum::<usize>();
        let affordable = self.change(|left| {
            let rest = left.text.checked_sub(size);
            left.text = rest.unwrap_or(left.text);
            rest.is_some()
        });
        if !affordable {
            (repr, text) = (None, None);
        }
        let (at, look) = (watch.at, watch.look.clone());
        self.status.send(&Reply::Seen(Box::new(Fact::Value(Value { at, look, repr, text }))));
    }
}

/// Stands in compiled code where a target stands: what is assigned to it is told.
#[pyclass(frozen)]
pub(super) struct ValueProbe {
    watch: Watch,
    /// How often it has seen something.
    seen: Mutex<u32>,
    ledger: Arc<Ledger>,
}

#[pymethods]
impl ValueProbe {
    fn __setitem__(&self, _key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) {
        self.see(value);
    }
}

impl ValueProbe {
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
            match &self.watch.look {
                Look::Attempt { line, code } => {
                    let attempt = || trial_process::attempt(value.py(), &self.ledger.status, *line, code);
                    // Without time nothing is known of it.
                    let _ = self.ledger.take_time(attempt);
                }
                Look::Value
                | Look::Size
                | Look::State { .. }
                | Look::References { .. }
                | Look::Leftovers { .. }
                | Look::Operations
                | Look::Output => self.ledger.tell(&self.watch, value),
            }
            BUSY.set(false);
        }
    }
}

/// What is seen of a value. `None` where there is nothing to see.
fn look(look: &Look, value: &Bound<'_, PyAny>) -> Option<(Option<String>, Option<String>)> {
    // SAFETY: a live object.
    let count = unsafe { ffi::Py_REFCNT(value.as_ptr()) };
    // One reference is that of the statement that assigns to the probe.
    let references = |more: isize| Some((Some((count - 1 - more).to_string()), None));
    match look {
        Look::Value | Look::State { attribute: None, .. } => Some(texts(value)),
        Look::State { attribute: Some(attribute), .. } => {
            // What an object has itself, not what its class makes of it.
            let generic =
                value.py().get_type::<PyAny>().getattr(intern!(value.py(), "__getattribute__")).ok()?;
            let own = generic.call1((value, intern!(value.py(), "__dict__"))).ok()?;
            let own = own.cast_into_exact::<PyDict>().ok()?;
            Some(texts(&own.get_item(attribute).ok()??))
        }
        Look::References { .. } => references(0),
        Look::Leftovers { .. } => references(1),
        Look::Size => {
            let (own, all) = sizes(value).ok()?;
            Some((Some(own.to_string()), (all > own).then(|| all.to_string())))
        }
        Look::Operations | Look::Attempt { .. } | Look::Output => None,
    }
}

/// The probes of a step, and the names that stand for them until its code is compiled.
pub(super) struct Probes<'py> {
    /// By line and column: where to look, the name of the probe, and at which name.
    pub(super) looks: Bound<'py, PyDict>,
    pub(super) by_name: Bound<'py, PyDict>,
    /// Statements whose operations are told.
    pub(super) operations: BTreeMap<Place, Watch>,
    ledger: Arc<Ledger>,
}

impl<'py> Probes<'py> {
    pub(super) fn call(py: Python<'py>, watched: &[Watch], ledger: &Arc<Ledger>) -> PyResult<Self> {
        let (looks, by_name) = (PyDict::new(py), PyDict::new(py));
        let mut operations = BTreeMap::new();
        for (index, watch) in watched.iter().enumerate() {
            let (side, of) = match &watch.look {
                Look::Value | Look::Size => ("value", None),
                Look::State { name, .. } | Look::References { name } => ("behind", Some(name)),
                Look::Leftovers { name } => ("before", Some(name)),
                Look::Attempt { .. } => ("behind", None),
                Look::Operations => {
                    operations.insert(watch.at, watch.clone());
                    continue;
                }
                Look::Output => continue,
            };
            let name = format!("{NAME} {index}");
            let begin = (watch.at.line.0, watch.at.column);
            let here = match looks.get_item(begin)? {
                Some(here) => here.cast_into::<PyList>()?,
                None => PyList::empty(py),
            };
            here.append((side, &name, of))?;
            looks.set_item(begin, here)?;
            let probe = ValueProbe { watch: watch.clone(), seen: Mutex::new(0), ledger: Arc::clone(ledger) };
            by_name.set_item(&name, Bound::new(py, probe)?)?;
        }
        Ok(Self { looks, by_name, operations, ledger: Arc::clone(ledger) })
    }

    /// The one of the value of a statement.
    pub(super) fn at(&self, node: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, ValueProbe>>> {
        let py = node.py();
        let begin = (node.getattr(intern!(py, "lineno"))?, node.getattr(intern!(py, "col_offset"))?);
        let Some(here) = self.looks.get_item(begin)? else { return Ok(None) };
        for look in here.try_iter()? {
            let (_, name, _): (String, String, Option<String>) = look?.extract()?;
            let Some(probe) = self.by_name.get_item(name)? else { continue };
            let probe = probe.cast_into::<ValueProbe>()?;
            if probe.get().watch.look == Look::Value {
                return Ok(Some(probe));
            }
        }
        Ok(None)
    }

    /// By line, in the order in which they run.
    pub(super) fn tell_operations(&self, lines: Vec<(u32, Vec<String>)>) {
        let by_line: BTreeMap<u32, Vec<String>> = lines.into_iter().collect();
        for watch in self.operations.values() {
            let Some(names) = by_line.get(&watch.at.line.0).filter(|names| !names.is_empty()) else {
                continue;
            };
            let names = names.join(" ");
            if names.len() > TEXT_LIMIT {
                continue;
            }
            let value = Value { at: watch.at, look: watch.look.clone(), repr: Some(names), text: None };
            self.ledger.status.send(&Reply::Seen(Box::new(Fact::Value(value))));
        }
    }
}
