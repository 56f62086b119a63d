//! What a snippet writes to a stream: marks taken out, head and tail kept, the rest counted.

#[cfg(test)]
mod properties;

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use memchr::memmem::Finder;
use nix::errno::Errno;

use crate::outcome::{Piece, Stream};
use crate::snippet::Line;
use crate::wire::{CUT, Token};

/// A mark in front of output: token, line, length.
const MARK: usize = size_of::<Token>() + 8;
/// Bytes of one `read`: what a pipe holds by default (pipe(7)).
const PORTION: usize = 64 << 10;
/// What a pipe holds at most, unless the machine's administrator says otherwise (`pipe-max-size`, proc(5)).
const FULL_PIPE: usize = 1 << 20;

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
    /// Ends that are still to come: a session has so many steps, however many ends it writes.
    ends_left: usize,
    /// Who wrote the bytes to come, and how many of them.
    writer: Option<(Line, usize)>,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    written: u64,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drained {
    Empty,
    /// So much that more is to be expected at once.
    Plenty,
}

impl Capture {
    /// Keeps at most `kept` bytes of each step, of which there are at most as many as `ends`.
    pub(super) fn new(pipe: OwnedFd, token: &Token, kept: u64, ends: usize) -> Self {
        Self {
            pipe,
            finder: Finder::new(token).into_owned(),
            kept: usize::try_from(kept).unwrap_or(usize::MAX),
            open: Vec::new(),
            steps: VecDeque::new(),
            ends_left: ends,
            writer: None,
            head: Vec::new(),
            tail: VecDeque::new(),
            written: 0,
            pieces: Vec::new(),
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
        Stream {
            head: std::mem::take(&mut self.head),
            tail: Vec::from(std::mem::take(&mut self.tail)),
            written: std::mem::take(&mut self.written),
            pieces: std::mem::take(&mut self.pieces),
            callers: Vec::new(),
            examples: Vec::new(),
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
            let Some(mark) = bytes.get(place..place + MARK) else {
                self.open = bytes[place..].to_vec();
                return;
            };
            let number =
                |at: usize| u32::from_ne_bytes(mark[at..at + 4].try_into().expect("four bytes of a mark"));
            match number(MARK - 8) {
                CUT if self.ends_left == 0 => {}
                CUT => {
                    self.ends_left -= 1;
                    let step = self.cut();
                    self.steps.push_back(step);
                }
                line => self.writer = Some((Line(line), number(MARK - 4) as usize)),
            }
            bytes = &bytes[place + MARK..];
        }
        let open = open_mark(bytes, self.finder.needle());
        self.append(&bytes[..bytes.len() - open]);
        self.open = bytes[bytes.len() - open..].to_vec();
    }

    fn append(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if let Some((line, left)) = self.writer.take() {
            let count = left.min(bytes.len());
            let start = self.head.len();
            if self.tail.is_empty() && start + count <= self.kept {
                self.pieces.push(Piece { start, end: start + count, line, callers: None });
            }
            if left > count {
                self.writer = Some((line, left - count));
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
            self.pieces.retain(|piece| piece.end <= half);
        } else {
            self.tail.extend(bytes);
        }
        let surplus = self.tail.len().saturating_sub(half);
        self.tail.drain(..surplus);
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
        Capture::new(read, &TOKEN, kept, 3)
    }

    fn mark(line: u32, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap();
        [&TOKEN, &line.to_ne_bytes()[..], &length.to_ne_bytes(), text.as_bytes()].concat()
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
        let mut cut = mark(CUT, "");
        cut.extend(b"two\n");
        let mut capture = capture(100);
        capture.feed(&[b"one\n".to_vec(), cut, mark(CUT, ""), b"three".to_vec()].concat());
        let mut buffer = Vec::new();
        let steps: Vec<String> = (0..3).map(|_| capture.step(&mut buffer).text()).collect();
        assert_eq!(steps, ["one\n", "two\n", "three"]);
    }

    #[test]
    fn ends_that_a_session_cannot_have_are_none() {
        let mut capture = capture(100);
        capture.feed(&[b"x".to_vec(), mark(CUT, "")].concat().repeat(50));
        assert_eq!(capture.written(), 50);
        let mut buffer = Vec::new();
        let steps: Vec<String> = (0..4).map(|_| capture.step(&mut buffer).text()).collect();
        assert_eq!(steps, ["x", "x", "x", &"x".repeat(47)]);
    }

    #[test]
    fn the_start_of_a_mark_that_never_comes_is_output() {
        let mut capture = capture(100);
        capture.feed(b"x0123");
        assert_eq!(capture.rest().text(), "x0123");
    }
}
