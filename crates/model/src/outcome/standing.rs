//! Where the threads of a snippet were when it was ended, and the sentences that say so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::outcome::exception::Frame;
use crate::snippet::Line;

/// How many places have a sentence of their own.
const MOST_SENTENCES: usize = 8;

/// A thread with a line of the document on its stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadStack {
    /// 0 for the snippet's own process, then its children in the order of their pids.
    pub process: u32,
    /// Whether this is the main thread of its process.
    pub main: bool,
    /// The innermost line of the document.
    pub line: Line,
    /// What that line had called: `Event.wait`. Absent for C code, which leaves no frame.
    pub call: Option<String>,
    /// The frames from outermost to innermost, without those outside of the document's.
    pub frames: Vec<Frame>,
}

impl ThreadStack {
    /// The main thread at a line of the document, which is all that is known.
    pub fn of_main(line: Line) -> Self {
        Self { process: 0, main: true, line, call: None, frames: Vec::new() }
    }
}

/// What a thread was doing at its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The thread was interrupted there.
    WasThere,
    Waits,
}

/// A sentence for each place. None for a single thread without a call: an excerpt of its line says as much.
pub fn standing(stacks: &[ThreadStack], manner: Manner) -> Vec<String> {
    if let [ThreadStack { call: None, .. }] = stacks {
        return Vec::new();
    }

    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for ThreadStack { process, main, line, call, frames: _ } in stacks {
        *places.entry((*process > 0, !*main, *line, call.as_deref())).or_default() += 1;
    }

    let mut sentences: Vec<String> = places
        .iter()
        .take(MOST_SENTENCES)
        .map(|((in_child, by_thread, line, call), count)| {
            let (who, many) = match (in_child, by_thread, count) {
                (false, false, _) => ("the main thread".to_owned(), false),
                (false, true, 1) => ("a thread".to_owned(), false),
                (false, true, count) => (format!("{count} threads"), true),
                (true, false, 1) => ("a child process".to_owned(), false),
                (true, false, count) => (format!("{count} child processes"), true),
                (true, true, 1) => ("a thread of a child process".to_owned(), false),
                (true, true, count) => (format!("{count} threads of child processes"), true),
            };

            let does = match (manner, many) {
                (Manner::Waits, false) => "waits",
                (Manner::Waits, true) => "wait",
                (Manner::WasThere, false) => "was",
                (Manner::WasThere, true) => "were",
            };

            let call = call.map_or_else(String::new, |call| format!(" in `{call}`"));
            format!("{who} {does}{call} at line {line}")
        })
        .collect();

    if places.len() > MOST_SENTENCES {
        sentences.push(format!("other threads stood at {} more places", places.len() - MOST_SENTENCES));
    }

    sentences
}

#[cfg(test)]
mod tests {
    use super::{Manner, ThreadStack, standing};
    use crate::snippet::Line;

    fn stack(process: u32, main: bool, line: u32, call: &str) -> ThreadStack {
        let call = Some(call.to_owned()).filter(|call| !call.is_empty());
        ThreadStack { process, main, line: Line(line), call, frames: Vec::new() }
    }

    #[test]
    fn places_are_told_once() {
        let stacks = [
            stack(0, false, 7, "Queue.get"),
            stack(1, true, 9, ""),
            stack(0, false, 7, "Queue.get"),
            stack(0, true, 12, "Thread.join"),
        ];
        let expected = [
            "the main thread waits in `Thread.join` at line 12",
            "2 threads wait in `Queue.get` at line 7",
            "a child process waits at line 9",
        ];

        assert_eq!(standing(&stacks, Manner::Waits), expected);
        assert_eq!(
            standing(&stacks[3..], Manner::WasThere),
            ["the main thread was in `Thread.join` at line 12"]
        );
        assert!(standing(&[stack(0, true, 3, "")], Manner::WasThere).is_empty());

        let many: Vec<_> = (1..=20).map(|line| stack(0, false, line, "")).collect();
        let told = standing(&many, Manner::Waits);
        assert_eq!((told.len(), told[8].as_str()), (9, "other threads stood at 12 more places"));
    }
}
