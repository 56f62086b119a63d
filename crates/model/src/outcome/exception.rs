//! An exception, as its traceback shows it.

use serde::{Deserialize, Serialize};

use crate::snippet::Line;

/// An exception with the stack that it left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its class, qualified as a traceback shows it: `ValueError`, `json.decoder.JSONDecodeError`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The names of its class and of the base classes, qualified in the same way. `raises=` may name any of them.
    pub bases: Vec<String>,
    pub message: String,
    /// The innermost line of the document.
    pub line: Option<Line>,
    /// The frames from outermost to innermost, without those of snipcheck.
    pub frames: Vec<Frame>,
    /// The text Python would have printed, cut at 64 KiB.
    pub traceback: String,
    /// Of an `assert` statement, in the order in which they were evaluated.
    pub operands: Vec<Operand>,
}

/// A part of an expression that an `assert` statement found false.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operand {
    /// As the document has it.
    pub code: String,
    /// Its `repr`, shortened.
    pub value: String,
    /// The value in lines, where it is a text or a collection and the expression compares two of them.
    pub layout: Option<String>,
}

/// Exceptions that say something about the machine, the packages or the code around a statement.
const OF_SURROUNDINGS: [&str; 6] =
    ["NameError", "ImportError", "OSError", "MemoryError", "RecursionError", "SyntaxError"];

impl Exception {
    /// Whether it may come of what surrounds a statement, and then says nothing about the statement.
    pub fn is_of_surroundings(&self) -> bool {
        self.bases.iter().any(|base| OF_SURROUNDINGS.contains(&base.as_str()))
    }
}

/// A call on the stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    pub file: String,
    pub line: u32,
    pub function: String,
    /// Whether `file` is the document itself.
    pub document: bool,
}
