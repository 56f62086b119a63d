//! What was observed while a snippet ran, where its document says something about it.

use serde::{Deserialize, Serialize};

use crate::model::outcome::exception::Exception;
use crate::model::snippet::{Line, Look, Place};

/// What was observed while a snippet ran, in the order in which it happened. Bounded, whatever the snippet does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// Values of watched statements, one for each time that they ran.
    pub(crate) values: Vec<Value>,
    /// What became of code in comments.
    pub(crate) attempts: Vec<Attempt>,
    /// Exceptions that did not end the snippet, because a comment at their statement announces them.
    pub(crate) survived: Vec<Survived>,
    /// The examples of a console session that ran.
    pub(crate) examples: Vec<ExampleEnd>,
}

/// What was observed when a statement ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Value {
    /// Where the statement begins.
    pub(crate) at: Place,
    pub(crate) look: Look,
    /// `None` where `repr` raised.
    pub(crate) repr: Option<String>,
    /// What `str` gives, where that differs from `repr`.
    pub(crate) text: Option<String>,
}

/// What became of code in a comment that was tried in a copy of the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The line of the comment.
    pub(crate) line: Line,
    pub(crate) exception: Option<Exception>,
}

/// An exception that did not end the snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Survived {
    /// The first line of the top-level statement that raised it.
    pub(crate) first: Line,
    /// The last line of that statement.
    pub(crate) last: Line,
    pub(crate) exception: Exception,
}

/// How an example ended. Its output lies between two of the offsets in `Stream::examples`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExampleEnd {
    pub(crate) exception: Option<Exception>,
    /// `traceback.format_exception_only`: what doctest compares (doctest.py, `DocTestRunner.__run`).
    pub(crate) headline: Option<String>,
}
