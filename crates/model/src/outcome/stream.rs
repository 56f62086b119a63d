//! What a snippet wrote, and which of its lines wrote it.

use serde::{Deserialize, Serialize};

use crate::snippet::Line;

/// What was written to a stream: all of it, or its head and its tail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    pub head: Vec<u8>,
    /// Empty unless something between head and tail was dropped.
    pub tail: Vec<u8>,
    /// How many bytes were written, kept or not.
    pub written: u64,
    /// Which line of the document wrote which part of `head`, ascending. What is in no piece was written by C code or by child
    /// processes.
    pub pieces: Vec<Piece>,
    /// Stacks that pieces refer to: the lines of the document that had called the writing one, innermost first.
    pub callers: Vec<Vec<Line>>,
    /// Where in `head` the output of each example of a console session ends.
    pub examples: Vec<usize>,
    /// Where in `head` something begins that was written after something in the other stream.
    pub turns: Vec<Turn>,
}

/// The bytes of a stream's head from `start` on were written at this place in the order of both streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub start: usize,
    pub number: u32,
}

impl Stream {
    /// Adds what was written after this stream. A stream that was cut stays cut.
    pub fn append(&mut self, more: &Self) {
        if self.tail.is_empty() {
            let offset = self.head.len();
            let known = u32::try_from(self.callers.len()).unwrap_or(u32::MAX);
            let shifted = |piece: &Piece| Piece {
                start: piece.start + offset,
                end: piece.end + offset,
                callers: piece.callers.map(|callers| callers + known),
                ..*piece
            };

            self.pieces.extend(more.pieces.iter().map(shifted));
            self.callers.extend_from_slice(&more.callers);
            self.examples.extend(more.examples.iter().map(|end| end + offset));
            self.turns.extend(more.turns.iter().map(|turn| Turn { start: turn.start + offset, ..*turn }));
            self.head.extend_from_slice(&more.head);
            self.tail.extend_from_slice(&more.tail);
        } else {
            self.tail.extend_from_slice(&more.head);
            self.tail.extend_from_slice(&more.tail);
        }

        self.written += more.written;
    }

    /// The text of the stream, with replacement characters for what is no UTF-8 and a line that counts what was dropped.
    pub fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.head).into_owned();
        if !self.tail.is_empty() {
            let dropped = self.written - (self.head.len() + self.tail.len()) as u64;
            text.extend(["\n[", &dropped.to_string(), " bytes not kept]\n"]);
            text.push_str(&String::from_utf8_lossy(&self.tail));
        }
        text
    }
}

/// Bytes `start..end` of a stream's head, written by Python code at `line`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub start: usize,
    pub end: usize,
    pub line: Line,
    /// Index into `Stream::callers`; none for output at the top level.
    pub callers: Option<u32>,
}
