//! A Python exception as data.

use pyo3::prelude::*;
use pyo3::types::PyTypeMethods;

use crate::usage::Shortage;
use snipcheck_model::outcome::{Exception, Frame, Operand};
use snipcheck_model::snippet::Line;
use snipcheck_wire::{Blame, LaneSetup};

/// What `describe` in `failures.py` returns.
type Described = (
    String,
    Vec<String>,
    String,
    Option<u32>,
    Vec<DescribedFrame>,
    String,
    DescribedBlame,
    Vec<DescribedOperand>,
);

/// File, line, function, and whether it is of the document.
type DescribedFrame = (String, u32, String, bool);

/// Code, value, and the value laid out in lines.
type DescribedOperand = (String, String, String);

/// A word for what is at fault, and a name or a reason where the word needs one.
pub(super) type DescribedBlame = (String, String);

/// An exception from the harness's description of it, and what the description blames.
pub(super) fn read(described: &Bound<'_, PyAny>) -> PyResult<(Exception, DescribedBlame)> {
    let (kind, bases, message, line, frames, traceback, blame, operands): Described = described.extract()?;
    let frames = frames
        .into_iter()
        .map(|(file, line, function, document)| Frame { file, line, function, document })
        .collect();
    let operand = |(code, value, layout): DescribedOperand| Operand {
        code,
        value,
        layout: Some(layout).filter(|layout| !layout.is_empty()),
    };
    let operands = operands.into_iter().map(operand).collect();
    Ok((Exception { kind, bases, message, line: line.map(Line), frames, traceback, operands }, blame))
}

/// What is to blame for the exception that ends a step. Measures the limit that a description blames.
pub(super) fn blame((word, name): DescribedBlame, setup: &LaneSetup) -> Option<Blame> {
    match word.as_str() {
        "missing-package" => Some(Blame::MissingPackage { name }),
        "interactive" => Some(Blame::Interactive),
        "network" => Some(Blame::Network { why: name }),
        word => Shortage::of_word(word).and_then(|shortage| shortage.blame(setup)),
    }
}

/// An exception that cannot be described because describing it raised a second one: its class, or a module that the
/// description needs, is broken.
pub(super) fn bare(error: &PyErr, second: &PyErr, py: Python<'_>) -> Exception {
    let name = |error: &PyErr| {
        error.get_type(py).qualname().map_or_else(|_| "an exception".to_owned(), |name| name.to_string())
    };

    let kind = name(error);
    let message = format!("describing it raised {}", name(second));
    let traceback = format!("{kind}: {message}\n");
    Exception {
        bases: vec![kind.clone()],
        kind,
        message,
        line: None,
        frames: Vec::new(),
        traceback,
        operands: Vec::new(),
    }
}
