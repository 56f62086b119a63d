//! What is told of a value: its texts, within bounds, and how many bytes it takes.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFrozenSet, PyList, PySet, PyString, PyTuple};

/// Bytes of a `repr` or `str`. A longer one is not told: half of it could be taken for the whole.
pub(super) const TEXT_LIMIT: usize = 16 << 10;
/// Items whose sizes are added up.
const ITEMS: usize = 2_000_000;

/// `repr`, and `str` where it differs. None of what they raise is the snippet's business.
pub(super) fn texts(value: &Bound<'_, PyAny>) -> (Option<String>, Option<String>) {
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

/// Bytes of a value alone, and with its items where it is a builtin that holds some.
pub(super) fn sizes(value: &Bound<'_, PyAny>) -> PyResult<(usize, usize)> {
    let py = value.py();
    let size = py.import(intern!(py, "sys"))?.getattr(intern!(py, "getsizeof"))?;
    let own = size.call1((value,))?.extract()?;
    let holds = is_collection(value) && value.len()? <= ITEMS;
    let mut all: usize = own;
    if holds {
        for item in value.try_iter()? {
            all = all.saturating_add(size.call1((item?,))?.extract()?);
        }
    }
    Ok((own, all))
}
