//! Snippets and outcomes for the tests of this room.

use std::time::Duration;

use crate::directive::Directives;
use crate::model::outcome::{Cause, CauseKind, Ending, Exception, Facts, Outcome, Stream, Timing, Usage};
use crate::model::snippet::{DocumentPath, Form, Line, Location, Namespace, Snippet, SnippetId};

pub(crate) fn snippet(path: &str, snapshot: &str, code: &str) -> Snippet {
    Snippet {
        id: SnippetId(format!("{path}::{snapshot}")),
        path: DocumentPath(path.to_owned()),
        snapshot: snapshot.to_owned(),
        location: Location { start: Line(3), code: Line(4), end: Line(6) },
        code: code.to_owned(),
        form: Form::default(),
        namespace: Namespace::default(),
        shown: Vec::new(),
        directives: Directives::default(),
        section: 0,
    }
}

pub(crate) fn completed() -> Outcome {
    Outcome {
        ending: Ending::Completed,
        cause: None,
        exception: None,
        value: None,
        stdout: Stream::default(),
        stderr: Stream::default(),
        facts: Facts::default(),
        usage: Usage { wall: Duration::from_millis(1), cpu: Duration::from_millis(1) },
        timing: Timing::default(),
        stacks: Vec::new(),
        notes: Vec::new(),
    }
}

pub(crate) fn printed(text: &str) -> Outcome {
    Outcome { stdout: stream(text.as_bytes()), ..completed() }
}

pub(crate) fn raised(kind: &str, message: &str) -> Outcome {
    let exception = Exception {
        kind: kind.to_owned(),
        bases: vec![kind.to_owned(), "Exception".to_owned(), "BaseException".to_owned(), "object".to_owned()],
        message: message.to_owned(),
        line: None,
        frames: Vec::new(),
        traceback: String::new(),
        operands: Vec::new(),
    };
    Outcome { ending: Ending::Raised, exception: Some(exception), ..completed() }
}

pub(crate) fn ended(ending: Ending, cause: Option<Cause>) -> Outcome {
    Outcome { ending, cause, ..completed() }
}

pub(crate) fn cause(kind: CauseKind, detail: Option<&str>) -> Cause {
    Cause { kind, used: None, limit: None, unit: None, detail: detail.map(str::to_owned) }
}

pub(crate) fn stream(bytes: &[u8]) -> Stream {
    Stream { head: bytes.to_vec(), written: bytes.len() as u64, ..Stream::default() }
}
