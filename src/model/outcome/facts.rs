//! What was seen while a snippet ran, where its document says something about it.

use serde::{Deserialize, Serialize};

use crate::model::outcome::exception::Exception;
use crate::model::snippet::{Line, Look, Place};

/// What was seen on the way, where a document says something about it. Bounded, and in the order in which it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Of watched statements, one each time they ran.
    pub(crate) values: Vec<Value>,
    /// Of code that stands in comments.
    pub(crate) attempts: Vec<Attempt>,
    /// Exceptions that did not end the snippet, because the comment of their statement announces them.
    pub(crate) survived: Vec<Survived>,
    /// Of a console session: the examples that ran.
    pub(crate) examples: Vec<ExampleEnd>,
}

/// What was seen when a statement ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Value {
    /// Where its statement begins.
    pub(crate) at: Place,
    pub(crate) look: Look,
    /// `None` where `repr` raised.
    pub(crate) repr: Option<String>,
    /// Its `str`, where that differs.
    pub(crate) text: Option<String>,
}

/// What became of code in a comment that was tried in a copy of the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// Of the comment.
    pub(crate) line: Line,
    pub(crate) exception: Option<Exception>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Survived {
    /// Where its top-level statement begins and ends.
    pub(crate) first: Line,
    pub(crate) last: Line,
    pub(crate) exception: Exception,
}

/// What it printed lies between two of `Stream::examples`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExampleEnd {
    pub(crate) exception: Option<Exception>,
    /// `traceback.format_exception_only`: what doctest compares (doctest.py, `DocTestRunner.__run`).
    pub(crate) headline: Option<String>,
}
