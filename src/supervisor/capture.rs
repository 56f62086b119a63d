//! What a snippet writes to a stream: marks taken out, head and tail kept, the rest counted.

#[cfg(test)]
mod properties;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use memchr::memmem::Finder;
use nix::errno::Errno;

use crate::outcome::{Piece, Stream};
use crate::snippet::Line;
use crate::wire::{Mark, Stack, Token};

/// Bytes of one `read`: what a pipe holds by default (pipe(7)).
const PORTION: usize = 64 << 10;
/// What a pipe holds at most, unless the machine's administrator says otherwise (`pipe-max-size`, proc(5)).
const FULL_PIPE: usize = 1 << 20;
/// Stacks of callers that are told apart in one step.
const STACKS: usize = 10_000;

/// The reading end of a session's stdout or stderr.
#[derive(Debug)]
pub(super) struct Capture {
    pipe: OwnedFd,
    finder: Finder<'static>,
    kept: usize,
    /// Bytes that may turn out to be the start of a mark.
    open: Vec<u8>,
    /// Of steps that have ended, and that nobody has asked for yet.
    steps: VecDeque<Stream>,
    /// Ends of steps that are still to come.
    ends_left: usize,
    /// Ends of examples that are still to come.
    examples_left: usize,
    /// Who wrote the bytes to come, and how many of them.
    writer: Option<(Writer, usize)>,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    written: u64,
    pieces: Vec<Piece>,
    callers: Vec<Vec<Line>>,
    /// Their places in the list above.
    known: HashMap<Stack, Writer>,
    examples: Vec<usize>,
}

/// How often something can end in a session, however many ends it writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) steps: usize,
    pub(super) examples: usize,
}

/// A line, and where its callers are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Writer {
    line: Line,
    callers: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    Empty,
    /// So much that more is to be expected at once.
    Plenty,
}

impl Capture {
    /// Keeps at most `kept` bytes of each step.
    pub(super) fn new(pipe: OwnedFd, token: &Token, kept: u64, ends: Ends) -> Self {
        Self {
            pipe,
            finder: Finder::new(token).into_owned(),
            kept: usize::try_from(kept).unwrap_or(usize::MAX),
            open: Vec::new(),
            steps: VecDeque::new(),
            ends_left: ends.steps,
            examples_left: ends.examples,
            writer: None,
            head: Vec::new(),
            tail: VecDeque::new(),
            written: 0,
            pieces: Vec::new(),
            callers: Vec::new(),
            known: HashMap::new(),
            examples: Vec::new(),
        }
    }

