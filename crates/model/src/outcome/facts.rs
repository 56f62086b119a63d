//! What was observed while a snippet ran, where its document says something about it.

use serde::{Deserialize, Serialize};

use crate::outcome::exception::Exception;
use crate::snippet::{Line, Look, Place};

/// What was observed while a snippet ran, in the order in which it happened. Bounded, whatever the snippet does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Values of watched statements, one for each time that they ran.
    pub values: Vec<Value>,
    /// What became of code in comments.
    pub attempts: Vec<Attempt>,
    /// Exceptions that did not end the snippet, because a comment at their statement announces them.
    pub survived: Vec<Survived>,
    /// The examples of a console session that ran.
    pub examples: Vec<ExampleEnd>,
}

/// What was observed when a statement ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// Where the statement begins.
    pub at: Place,
    pub look: Look,
    /// `None` where `repr` raised.
    pub repr: Option<String>,
    /// What `str` gives, where that differs from `repr`.
    pub text: Option<String>,
}

/// What became of code in a comment that was tried in a copy of the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The line of the comment.
    pub line: Line,
    pub exception: Option<Exception>,
}

/// An exception that did not end the snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survived {
    /// The first line of the top-level statement that raised it.
    pub first: Line,
    /// The last line of that statement.
    pub last: Line,
    pub exception: Exception,
}

/// How an example ended. Its output lies between two of the offsets in `Stream::examples`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleEnd {
    pub exception: Option<Exception>,
    /// `traceback.format_exception_only`: what doctest compares (doctest.py, `DocTestRunner.__run`).
    pub headline: Option<String>,
}
