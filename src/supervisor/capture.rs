//! What a snippet writes to a stream: marks taken out, head and tail kept, the rest counted.

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use memchr::memmem::Finder;
use nix::errno::Errno;

use crate::model::outcome::{Piece, Stream, Turn};
use crate::model::snippet::Line;
use crate::wire::{Mark, Stack, Token};

/// Bytes of one `read`: what a pipe holds by default (pipe(7)).
const PORTION: usize = 64 << 10;
/// What a pipe holds at most, unless the machine's administrator says otherwise (`pipe-max-size`, proc(5)).
const FULL_PIPE: usize = 1 << 20;
/// Stacks of callers that are told apart in one step.
const STACKS: usize = 10_000;
/// Changes from one stream to the other that are kept of one step.
const TURNS: usize = 10_000;

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
    turns: Vec<Turn>,
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
            turns: Vec::new(),
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
            turns: std::mem::take(&mut self.turns),
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
            let after = place + self.finder.needle().len();
            let Some((mark, size)) = Mark::decode(&bytes[after..]) else {
                self.open = bytes[place..].to_vec();
                return;
            };
            self.obey(mark);
            bytes = &bytes[after + size..];
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
            Mark::Turn(number) => {
                self.writer = None;
                if self.tail.is_empty() && self.turns.len() < TURNS {
                    self.turns.push(Turn { start: self.head.len(), number });
                }
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
            self.turns.retain(|turn| turn.start < half);
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