    /// Takes what is in the pipe now, at most a few portions so that a flood cannot hold the caller.
    pub(super) fn drain(&mut self, buffer: &mut Vec<u8>) -> io::Result<Drained> {
        buffer.resize(PORTION, 0);
        let mut taken = 0;
        while taken < 4 * PORTION {
            match nix::unistd::read(&self.pipe, buffer) {
                Ok(0) | Err(Errno::EAGAIN) => break,
                Ok(count) => {
                    self.feed(&buffer[..count]);
                    taken += count;
                    if count < PORTION {
                        break;
                    }
                }
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(if taken >= PORTION / 4 { Drained::Plenty } else { Drained::Empty })
    }

    /// What the oldest step has written whose end is in the pipe, else everything.
    pub(super) fn step(&mut self, buffer: &mut Vec<u8>) -> Stream {
        // The mark was written before the status that says so, but a full pipe may stand in front of it.
        for _ in 0..FULL_PIPE / PORTION {
            if !self.steps.is_empty() || !matches!(self.drain(buffer), Ok(Drained::Plenty)) {
                break;
            }
        }
        self.steps.pop_front().unwrap_or_else(|| self.rest())
    }

    /// What is left, by whichever step.
    pub(super) fn rest(&mut self) -> Stream {
        let mut whole = self.steps.pop_front().unwrap_or_default();
        while let Some(step) = self.steps.pop_front() {
            whole.append(&step);
        }
        let open = std::mem::take(&mut self.open);
        self.append(&open);
        whole.append(&self.cut());
        whole
    }

    /// Bytes that nobody has asked for yet: of the step that writes now, and of those that ran ahead.
    pub(super) fn written(&self) -> u64 {
        self.written + self.steps.iter().map(|step| step.written).sum::<u64>()
    }

    fn cut(&mut self) -> Stream {
        self.writer = None;
        self.known.clear();
        Stream {
            head: std::mem::take(&mut self.head),
            tail: Vec::from(std::mem::take(&mut self.tail)),
            written: std::mem::take(&mut self.written),
            pieces: std::mem::take(&mut self.pieces),
            callers: std::mem::take(&mut self.callers),
            examples: std::mem::take(&mut self.examples),
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        let joined;
        let mut bytes = if self.open.is_empty() {
            bytes
        } else {
            let mut whole = std::mem::take(&mut self.open);
            whole.extend_from_slice(bytes);
            joined = whole;
            &joined[..]
        };
        while let Some(place) = self.finder.find(bytes) {
            self.append(&bytes[..place]);
            let behind = place + self.finder.needle().len();
            let Some((mark, size)) = Mark::decode(&bytes[behind..]) else {
                self.open = bytes[place..].to_vec();
                return;
            };
            self.obey(mark);
            bytes = &bytes[behind + size..];
        }
        let open = open_mark(bytes, self.finder.needle());
        self.append(&bytes[..bytes.len() - open]);
        self.open = bytes[bytes.len() - open..].to_vec();
    }

    fn obey(&mut self, mark: Mark) {
        match mark {
            Mark::Written { by, length } => {
                self.writer = self.writer_of(by).map(|writer| (writer, length as usize));
            }
            Mark::Example if self.examples_left == 0 => {}
            Mark::Example => {
                self.examples_left -= 1;
                self.writer = None;
                if self.tail.is_empty() {
                    self.examples.push(self.head.len());
                }
            }
            Mark::Cut if self.ends_left == 0 => {}
            Mark::Cut => {
                self.ends_left -= 1;
                let step = self.cut();
                self.steps.push_back(step);
            }
        }
    }

    fn writer_of(&mut self, stack: Stack) -> Option<Writer> {
        let (line, callers) = stack.lines().split_first()?;
        let alone = Writer { line: Line(*line), callers: None };
        if callers.is_empty() {
            return Some(alone);
        }
        if let Some(writer) = self.known.get(&stack) {
            return Some(*writer);
        }
        if self.callers.len() == STACKS {
            return Some(alone);
        }
        let writer = Writer { callers: u32::try_from(self.callers.len()).ok(), ..alone };
        self.callers.push(callers.iter().copied().map(Line).collect());
        self.known.insert(stack, writer);
        Some(writer)
    }

    fn append(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if let Some((writer, left)) = self.writer.take() {
            let count = left.min(bytes.len());
            if self.tail.is_empty() {
                self.attribute(writer, count);
            }
            if left > count {
                self.writer = Some((writer, left - count));
            }
        }
        self.written += bytes.len() as u64;
        let half = self.kept / 2;
        if self.tail.is_empty() {
            self.head.extend_from_slice(bytes);
            if self.head.len() <= self.kept {
                return;
            }
            self.tail.extend(self.head.drain(half..));
            self.examples.retain(|end| *end <= half);
            self.pieces.retain(|piece| piece.start < half);
            if let Some(last) = self.pieces.last_mut() {
                last.end = last.end.min(half);
            }
        } else {
            self.tail.extend(bytes);
        }
        let surplus = self.tail.len().saturating_sub(half);
        self.tail.drain(..surplus);
    }

    /// The next bytes of the head.
    fn attribute(&mut self, Writer { line, callers }: Writer, count: usize) {
        let (start, end) = (self.head.len(), self.head.len() + count);
        match self.pieces.last_mut() {
            Some(last) if last.end == start && (last.line, last.callers) == (line, callers) => last.end = end,
            Some(_) | None if count > 0 => self.pieces.push(Piece { start, end, line, callers }),
            Some(_) | None => {}
        }
    }
}

/// How many bytes at the end of `bytes` may begin a token.
fn open_mark(bytes: &[u8], token: &[u8]) -> usize {
    let longest = bytes.len().min(token.len() - 1);
    (1..=longest).rev().find(|count| bytes[bytes.len() - count..] == token[..*count]).unwrap_or(0)
}

/// Makes reads return instead of waiting.
pub(super) fn set_nonblocking(pipe: &OwnedFd) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    debug_assert!(pipe.as_raw_fd() > 2);
    fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Token = *b"0123456789abcdef";

    fn capture(kept: u64) -> Capture {
        let (read, _write) = nix::unistd::pipe().unwrap();
        Capture::new(read, &TOKEN, kept, Ends { steps: 3, examples: 3 })
    }

    fn mark(line: u32, text: &str) -> Vec<u8> {
        stack(&[line], text)
    }

    fn stack(lines: &[u32], text: &str) -> Vec<u8> {
        let mut by = Stack::default();
        lines.iter().for_each(|line| by.push(*line));
        let length = u32::try_from(text.len()).unwrap();
        [Mark::Written { by, length }.encode(&TOKEN), text.as_bytes().to_vec()].concat()
    }

    #[test]
    fn marks_leave_and_name_their_lines() {
        let bytes =
            [b"c\n".to_vec(), mark(7, "one\n"), b"0123 c again\n".to_vec(), mark(8, "two\n")].concat();
        for portion in [1, 2, 3, 5, 100] {
            let mut capture = capture(100);
            bytes.chunks(portion).for_each(|chunk| capture.feed(chunk));
            let stream = capture.rest();
            assert_eq!(stream.text(), "c\none\n0123 c again\ntwo\n");
            assert_eq!(stream.written, 23);
            let mut by_line = std::collections::BTreeMap::<u32, Vec<u8>>::new();
            for piece in &stream.pieces {
                by_line.entry(piece.line.0).or_default().extend(&stream.head[piece.start..piece.end]);
            }
            let expected = [(7, b"one\n".to_vec()), (8, b"two\n".to_vec())];
            assert_eq!(by_line, expected.into(), "in portions of {portion}");
        }
    }

    #[test]
    fn a_flood_keeps_its_head_and_its_tail() {
        let mut capture = capture(10);
        for _ in 0..100 {
            capture.feed(b"abcdefg");
        }
        let stream = capture.rest();
        assert_eq!((stream.head.as_slice(), stream.tail.as_slice()), (&b"abcde"[..], &b"cdefg"[..]));
        assert_eq!(stream.written, 700);
    }

    #[test]
    fn steps_that_end_before_they_are_read_stay_apart() {
        let cut = Mark::Cut.encode(&TOKEN);
        let mut capture = capture(100);
        capture.feed(&[b"one\n", &cut[..], b"two\n", &cut, b"three"].concat());
        let mut buffer = Vec::new();
        let steps: Vec<String> = (0..3).map(|_| capture.step(&mut buffer).text()).collect();
        assert_eq!(steps, ["one\n", "two\n", "three"]);
    }

    #[test]
    fn ends_that_a_session_cannot_have_are_none() {
        let mut capture = capture(100);
        capture.feed(&[b"x".to_vec(), Mark::Cut.encode(&TOKEN)].concat().repeat(50));
        assert_eq!(capture.written(), 50);
        let mut buffer = Vec::new();
        let steps: Vec<String> = (0..4).map(|_| capture.step(&mut buffer).text()).collect();
        assert_eq!(steps, ["x", "x", "x", &"x".repeat(47)]);
    }

    #[test]
    fn callers_are_told_with_what_they_led_to() {
        let bytes = [
            stack(&[2, 9], "a\n"),
            stack(&[2, 9], "b\n"),
            stack(&[2], "c\n"),
            stack(&[2, 8, 9], "d\n"),
            stack(&[2, 9], "e\n"),
        ]
        .concat();
        for portion in [1, 7, 1000] {
            let mut capture = capture(100);
            bytes.chunks(portion).for_each(|chunk| capture.feed(chunk));
            let stream = capture.rest();
            let pieces: Vec<_> = stream.pieces.iter().map(|piece| (piece.end, piece.callers)).collect();
            assert_eq!(pieces, [(4, Some(0)), (6, None), (8, Some(1)), (10, Some(0))]);
            assert_eq!(stream.callers, [vec![Line(9)], vec![Line(8), Line(9)]]);
        }
    }

    #[test]
    fn no_more_stacks_are_kept_than_are_of_use() {
        let mut capture = capture(1 << 20);
        for line in 0..20_000 {
            capture.feed(&stack(&[1, 2 + line], "x\n"));
        }
        let stream = capture.rest();
        assert_eq!(stream.callers.len(), STACKS);
        assert_eq!(stream.pieces.last().unwrap().callers, None);
    }

    #[test]
    fn examples_end_where_they_say() {
        let end = Mark::Example.encode(&TOKEN);
        let mut capture = capture(10);
        capture.feed(&[b"one", &end[..], &end, b"0123456789", &end].concat());
        let stream = capture.rest();
        assert_eq!((stream.examples, stream.head), (vec![3, 3], b"one01".to_vec()));
    }

    #[test]
    fn examples_that_a_session_cannot_have_are_none() {
        let mut capture = capture(10);
        capture.feed(&Mark::Example.encode(&TOKEN).repeat(50));
        assert_eq!(capture.rest().examples, [0; 3]);
    }

    #[test]
    fn the_start_of_a_mark_that_never_comes_is_output() {
        let mut capture = capture(100);
        capture.feed(b"x0123");
        assert_eq!(capture.rest().text(), "x0123");
    }
}
