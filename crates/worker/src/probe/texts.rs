//! What is reported of a value: its texts, within bounds, and how many bytes it takes.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFrozenSet, PyList, PySet, PyString, PyTuple};

/// Bytes of a `repr` or `str`. A longer one is not reported: half of it could be taken for the whole.
pub(super) const TEXT_LIMIT: usize = 16 << 10;
/// Items whose sizes are added up.
const ITEMS: usize = 2_000_000;

#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) repr: Option<String>,
    /// `str`, if it differs from the `repr`.
    pub(super) text: Option<String>,
}

/// The texts of a value. What making them raises is dropped: without the probe the snippet would not have made them.
pub(super) fn texts(value: &Bound<'_, PyAny>) -> Texts {
    if is_long(value) {
        return Texts::default();
    }

    let repr = value.repr().ok().and_then(|text| short(&text));
    if is_plain(value) {
        return Texts { repr, text: None };
    }
    let text = value.str().ok().and_then(|text| short(&text)).filter(|text| repr.as_ref() != Some(text));
    Texts { repr, text }
}

/// Whether the value is a builtin so large that its text is too long in any case.
fn is_long(value: &Bound<'_, PyAny>) -> bool {
    let is_builtin = value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyBytes>()
        || is_collection(value);
    is_builtin && value.len().is_ok_and(|length| length > TEXT_LIMIT)
}

fn is_collection(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyTuple>()
        || value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PySet>()
        || value.is_exact_instance_of::<PyFrozenSet>()
}

/// Whether the type of the value inherits the `__str__` of `object`, which is its `__repr__`.
fn is_plain(value: &Bound<'_, PyAny>) -> bool {
    let py = value.py();
    let name = intern!(py, "__str__");
    let own = value.get_type().getattr(name);
    own.is_ok_and(|own| py.get_type::<PyAny>().getattr(name).is_ok_and(|inherited| own.is(&inherited)))
}

fn short(text: &Bound<'_, PyString>) -> Option<String> {
    // Characters are counted first, so that a text of many megabytes is not even copied.
    if text.len().ok()? > TEXT_LIMIT {
        return None;
    }
    let text = text.to_string_lossy();
    (text.len() <= TEXT_LIMIT).then(|| text.into_owned())
}

/// Bytes that a value takes.
pub(super) struct Sizes {
    pub(super) own: usize,
    /// With the items of a builtin collection; for other values the same as `own`.
    pub(super) with_items: usize,
}

pub(super) fn sizes(value: &Bound<'_, PyAny>) -> PyResult<Sizes> {
    let py = value.py();
    let size = py.import(intern!(py, "sys"))?.getattr(intern!(py, "getsizeof"))?;
    let own = size.call1((value,))?.extract()?;

    let mut with_items: usize = own;
    if is_collection(value) && value.len()? <= ITEMS {
        for item in value.try_iter()? {
            with_items = with_items.saturating_add(size.call1((item?,))?.extract()?);
        }
    }
    Ok(Sizes { own, with_items })
}
