//! Both streams of a snippet as a terminal shows them: in the order in which they were written.

use std::ops::Range;

use crate::outcome::stream::{Piece, Stream};
use crate::snippet::Line;

/// Stretches of both streams in the order in which they were written.
#[derive(Debug)]
pub struct Terminal<'a> {
    stretches: Vec<(&'a Stream, Range<usize>)>,
}

impl<'a> Terminal<'a> {
    /// `None` where something of a stream was dropped, so that the order is not known.
    pub fn new(stdout: &'a Stream, stderr: &'a Stream) -> Option<Self> {
        if !stdout.tail.is_empty() || !stderr.tail.is_empty() {
            return None;
        }

        let mut numbered: Vec<(u32, &Stream, Range<usize>)> = Vec::new();
        for stream in [stderr, stdout] {
            let (mut start, mut number) = (0, 0);
            for turn in &stream.turns {
                numbered.push((number, stream, start..turn.start));
                (start, number) = (turn.start, turn.number);
            }
            numbered.push((number, stream, start..stream.head.len()));
        }

        numbered.sort_by_key(|(number, _, _)| *number);
        let stretches = numbered.into_iter().map(|(_, stream, range)| (stream, range));
        Some(Self { stretches: stretches.filter(|(_, range)| !range.is_empty()).collect() })
    }

    /// The bytes in their order, each with the lines that wrote it: the writing line and its callers. No lines where the
    /// writer is unknown.
    pub fn pieces(&self) -> impl Iterator<Item = (Vec<Line>, &'a [u8])> {
        self.stretches.iter().flat_map(|(stream, range)| {
            let parts = parts(stream, range.clone()).into_iter();
            parts.map(|(part, lines)| (lines, stream.head.get(part).unwrap_or_default()))
        })
    }
}

/// A stretch as it is divided by the lines that wrote it; no lines where the writer is unknown.
fn parts(stream: &Stream, range: Range<usize>) -> Vec<(Range<usize>, Vec<Line>)> {
    let first = stream.pieces.partition_point(|piece| piece.end <= range.start);
    let mut parts = Vec::new();
    let mut at = range.start;
    for piece in stream.pieces[first..].iter().take_while(|piece| piece.start < range.end) {
        let (start, end) = (piece.start.max(at), piece.end.min(range.end));
        if at < start {
            parts.push((at..start, Vec::new()));
        }
        parts.push((start..end.max(start), lines(stream, piece)));
        at = end.max(start);
    }
    if at < range.end {
        parts.push((at..range.end, Vec::new()));
    }
    parts
}

fn lines(stream: &Stream, piece: &Piece) -> Vec<Line> {
    let callers = piece.callers.and_then(|callers| stream.callers.get(callers as usize));
    std::iter::once(piece.line).chain(callers.into_iter().flatten().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::Terminal;
    use crate::outcome::stream::{Piece, Stream, Turn};
    use crate::snippet::Line;

    fn stream(text: &str, turns: &[(usize, u32)]) -> Stream {
        let turns = turns.iter().map(|(start, number)| Turn { start: *start, number: *number }).collect();
        Stream { head: text.as_bytes().to_vec(), turns, ..Stream::default() }
    }

    #[track_caller]
    fn check(stdout: &Stream, stderr: &Stream, expected: &str) {
        let terminal = Terminal::new(stdout, stderr).unwrap();
        let bytes: Vec<u8> = terminal.pieces().flat_map(|(_, bytes)| bytes).copied().collect();
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn streams_take_turns() {
        check(&stream("a\nb\n", &[(0, 1), (2, 3)]), &stream("x\ny\n", &[(0, 2)]), "a\nx\ny\nb\n");
        // In an earlier step stdout was written last.
        check(&stream("a\nb\n", &[(2, 3)]), &stream("x\n", &[(0, 2)]), "a\nx\nb\n");
        check(&stream("a\n", &[(0, 1)]), &stream("", &[]), "a\n");
        check(&stream("", &[]), &stream("", &[]), "");
    }

    #[test]
    fn what_was_dropped_has_no_order() {
        let cut = Stream { tail: b"z".to_vec(), ..stream("a", &[]) };
        assert!(Terminal::new(&cut, &stream("", &[])).is_none());
        assert!(Terminal::new(&stream("", &[]), &cut).is_none());
    }

    #[test]
    fn lines_own_parts_of_a_stretch() {
        let mut stdout = stream("one C two", &[(0, 1)]);
        let piece = |start, end, line| Piece { start, end, line: Line(line), callers: None };
        stdout.pieces = vec![piece(0, 4, 7), piece(6, 9, 8)];
        let none = stream("", &[]);
        let terminal = Terminal::new(&stdout, &none).unwrap();
        let pieces: Vec<(Vec<Line>, &[u8])> = terminal.pieces().collect();
        assert_eq!(pieces, [(vec![Line(7)], &b"one "[..]), (vec![], b"C "), (vec![Line(8)], b"two")]);
    }
}
