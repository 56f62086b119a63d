//! Probes in compiled code: each reports the value of a watched statement when that has run. What is reported is kept
//! even if the process dies at the next statement.
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

use self::texts::{Sizes, TEXT_LIMIT, Texts, sizes, texts};
use crate::ffi;
use crate::status_pipe::StatusPipe;
use crate::trial_process;
use snipcheck_model::outcome::Value;
use snipcheck_model::snippet::{Look, Place, Watch};
use snipcheck_wire::{Fact, MAX_FACTS, Reply};

/// Values that are reported of one statement.
const VALUES: u32 = 1000;
/// Bytes of text that are reported of one step.
const ALL_TEXT: usize = 1 << 20;
/// Time that a step may spend on texts and trial processes.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the names of probes start with. A snippet that has such a text as a constant gets a probe in its place.
const NAME: &str = "\u{e000}snipcheck probe";

thread_local! {
    /// Whether a probe runs, and with it perhaps a `repr` of the snippet. Values that statements of the `repr` compute are
    /// not reported, because reporting one may need the `repr` again, without end.
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

/// What may still be reported of a step.
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

    /// Runs the work and takes its time from what is left. `None` if nothing is left.
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

    /// Reports a value. If its texts are more than is left of the bytes, or nothing is left of the time, they are left out.
    fn report(&self, watch: &Watch, value: &Bound<'_, PyAny>) {
        let seen = self.take_time(|| look(&watch.look, value)).unwrap_or(Some(Texts::default()));
        let Some(mut texts) = seen else { return };

        let size = [&texts.repr, &texts.text].into_iter().flatten().map(String::len).sum::<usize>();
        let affordable = self.change(|left| {
            let rest = left.text.checked_sub(size);
            left.text = rest.unwrap_or(left.text);
            rest.is_some()
        });
        if !affordable {
            texts = Texts::default();
        }

        let (at, look, Texts { repr, text }) = (watch.at, watch.look.clone(), texts);
        self.status.send(&Reply::Seen(Box::new(Fact::Value(Value { at, look, repr, text }))));
    }
}

/// Stands in compiled code where an assignment has a target, and reports what is assigned. (pyo3 has a trait `Probe`,
/// which a class may not be called like.)
#[pyclass(frozen)]
pub(super) struct ValueProbe {
    watch: Watch,
    /// How many values were assigned.
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

        // The first value is reported in any case, so that the statement is known to have run.
        if count == 1 || count <= VALUES && affordable {
            BUSY.set(true);
            match &self.watch.look {
                Look::Attempt { line, code } => {
                    let attempt = || trial_process::attempt(value.py(), &self.ledger.status, *line, code);
                    // Without time for it the attempt is unknown, and nothing is reported.
                    let _ = self.ledger.take_time(attempt);
                }
                Look::Value
                | Look::Size
                | Look::State { .. }
                | Look::References { .. }
                | Look::Leftovers { .. }
                | Look::Operations
                | Look::Output => self.ledger.report(&self.watch, value),
            }
            BUSY.set(false);
        }
    }
}

/// What is to be reported of a value. `None` if there is nothing.
fn look(look: &Look, value: &Bound<'_, PyAny>) -> Option<Texts> {
    // SAFETY: `value` holds a reference, so the object is alive.
    let count = unsafe { ffi::Py_REFCNT(value.as_ptr()) };
    // The statement that assigns to the probe holds one of the references.
    let references = |more: isize| Some(Texts { repr: Some((count - 1 - more).to_string()), text: None });

    match look {
        Look::Value | Look::State { attribute: None, .. } => Some(texts(value)),
        Look::State { attribute: Some(attribute), .. } => {
            // The attribute that the object has itself, whatever its class makes of the name.
            let generic =
                value.py().get_type::<PyAny>().getattr(intern!(value.py(), "__getattribute__")).ok()?;
            let own = generic.call1((value, intern!(value.py(), "__dict__"))).ok()?;
            let own = own.cast_into_exact::<PyDict>().ok()?;
            Some(texts(&own.get_item(attribute).ok()??))
        }

        Look::References { .. } => references(0),
        Look::Leftovers { .. } => references(1),
        Look::Size => {
            let Sizes { own, with_items } = sizes(value).ok()?;
            let text = (with_items > own).then(|| with_items.to_string());
            Some(Texts { repr: Some(own.to_string()), text })
        }
        Look::Operations | Look::Attempt { .. } | Look::Output => None,
    }
}

/// The probes of a step, and the names that stand for them until its code is compiled.
pub(super) struct Probes<'py> {
    /// By line and column of a statement, a list for `insert.py` of triples: where the probe goes, its name, and the
    /// variable whose value it gets.
    pub(super) looks: Bound<'py, PyDict>,
    pub(super) by_name: Bound<'py, PyDict>,
    /// Statements whose operations are reported.
    pub(super) operations: BTreeMap<Place, Watch>,
    ledger: Arc<Ledger>,
}

impl<'py> Probes<'py> {
    pub(super) fn new(py: Python<'py>, watched: &[Watch], ledger: &Arc<Ledger>) -> PyResult<Self> {
        let (looks, by_name) = (PyDict::new(py), PyDict::new(py));
        let mut operations = BTreeMap::new();
        for (index, watch) in watched.iter().enumerate() {
            let (side, of) = match &watch.look {
                Look::Value | Look::Size => ("value", None),
                Look::State { name, .. } | Look::References { name } => ("after", Some(name)),
                Look::Leftovers { name } => ("before", Some(name)),
                Look::Attempt { .. } => ("after", None),
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

    /// The probe of the value of a statement.
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

    /// Reports the operations of watched statements. `lines` has them by line, in the order in which they run.
    pub(super) fn report_operations(&self, lines: Vec<(u32, Vec<String>)>) {
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
