//! Which lines of a document led to which output. A stream is read once, however many lines are looked up.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::outcome::stream::Stream;
use crate::snippet::Line;

/// An index of a stream by line.
#[derive(Clone, Debug)]
pub struct Attribution<'a> {
    stream: &'a Stream,
    /// Indices of the pieces that were written while a line was on the stack, ascending.
    pieces: BTreeMap<Line, Vec<usize>>,
}

impl<'a> Attribution<'a> {
    pub fn new(stream: &'a Stream) -> Self {
        let mut pieces: BTreeMap<Line, Vec<usize>> = BTreeMap::new();
        for (index, piece) in stream.pieces.iter().enumerate() {
            let callers = piece.callers.and_then(|callers| stream.callers.get(callers as usize));
            for line in callers.into_iter().flatten().chain([&piece.line]) {
                pieces.entry(*line).or_default().push(index);
            }
        }

        Self { stream, pieces }
    }

    /// What was written to the head while one of these lines ran, or something that it called.
    pub fn written_at(&self, lines: RangeInclusive<Line>) -> Vec<u8> {
        if lines.is_empty() {
            return Vec::new();
        }

        let mut indices: Vec<usize> =
            self.pieces.range(lines).flat_map(|(_, pieces)| pieces).copied().collect();
        indices.sort_unstable();
        indices.dedup();

        let pieces = indices.into_iter().filter_map(|index| self.stream.pieces.get(index));
        pieces.filter_map(|piece| self.stream.head.get(piece.start..piece.end)).flatten().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::stream::Piece;

    #[track_caller]
    fn check(lines: RangeInclusive<u32>, expected: &str) {
        let piece = |start, end, line, callers| Piece { start, end, line: Line(line), callers };
        let stream = Stream {
            head: b"one two C three ".to_vec(),
            pieces: vec![piece(0, 4, 2, Some(0)), piece(4, 8, 7, None), piece(10, 16, 2, Some(1))],
            callers: vec![vec![Line(5)], vec![Line(3), Line(6)]],
            ..Stream::default()
        };
        let written = Attribution::new(&stream).written_at(Line(*lines.start())..=Line(*lines.end()));
        assert_eq!(String::from_utf8(written).unwrap(), expected, "{lines:?}");
    }

    #[test]
    fn lines_own_what_they_wrote_and_what_they_called() {
        check(2..=2, "one three ");
        check(5..=5, "one ");
        check(6..=6, "three ");
        check(5..=7, "one two three ");
        check(1..=9, "one two three ");
        check(8..=9, "");
    }
}
