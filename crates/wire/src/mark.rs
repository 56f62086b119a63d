//! Marks in a session's output: which lines wrote the bytes after a mark, and where the output of something ends.
//!
//! A mark is the token, a line and a length. If the lines are not exactly one, a sign is in the place of the line and the
//! number of lines in the place of the length; after these come the lines, the innermost first, and the length.

use crate::token::Token;

/// Lines of callers that are kept beside the line that writes.
const CALLERS: usize = 16;
/// Signs in the place of a line: no document has so many.
const CUT: u32 = u32::MAX;
const EXAMPLE: u32 = u32::MAX - 1;
const STACK: u32 = u32::MAX - 2;
const TURN: u32 = u32::MAX - 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The next `length` bytes were written with these lines on the stack.
    Written { by: Stack, length: u32 },
    /// What follows was written after something in the session's other stream. Turns of both streams count together.
    Turn(u32),
    /// The output of an example of a console session ends here.
    Example,
    /// The output of a step ends here.
    Cut,
}

/// Different lines of a document, innermost first. Lines that find no room are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stack {
    lines: [u32; 1 + CALLERS],
    count: usize,
}

impl Stack {
    pub fn push(&mut self, line: u32) {
        if !self.is_full() && !self.lines().contains(&line) {
            self.lines[self.count] = line;
            self.count += 1;
        }
    }

    pub fn lines(&self) -> &[u32] {
        &self.lines[..self.count]
    }

    pub fn is_full(&self) -> bool {
        self.count == self.lines.len()
    }
}

impl Mark {
    pub fn encode(&self, token: &Token) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(token);
        let mut push = |number: u32| bytes.extend_from_slice(&number.to_ne_bytes());

        match self {
            Self::Written { by, length } => {
                match by.lines() {
                    [line] => push(*line),
                    lines => {
                        push(STACK);
                        push(u32::try_from(lines.len()).expect("a stack is short"));
                        for line in lines {
                            push(*line);
                        }
                    }
                }
                push(*length);
            }
            Self::Turn(number) => [TURN, *number].into_iter().for_each(push),
            Self::Example => [EXAMPLE, 0].into_iter().for_each(push),
            Self::Cut => [CUT, 0].into_iter().for_each(push),
        }
        bytes
    }

    /// The mark that the bytes after a token begin with, and its size. `None` until all of it is there.
    pub fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let number = |index: usize| {
            let bytes = bytes.get(4 * index..4 * index + 4)?;
            Some(u32::from_ne_bytes(bytes.try_into().expect("the slice holds four bytes")))
        };
        let (line, length) = (number(0)?, number(1)?);

        let mut by = Stack::default();
        match line {
            CUT => Some((Self::Cut, 8)),
            EXAMPLE => Some((Self::Example, 8)),
            TURN => Some((Self::Turn(length), 8)),
            STACK => {
                // A mark with more lines than a session writes is a snippet's; it names no lines.
                let count =
                    usize::try_from(length).ok().filter(|count| *count <= by.lines.len()).unwrap_or(0);
                for index in 0..count {
                    by.push(number(2 + index)?);
                }
                Some((Self::Written { by, length: number(2 + count)? }, 12 + 4 * count))
            }
            line => {
                by.push(line);
                Some((Self::Written { by, length }, 8))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Token = *b"0123456789abcdef";

    #[track_caller]
    fn check(lines: &[u32], kept: usize) {
        let mut by = Stack::default();
        for line in lines {
            by.push(*line);
        }
        assert_eq!(by.lines().len(), kept);
        let mark = Mark::Written { by, length: 5 };
        let bytes = mark.encode(&TOKEN);
        let body = &bytes[TOKEN.len()..];
        assert_eq!(Mark::decode(body), Some((mark, body.len())));
        assert_eq!(Mark::decode(&body[..body.len() - 1]), None);
    }

    #[test]
    fn stacks_arrive_as_they_were() {
        check(&[7], 1);
        check(&[7, 3, 1], 3);
        check(&[7, 3, 7, 3, 1], 3);
        check(&(1..100).collect::<Vec<_>>(), 17);
    }

    #[test]
    fn turns_arrive_with_their_numbers() {
        let bytes = Mark::Turn(7).encode(&TOKEN);
        assert_eq!(Mark::decode(&bytes[TOKEN.len()..]), Some((Mark::Turn(7), 8)));
    }

    #[test]
    fn a_stack_that_nobody_writes_names_no_lines() {
        let bytes = [STACK, 1 << 30, 9].map(u32::to_ne_bytes).concat();
        let mark = Mark::Written { by: Stack::default(), length: 9 };
        assert_eq!(Mark::decode(&bytes), Some((mark, 12)));
    }
}
